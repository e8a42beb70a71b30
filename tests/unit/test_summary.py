"""The summary of all tests: plain, and over the seeds of trainings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.evaluate.summary import seeds_table, summary_table


def result(model, recall, **parts):
    metrics = {"recall@5": {"value": recall, "playlists": 7}, "mrr": {"value": 1 - recall, "playlists": 7}}
    return {"model": model, **parts, "metrics": metrics}


def trained(recall, conv="lgc", seed=None):
    parts = {"conv": conv, "sampler": "softmax", "alpha": "fixed"}
    of_seed = {} if seed is None else {"seed": seed}
    suffix = "" if seed is None else f"-seed{seed}"
    return result(f"{conv}-softmax-fixed{suffix}", recall, **parts, **of_seed)


RESULTS = [
    trained(0.25),
    trained(0.5, seed=2),
    trained(0.625, seed=30),
    trained(0.75, "gat"),
    result("knn", 0.125),
]


def test_without_seeds_a_row_is_what_its_test_wrote():
    table = summary_table([RESULTS[0], RESULTS[3], RESULTS[4]])
    assert table.columns == ["model", "conv", "sampler", "alpha", "playlists", "recall@5", "mrr"]
    assert table.rows() == [
        ("lgc-softmax-fixed", "lgc", "softmax", "fixed", 7, 0.25, 0.75),
        ("gat-softmax-fixed", "gat", "softmax", "fixed", 7, 0.75, 0.25),
        ("knn", None, None, None, 7, 0.125, 0.875),
    ]


def test_with_seeds_a_row_is_their_mean_and_says_of_how_many():
    table = summary_table(RESULTS)
    assert table.columns == ["model", "conv", "sampler", "alpha", "seeds", "playlists", "recall@5", "mrr"]
    assert table.drop("conv", "sampler", "alpha").rows() == [
        ("lgc-softmax-fixed", 3, 7, 1.375 / 3, 1.625 / 3),
        ("gat-softmax-fixed", 1, 7, 0.75, 0.25),
        ("knn", None, 7, 0.125, 0.875),
    ]


def test_how_far_the_seeds_are_apart():
    table = seeds_table(RESULTS)
    of = {(row["model"], row["metric"]): row for row in table.iter_rows(named=True)}
    assert list(of) == [
        (f"{conv}-softmax-fixed", metric) for metric in ("recall@5", "mrr") for conv in ("lgc", "gat")
    ]
    row = of["lgc-softmax-fixed", "recall@5"]
    assert (row["seeds"], row["least"], row["largest"]) == (3, 0.25, 0.625)
    assert row["mean"] == pytest.approx(1.375 / 3)
    # Deviations from the mean 11/24: -5/24, 1/24, 4/24; their squares sum to 42/576.
    assert row["sd"] == pytest.approx((42 / 576 / 2) ** 0.5)
    assert (of["gat-softmax-fixed", "mrr"]["seeds"], of["gat-softmax-fixed", "mrr"]["sd"]) == (1, None)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5))
def test_a_mean_lies_between_the_seeds(recalls):
    results = [trained(recall, seed=seed or None) for seed, recall in enumerate(recalls)]
    (row,) = summary_table(results).iter_rows(named=True)
    (spread, _) = seeds_table(results).iter_rows(named=True)
    assert spread["least"] - 1e-12 <= row["recall@5"] <= spread["largest"] + 1e-12
    assert spread["mean"] == pytest.approx(row["recall@5"], abs=1e-12)
