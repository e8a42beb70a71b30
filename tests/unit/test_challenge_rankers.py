"""What answers from the catalogue beside the others: kinds, how sure it is better, figure and page."""

import math
from pathlib import Path

import polars as pl
import pytest
from figure_cases import assert_texts_apart

from compare_challenge import compare_challenge
from plot_challenge import plot_challenge
from score_challenge import score_challenge
from segue.challenge.challenge_set import ANSWERS
from segue.challenge.scores import ALL, METRICS, SCORES, challenge_summary
from segue.figures.challenge import challenge_results
from segue.report.challenge import REACH, errors_of_means, held_out, overall, single_scorers
from segue.run.contenders import KINDS, extended_network, kind_of
from segue.run.labels import RANKERS
from tabulate_challenge import tabulate_challenge

NONE = [None, None, None]
EXTENDED = "lgc-softmax-fixed-catalogue"
CONTENDERS = {
    "lgc-softmax-fixed": ["lgc", "softmax", "fixed"],
    **dict.fromkeys(("knn", "als", "mixed", "joint", EXTENDED, "rerank"), NONE),
}
# R-precision of four playlists, two a category; NDCG is twice it, clicks 10 minus ten times it.
VALUES = {
    "lgc-softmax-fixed": (0.1, 0.3, 0.2, 0.2),
    "knn": (0.2, 0.2, 0.2, 0.2),
    "als": (0.1, 0.1, 0.1, 0.1),
    "mixed": (0.3, 0.1, 0.2, 0.2),
    "joint": (0.3, 0.3, 0.2, 0.4),
    EXTENDED: (0.2, 0.3, 0.2, 0.2),
    "rerank": (0.4, 0.5, 0.4, 0.5),
}
DRAWN = (
    '{"lone_tracks_of_held_out": 0, "categories": ['
    '{"category": 1, "given": "title only", "candidates": 9, "playlists": 2},'
    '{"category": 4, "given": "first 5", "candidates": 7, "playlists": 2}]}'
)


