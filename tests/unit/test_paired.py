"""The paired bootstrap: known values, what must hold of any models, and how often its intervals are right."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segue.errors import SegueError
from segue.evaluate.paired import over_seeds, paired_table, resampled_means, standard_errors
from segue.run.measured import verdict


def table(values, playlists=None):
    playlists = range(len(values)) if playlists is None else playlists
    return pl.DataFrame({"playlist": pl.Series(playlists, dtype=pl.Int32), "mrr": [float(v) for v in values]})


def row(a, b, seed=1):
    (found,) = paired_table({"a": table(a), "b": table(b)}, ["mrr"], [("a", "b")], seed).iter_rows(named=True)
    return found


def test_two_playlists_are_drawn_as_two_coins_fall():
    """Of 0 and 1 the mean of two draws is 0, 1/2 or 1, with 1/4, 1/2 and 1/4."""
    means = resampled_means(np.array([[0.0, 5.0], [1.0, 5.0]]), seed=3, resamples=40_000)
    values, counts = np.unique(means[:, 0], return_counts=True)
    assert values.tolist() == [0, 0.5, 1]
    assert counts / 40_000 == pytest.approx([0.25, 0.5, 0.25], abs=0.01)
    assert (means[:, 1] == 5).all()


def test_the_same_whatever_is_held_at_a_time(monkeypatch):
    values = np.random.default_rng(0).random((11, 3))
    means = resampled_means(values, seed=7, resamples=100)
    monkeypatch.setattr("segue.evaluate.paired.BLOCK", 1)
    np.testing.assert_allclose(resampled_means(values, seed=7, resamples=100), means, rtol=1e-15)


def test_a_constant_lead_is_certain_however_much_playlists_differ():
    values = np.random.default_rng(0).random(50)
    found = row(values + 0.125, values)
    assert (found["difference"], found["low"], found["high"]) == pytest.approx((0.125,) * 3)
    assert (found["verdict"], found["playlists"], found["metric"]) == ("better", 50, "mrr")


def test_a_lead_on_one_playlist_of_many_is_undecided():
    """No resample has a negative difference, but more than 2.5% of them, 1/e, leave that playlist out."""
    found = row([1.0] + [0.0] * 99, [0.0] * 100)
    assert found["difference"] == pytest.approx(0.01)
    assert found["low"] == 0
    assert found["verdict"] == "undecided"


def test_the_interval_of_many_playlists_is_that_of_the_normal_law():
    rng = np.random.default_rng(5)
    a, b = rng.normal(0.3, 1, 4000), rng.normal(0.25, 1, 4000)
    found, error = row(a, b), np.std(a - b, ddof=1) / 4000**0.5
    assert found["low"] == pytest.approx(found["difference"] - 1.96 * error, abs=0.1 * error)
    assert found["high"] == pytest.approx(found["difference"] + 1.96 * error, abs=0.1 * error)


def test_intervals_hold_the_true_difference_about_as_often_as_they_say():
    """400 tests of 60 playlists: between 92% and 97.5% of the intervals, where 95% are asked for."""
    rng, held = np.random.default_rng(1), 0
    for seed in range(400):
        shared = rng.random(60)  # what makes playlists easy or hard for both
        a = (rng.random(60) < 0.3 + 0.5 * shared).astype(float)
        b = (rng.random(60) < 0.2 + 0.5 * shared).astype(float)
        means = resampled_means(np.stack([a, b], axis=1), seed, resamples=500)
        low, high = np.percentile(means[:, 0] - means[:, 1], (2.5, 97.5))
        held += low <= 0.1 <= high
    assert 0.92 <= held / 400 <= 0.975


@settings(max_examples=20, deadline=None)
@given(arrays(float, (2, 9), elements=st.floats(0, 1)), st.integers(0, 99))
def test_the_other_way_round_all_is_reversed(values, seed):
    tables = {"a": table(values[0]), "b": table(values[1])}
    there, back = paired_table(tables, ["mrr"], [("a", "b"), ("b", "a")], seed).iter_rows(named=True)
    assert there["difference"] == -back["difference"]
    assert (there["low"], there["high"]) == pytest.approx((-back["high"], -back["low"]), abs=1e-12)
    opposite = {"better": "worse", "worse": "better", "undecided": "undecided"}
    assert there["verdict"] == opposite[back["verdict"]]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.1, 0.2, "better"), (-0.2, -0.1, "worse"), (-0.1, 0.1, "undecided"), (0.0, 0.1, "undecided")],
)
def test_the_verdict_needs_an_interval_without_0(low, high, said):
    assert verdict(low, high) == said


def test_of_several_seeds_a_playlist_has_the_mean_whatever_the_order_of_the_rows():
    tables = {"a": [table([0, 1, 0]), table([0.5, 1, 0.5], [2, 1, 0])], "b": [table([1, 1, 1])]}
    found = over_seeds(tables)
    assert found["a"].rows() == [(0, 0.25), (1, 1.0), (2, 0.25)]
    assert found["b"].rows() == [(0, 1.0), (1, 1.0), (2, 1.0)]


def test_models_of_other_playlists_are_refused():
    tables = {"a": [table([0, 1])], "b": [table([0, 1], [1, 2])]}
    with pytest.raises(SegueError, match=r"other playlists[\s\S]*b, beside a[\s\S]*2 playlists, 1 of them"):
        over_seeds(tables)


def test_the_error_of_a_mean():
    found = standard_errors({"a": table([0, 0, 1, 1]), "b": table([1])})
    # Variance 1/3 of a sample, over 4 playlists.
    assert found["error"].to_list() == [pytest.approx((1 / 12) ** 0.5), None]
    assert found.select("model", "metric", "mean").rows() == [("a", "mrr", 0.5), ("b", "mrr", 1.0)]
