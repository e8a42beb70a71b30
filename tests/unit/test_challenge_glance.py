"""What a report says first of a challenge: who won, and no more than the intervals let it say."""

import polars as pl
import pytest

from segue.report.challenge_glance import Scored, answer, evidence, headline, shown_contenders

SUMMARY = pl.DataFrame(
    [
        ("lgc-softmax-fixed", "lgc", 0.20, 0.33, 2.8),
        ("popularity", None, 0.05, 0.10, 10.7),
        ("knn", None, 0.21, 0.32, 2.9),
        ("joint", None, 0.23, 0.37, 1.7),
        ("rerank", None, 0.26, 0.41, 1.3),
        ("lgc-softmax-fixed-catalogue", None, 0.22, 0.35, 2.7),
    ],
    ["model", "conv", "r_precision", "ndcg", "clicks"],
    orient="row",
).with_columns(category=pl.lit("all"), playlists=pl.lit(2000))


def paired(*rows):
    names = ["contender", "against", "metric", "difference", "low", "high"]
    return pl.DataFrame(rows, names, orient="row").with_columns(playlists=pl.lit(2000))


SURE = paired(
    ("rerank", "joint", "r_precision", 0.03, 0.02, 0.04),
    ("joint", "rerank", "ndcg", 0.001, -0.001, 0.003),  # the other way round
    ("rerank", "joint", "clicks", -0.4, -0.5, -0.3),
    ("rerank", "knn", "r_precision", 0.05, 0.04, 0.06),
)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (SURE, "The second stage continues playlists that no model has seen best"),
        (None, "The second stage has the highest R-precision on playlists that no model has seen"),
        (
            paired(("joint", "rerank", "r_precision", -0.03, -0.07, 0.01)),
            "The second stage and the neighbour ranker Joint neighbours are level on playlists that no model "
            "has seen",
        ),
    ],
)
def test_who_won_is_what_the_interval_says(table, said):
    assert headline(Scored(SUMMARY, table, {})) == said


def test_the_first_and_the_second_by_each_metric():
    first, *metrics = answer(Scored(SUMMARY, SURE, {}))
    assert first.startswith("2,000 whole playlists were held out")
    assert first.endswith("the second stage is first, the neighbour ranker Joint neighbours second.")
    assert metrics == [
        "By R-precision, 0.2600 and 0.2300: the first is ahead by 0.0300 (95% interval 0.0200 to 0.0400).",
        "By NDCG, 0.4100 and 0.3700: the difference, -0.0010, may be chance (95% interval -0.0030 to "
        "+0.0010).",
        "By Clicks, 1.300 and 1.700, fewer being better: the first is ahead by 0.400 (95% interval 0.300 to "
        "0.500).",
    ]
    assert [*answer(Scored(SUMMARY, None, {}))][1] == "By R-precision, 0.2600 and 0.2300."
    (_, alone, *_) = answer(Scored(SUMMARY.filter(model="knn"), None, {}))
    assert alone == "By R-precision, 0.2100."


def test_on_what_evidence():
    assert "paired bootstrap" in evidence(Scored(SUMMARY, SURE, {}))
    assert evidence(Scored(SUMMARY, None, {})).startswith("2,000 playlists, the same for all. Each model")


def test_the_short_table_has_the_best_of_each_kind():
    table = shown_contenders(Scored(SUMMARY, SURE, {}))
    assert table.select("contender", "kind", "Clicks", "first's lead", "95% interval").rows() == [
        ("Second stage", "second stage", 1.3, None, None),
        ("Joint neighbours", "neighbour ranker", 1.7, 0.03, "0.0200 to 0.0400"),
        ("LightGCN softmax, fixed α, extended", "extended network", 2.7, None, None),
        ("Item-kNN", "baseline", 2.9, 0.05, "0.0400 to 0.0600"),
        ("LightGCN softmax, fixed α", "graph network", 2.8, None, None),
        ("Popularity", "baseline", 10.7, None, None),
    ]
    none = shown_contenders(Scored(SUMMARY, None, {}))
    assert none["first's lead"].null_count() == none.height
