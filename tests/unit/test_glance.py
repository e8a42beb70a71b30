"""What a report says first: who won, and no more than the intervals let it say."""

from dataclasses import replace

import polars as pl
import pytest

from segue.report.glance import Finished, answer, evidence, headline, shown_models, trained_on

STATS = {
    "k_core": 3,
    "before": {"playlists": 4000, "tracks": 90000, "edges": 260000},
    "after": {"playlists": 3266, "tracks": 4808, "edges": 109497},
}
SUMMARY = pl.DataFrame(
    [
        ("lgc-softmax-fixed", "lgc", 0.70, 0.20, 0.30),
        ("lgc-hard-fixed", "lgc", 0.69, 0.19, 0.29),
        ("gat-hard-fixed", "gat", 0.60, 0.15, 0.25),
        ("gat-random-fixed", "gat", 0.65, 0.16, 0.26),
        ("both", None, 0.72, 0.21, 0.31),
        ("knn", None, 0.68, 0.18, 0.28),
        ("popularity", None, 0.20, 0.01, 0.02),
    ],
    ["model", "conv", "recall@20", "ndcg@5", "ndcg@20"],
    orient="row",
).with_columns(playlists=pl.lit(900))
# By validation GAT's hard negatives are ahead of its random ones, though not on the test.
VALIDATED = {
    "lgc-softmax-fixed": 0.71,
    "lgc-hard-fixed": 0.69,
    "gat-hard-fixed": 0.66,
    "gat-random-fixed": None,
}


def verdict(low, high):
    return "better" if low > 0 else "worse" if high < 0 else "undecided"


def pairs(against, recall=0.01, ndcg=0.01):
    """The best network against each, with intervals of 0.02."""
    rows = [
        (metric, "lgc-softmax-fixed", name, 900, value, value - 0.01, value + 0.01)
        for metric, value in (("recall@20", recall), ("ndcg@5", ndcg), ("ndcg@20", ndcg))
        for name in against
    ]
    rows = [(*row, verdict(*row[-2:])) for row in rows]
    names = ["metric", "model", "other", "playlists", "difference", "low", "high", "verdict"]
    return pl.DataFrame(rows, names, orient="row")


def finished(summary=SUMMARY, **difference):
    paired = pairs(["knn", "popularity"], **difference).rename({"other": "baseline"})
    others = pairs(["lgc-hard-fixed", "gat-hard-fixed", "gat-random-fixed", "both"])
    by_validation = pl.col("baseline") == "knn"
    return Finished(summary, paired.with_columns(by_validation=by_validation), others, VALIDATED, 20, {})


@pytest.mark.parametrize(
    ("recall", "title", "said"),
    [
        (
            0.02,
            "LightGCN softmax, fixed α continues playlists best",
            "it is ahead by 2.00 points (95% interval 1.00 to 3.00)",
        ),
        (
            -0.02,
            "The baseline Item-kNN continues playlists better than the best graph network",
            "it is behind by 2.00 points (95% interval 1.00 to 3.00)",
        ),
        (
            0.005,
            "LightGCN softmax, fixed α and the baseline Item-kNN are level",
            "the difference, +0.50 points, may be chance (95% interval -0.50 to +1.50)",
        ),
    ],
)
def test_who_won_is_what_the_interval_says(recall, title, said):
    run = finished(recall=recall)
    first, *_ = answer(run)
    assert headline(run) == title
    assert first.startswith(
        "Validation chose the network LightGCN softmax, fixed α and the baseline Item-kNN. On the test the "
        "network finds 70.00% of a playlist's held-out tracks among its first 20, the baseline 68.00%: "
    )
    assert first.endswith(f"{said}.")


def test_the_other_metric_and_a_winner_that_was_not_chosen_are_told():
    alone = SUMMARY.filter(pl.col("model") != "both")
    _, ndcg = answer(finished(alone, ndcg=-0.03))
    assert ndcg == "By NDCG@5, 0.2000 and 0.1800: it is behind by 0.0300 (95% interval 0.0200 to 0.0400)."
    recall = pl.when(pl.col("model") == "gat-hard-fixed").then(0.72).otherwise("recall@20")
    *_, top = answer(finished(alone.with_columns(recall.alias("recall@20"))))
    assert top == (
        "On the test alone GAT hard, fixed α has the highest Recall@20, 72.00%; validation had not chosen it."
    )


def test_a_blend_wins_where_the_network_is_behind_it_and_ahead_of_the_baseline():
    run = finished(recall=0.02)
    *_, blend = answer(run)
    assert blend == (
        "The blend both finds 72.00%: the difference, +1.00 points, may be chance (95% interval +0.00 to "
        "+2.00)."
    )
    sure = replace(run, others=pairs(["lgc-hard-fixed", "gat-hard-fixed", "both"], recall=-0.02))
    *_, blend = answer(sure)
    assert (
        blend
        == "The blend both finds 72.00%: the network is behind by 2.00 points (95% interval 1.00 to 3.00)."
    )
    assert headline(sure) == "The blend both continues playlists best"
    behind = replace(finished(recall=-0.02), others=sure.others)
    assert headline(behind).startswith("The baseline Item-kNN")


def test_what_was_trained_on_what():
    run = finished()
    said = trained_on({"data": {"source": "sample"}}, STATS, run)
    assert said.startswith(
        "4 graph networks of LightGCN and GAT learned from a graph of 3,266 playlists, 4,808 tracks and "
        "109,497 edges: the 3-core of 4,000 invented playlists"
    )
    assert "none of its contents" in said
    assert "invented" not in trained_on({"data": {"source": "directory"}}, STATS, run)
    alone = finished(SUMMARY.filter(pl.col("model") == "lgc-softmax-fixed"))
    of_edges = trained_on({"data": {"source": "edges"}}, STATS | {"k_core": 1}, alone)
    assert of_edges.startswith("1 graph network of LightGCN learned")
    assert of_edges.endswith(": all 4,000 playlists, read from edge lists.")


def test_networks_with_artists_are_of_their_family():
    run = finished(SUMMARY.with_columns(conv=pl.col("conv").replace("gat", "lgc_artist")))
    run = replace(run, families={"lgc_artist": {"like": "lgc", "kinds": ["artist"]}})
    said = trained_on({"data": {"source": "sample"}}, STATS, run)
    assert said.startswith("4 graph networks of LightGCN, with artists as nodes or without, learned from")
    kinds = shown_models(run).filter(pl.col("kind") == "network")
    assert kinds["model"].to_list() == ["LightGCN softmax, fixed α"]


def test_on_what_evidence():
    assert evidence(finished()).startswith("900 playlists with held-out tracks")
    assert "value is one training" in evidence(finished())
    assert "a mean of 3 trainings" in evidence(finished(SUMMARY.with_columns(seeds=pl.lit(3))))


def test_the_short_table_has_the_first_of_each_kind():
    table = shown_models(finished())
    assert table.rows() == [
        ("both", "blend", 0.72, 0.21, 0.01, "0.0000 to 0.0200"),
        ("LightGCN softmax, fixed α", "network", 0.70, 0.20, None, None),
        ("Item-kNN", "baseline", 0.68, 0.18, 0.01, "0.0000 to 0.0200"),
        ("GAT hard, fixed α", "network", 0.60, 0.15, 0.01, "0.0000 to 0.0200"),
        ("Popularity", "baseline", 0.20, 0.01, 0.01, "0.0000 to 0.0200"),
    ]
    columns = ["model", "kind", "Recall@20", "NDCG@5", "best network's lead", "95% interval"]
    assert table.columns == columns
