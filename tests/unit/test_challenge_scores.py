"""Scores of held-out playlists by hand, and their means."""

import math

import polars as pl
import pytest

from segue.challenge.challenge_set import ANSWERS
from segue.challenge.scores import ALL, SCORES, SUMMARY, challenge_scores, challenge_summary
from segue.errors import SegueError

# Tracks a to f, each by an artist of its own, but that f is by b's. g and h are not in the graph.
CORE = pl.DataFrame({"track_uri": list("abcdef"), "artist_uri": ["A", "B", "C", "D", "E", "B"]})
ARTISTS = dict(CORE.rows()) | {"g": "G", "h": "A"}


def answers(found):
    """``found``: pid to category and tracks."""
    rows = [(pid, number, t, ARTISTS[t]) for pid, (number, tracks) in found.items() for t in tracks]
    return pl.DataFrame(rows, schema=ANSWERS, orient="row")


def recommended(lists, path="tracks"):
    rows = [(pid, rank, t, path) for pid, tracks in lists.items() for rank, t in enumerate(tracks, 1)]
    return pl.DataFrame(rows, schema=["pid", "rank", "track_uri", "path"], orient="row")


def test_scores_by_hand():
    wanted = answers({7: (2, "bd"), 3: (4, "gh"), 5: (1, "a")})
    given = recommended({3: "abcdef", 7: "bacdef", 5: "fedcba"}, "related")
    # The order of rows is of no account.
    scores = challenge_scores(given.sample(fraction=1, shuffle=True, seed=2), wanted, CORE)
    assert scores.schema == SCORES
    assert scores["pid"].to_list() == [7, 3, 5]
    assert scores["category"].to_list() == [2, 4, 1]
    assert scores["path"].to_list() == ["related"] * 3
    assert scores["held_out"].to_list() == [2, 2, 1]
    assert scores["held_out_in_graph"].to_list() == [2, 0, 1]
    # 7: b of b and d is in the top 2, and so is its artist. 3: of g and h none is, but a is by h's artist.
    assert scores["r_precision"].to_list() == [1.25 / 2, 0.25 / 2, 0.0]
    assert scores["r_precision_tracks"].to_list() == [0.5, 0.0, 0.0]
    first_and_fourth = 1 + 1 / math.log2(5)
    ideal = 1 + 1 / math.log2(3)
    assert scores["ndcg"].to_list() == [
        pytest.approx(first_and_fourth / ideal),
        0.0,
        pytest.approx(1 / math.log2(7)),
    ]
    assert scores["clicks"].to_list() == [0.0, 51.0, 0.0]


def test_recommendations_for_other_playlists_are_refused():
    wanted = answers({7: (2, "bd"), 3: (4, "gh")})
    with pytest.raises(SegueError, match="found: 1 playlists without recommendations, 2 unknown"):
        challenge_scores(recommended({7: "abc", 5: "a", 6: "a"}), wanted, CORE)


def scores(*rows):
    """(pid, category, metrics, held out, of these in the graph)"""
    rows = [
        (pid, number, value, 2 * value, 10 * value, value / 2, "tracks", *counts)
        for pid, number, value, *counts in rows
    ]
    return pl.DataFrame(rows, schema=SCORES, orient="row")


def test_means_by_category_and_over_all():
    models = {"lgc-hard-fixed": ["lgc", "hard", "fixed"], "knn": [None, None, None]}
    tables = {
        "lgc-hard-fixed": scores((1, 10, 0.5, 4, 1), (2, 2, 0.25, 2, 1), (3, 2, 0.0, 4, 3)),
        "knn": scores((1, 10, 1.0, 4, 1), (2, 2, 1.0, 2, 1), (3, 2, 0.5, 4, 3)),
    }
    summary = challenge_summary(tables, models)
    assert summary.schema == SUMMARY
    assert summary.rows()[:3] == [
        ("lgc-hard-fixed", "lgc", "hard", "fixed", "2", 2, 0.125, 0.25, 1.25, 0.0625, 6, 4, 4 / 6),
        ("lgc-hard-fixed", "lgc", "hard", "fixed", "10", 1, 0.5, 1.0, 5.0, 0.25, 4, 1, 0.25),
        # Every playlist counts alike, whatever its category.
        ("lgc-hard-fixed", "lgc", "hard", "fixed", ALL, 3, 0.25, 0.5, 2.5, 0.125, 10, 5, 0.5),
    ]
    knn = summary.filter(model="knn")
    assert knn["conv"].null_count() == knn.height == 3
    assert knn["r_precision"].to_list() == [0.75, 1.0, pytest.approx(2.5 / 3)]


def test_models_that_were_asked_about_other_playlists_are_refused():
    models = {"a": [None, None, None], "b": [None, None, None]}
    tables = {"a": scores((1, 10, 0.5, 4, 1)), "b": scores((2, 10, 0.5, 4, 1))}
    with pytest.raises(SegueError, match="asked about different playlists"):
        challenge_summary(tables, models)