def scores(name):
    inside = 8 if kind_of(name, is_network=False) in KINDS[:3] else 5
    rows = [
        (pid, number, value, 2 * value, 10 - 10 * value, value / 2, "tracks", 10, inside)
        for pid, (number, value) in enumerate(zip((1, 1, 4, 4), VALUES[name], strict=True))
    ]
    return pl.DataFrame(rows, schema=SCORES, orient="row")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Paths of the tables and pages of CONTENDERS, by name."""
    folder = tmp_path_factory.mktemp("rankers")
    paths = {name: str(folder / name) for name in ("paired", "csv", "errors", "summary", "stats")}
    tables = {name: scores(name) for name in CONTENDERS}
    for name, table in tables.items():
        table.write_parquet(folder / name)
    challenge_summary(tables, CONTENDERS).write_parquet(paths["summary"])
    (folder / "stats").write_text(DRAWN)
    targets = {name: paths[name] for name in ("paired", "csv", "errors")}
    compare_challenge(
        [str(folder / name) for name in CONTENDERS], targets, [*CONTENDERS], ["joint", "rerank"], 1
    )
    return paths | {name: str(folder / f"a.{name}") for name in ("figure", "page", "text")}


def test_kinds():
    kinds = {name: kind_of(name, model != NONE) for name, model in CONTENDERS.items()}
    assert list(kinds.values()) == [
        *("graph network", "baseline", "baseline", "blend", "neighbour ranker", "extended network"),
        "second stage",
    ]
    assert set(kinds.values()) == set(KINDS)
    assert extended_network(EXTENDED) == ("lgc", "softmax", "fixed")
    # Blends may be called so.
    for name in (
        "catalogue",
        "my-catalogue",
        "lgc-else-fixed-catalogue",
        "lgc-softmax-fixed-seed2-catalogue",
    ):
        assert extended_network(name) is None
        assert kind_of(name, is_network=False) == "blend"


def test_differences_and_their_standard_errors(files):
    paired = pl.read_parquet(files["paired"])
    assert pl.read_csv(files["csv"])["contender"].to_list() == paired["contender"].to_list()
    assert paired.height == len(METRICS) * 2 * (len(CONTENDERS) - 1)
    row = paired.row(by_predicate=_pair("rerank", "joint", "r_precision"), named=True)
    # 0.1, 0.2, 0.2 and 0.1: their mean is 0.15, their variance 0.01 / 3.
    assert row["difference"] == pytest.approx(0.15)
    assert row["standard_error"] == pytest.approx(math.sqrt(0.01 / 3 / 4))
    assert 0.1 <= row["low"] < 0.15 < row["high"] <= 0.2
    assert row["playlists"] == 4


def _pair(contender, against, metric):
    wanted = {"contender": contender, "against": against, "metric": metric}
    return pl.all_horizontal(pl.col(name) == value for name, value in wanted.items())


def test_fewer_clicks_are_better(files):
    paired = pl.read_parquet(files["paired"])
    for metric in METRICS:
        found = {
            against: paired.row(by_predicate=_pair("rerank", against, metric), named=True)
            for against in ("als", "joint")
        }
        assert [row["verdict"] for row in found.values()] == ["better", "better"]
        assert (found["als"]["difference"] < 0) == (metric == "clicks")
    undecided = paired.row(by_predicate=_pair("joint", "mixed", "clicks"), named=True)
    assert undecided["verdict"] == "undecided"


def test_standard_errors_of_the_means(files):
    errors = pl.read_parquet(files["errors"])
    knn, joint = (
        errors.filter(model=name, category="1", metric="ndcg").row(0, named=True) for name in ("knn", "joint")
    )
    assert (knn["mean"], knn["error"]) == (pytest.approx(0.4), 0)
    table = errors_of_means(errors, pl.Series("model", ["joint", "knn"]))
    # 0.3, 0.3, 0.2 and 0.4: s is the root of 0.02 / 3.
    assert table["R-precision"].to_list() == [pytest.approx(math.sqrt(0.02 / 3 / 4)), 0]
    assert joint["error"] == 0


def test_rows_by_kind_with_what_their_candidates_hold(files):
    summary = pl.read_parquet(files["summary"])
    table = overall(summary)
    assert table["model"].to_list()[:4] == ["rerank", "joint", EXTENDED, "lgc-softmax-fixed"]
    assert table[REACH].to_list() == [0.8] * 3 + [0.5] * 4
    others = summary.filter(pl.col("model").is_in(["lgc-softmax-fixed", "knn"]))
    assert REACH not in overall(others).columns
    assert set(single_scorers(summary)["model"]) == {"lgc-softmax-fixed", "knn", "als"}
    drawn = {"categories": [{"category": 4, "given": "first 5", "candidates": 7, "playlists": 2}]}
    rows = held_out(summary.filter(pl.col("category").is_in(["4", ALL])), drawn)
    assert rows.rows() == [("first 5", 7, 2, 20, 10, 0.5, 0.8)]


def test_page_and_caption(files):
    texts = files["summary"], files["stats"], files["page"], files["text"]
    tabulate_challenge(*texts, [files["paired"]], [files["errors"]])
    page, text = (Path(files[name]).read_text() for name in ("page", "text"))
    for title in ("Standard errors of these means", "Second stage against each other contender"):
        assert title in page
    assert "50.0% of the 40 tracks to be found are in the graph, and 80.0% are candidates" in text
    assert (
        "the second stage is best with 0.4500; the best neighbour ranker, Joint neighbours, follows" in text
    )
    assert "; is better than Joint neighbours, +0.1500 (standard error 0.0289" in text
    assert "Clicks: Second stage is better than" in text
    tabulate_challenge(*texts)
    assert "standard error" not in Path(files["text"]).read_text()


def test_the_figure_has_them_and_standard_errors(files, tmp_path):
    summary, errors = (pl.read_parquet(files[name]) for name in ("summary", "errors"))
    figure = challenge_results(summary, errors)
    assert_texts_apart(figure)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[:3] == [RANKERS[name] for name in ("rerank", "joint")] + [
        "LightGCN softmax, fixed α, extended"
    ]
    for ax, metric in zip(figure.axes, METRICS, strict=True):
        drawn = [line for line in ax.get_lines() if line.get_label() == "error"]
        # Of all at the bottom, and of three in each of two categories.
        assert len(drawn) == len(CONTENDERS) + 3 * 2
        row = errors.filter(model="rerank", category=ALL, metric=metric).row(0, named=True)
        ends = row["mean"] - row["error"], row["mean"] + row["error"]
        assert tuple(ends) in {tuple(line.get_xdata()) for line in drawn}
    assert not [
        line for line in challenge_results(summary).axes[0].get_lines() if line.get_label() == "error"
    ]
    plot_challenge(files["summary"], files["figure"], [files["errors"]])


def test_of_the_catalogue_s_tracks_candidates_alone_can_be_found(tmp_path):
    paths = {name: str(tmp_path / name) for name in ("found", "answers", "tracks", "scores")}
    tracks = {"track_uri": ["a", "b", "c"], "artist_uri": ["A", "B", "C"], "degree": [9, 5, 2]}
    pl.DataFrame(tracks).write_parquet(paths["tracks"])
    found = {"pid": [7, 7], "rank": [1, 2], "track_uri": ["b", "a"], "path": ["joint"] * 2}
    pl.DataFrame(found).write_parquet(paths["found"])
    wanted = pl.DataFrame([(7, 4, "b", "B"), (7, 4, "c", "C")], schema=ANSWERS, orient="row")
    wanted.write_parquet(paths["answers"])
    score_challenge(*paths.values(), min_degree=5)
    (row,) = pl.read_parquet(paths["scores"]).iter_rows(named=True)
    assert (row["held_out"], row["held_out_in_graph"], row["r_precision_tracks"]) == (2, 1, 0.5)
