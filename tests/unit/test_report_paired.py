"""What the report says of networks and baselines: better only where the interval says so."""

import polars as pl

from segue.report.paired import answer, difference_tables

PAIRED = pl.DataFrame(
    [
        ("recall@20", "lgc-softmax-fixed", "ease", 900, 0.02, 0.01, 0.03, "better", True),
        ("ndcg@20", "lgc-softmax-fixed", "ease", 900, 0.004, -0.001, 0.009, "undecided", True),
        ("recall@20", "gat-hard-fixed", "ease", 900, -0.1, -0.12, -0.08, "worse", False),
        ("ndcg@20", "gat-hard-fixed", "ease", 900, -0.1, -0.12, -0.08, "worse", False),
        ("recall@20", "lgc-softmax-fixed", "knn", 900, 0.03, 0.02, 0.04, "better", False),
        ("ndcg@20", "lgc-softmax-fixed", "knn", 900, 0.03, 0.02, 0.04, "better", False),
    ],
    ["metric", "model", "baseline", "playlists", "difference", "low", "high", "verdict", "by_validation"],
    orient="row",
)


def test_the_pair_that_validation_chose_is_said_to_be_what_its_intervals_say():
    first, better, undecided, how = answer(PAIRED)
    assert first == (
        "By validation recall LightGCN softmax, fixed α is the best graph network, and EASE the best "
        "baseline."
    )
    assert better == (
        "On the test LightGCN softmax, fixed α is better than EASE: Recall@20 +0.0200 (+0.0100 to +0.0300)."
    )
    assert undecided == (
        "On the test which of them is better is undecided: NDCG@20 +0.0040 (-0.0010 to +0.0090)."
    )
    assert "the same 900 playlists" in how
    assert how.endswith("another seed moves a network too.")
    assert [*answer(PAIRED, seeds=3)][-1].endswith(
        "moves a network too (the table Seeds says how far, of 3)."
    )


def test_a_baseline_that_is_ahead_is_said_to_be():
    worse = PAIRED.with_columns(verdict=pl.lit("worse"), difference=-pl.col("difference"))
    (_, said, _) = answer(worse)
    assert said.startswith("On the test LightGCN softmax, fixed α is worse than EASE: Recall@20 -0.0200 (")
    assert "; NDCG@20 -0.0040 (" in said


def test_tables_of_the_best_against_all_and_of_all_against_the_best():
    (first, against), (second, each) = difference_tables(PAIRED)
    assert (first, second) == (
        "LightGCN softmax, fixed α against each baseline",
        "Each model against EASE",
    )
    assert against.columns == ["baseline", "metric", "difference", "from", "to", "the model is"]
    assert against.select("baseline", "metric").rows() == [
        ("EASE", "Recall@20"),
        ("EASE", "NDCG@20"),
        ("Item-kNN", "Recall@20"),
        ("Item-kNN", "NDCG@20"),
    ]
    assert each.select("model", "the model is").rows()[1:3] == [
        ("LightGCN softmax, fixed α", "undecided"),
        ("GAT hard, fixed α", "worse"),
    ]
