import numpy as np
import pytest

from segue.errors import SegueError
from segue.graph.kcore import (
    Degrees,
    compare_expected,
    core_degrees,
    corenesses,
    degree_table,
    degrees,
    graph_stats,
    ladder,
)

# A square of playlists 0, 1 and tracks 0, 1, and playlist 2 that holds track 1 alone; 3 holds none.
PLAYLIST, TRACK = np.array([0, 0, 1, 1, 2], np.int32), np.array([0, 1, 0, 1, 1], np.int32)
SHAPE = 4, 2


def square():
    return corenesses(PLAYLIST, TRACK, *SHAPE)


def test_an_empty_core_names_the_largest_k():
    with pytest.raises(
        SegueError,
        match=r"3-core of the graph is empty[\s\S]*of 3 playlists, 2 tracks and 5[\s\S]*at most 2, the",
    ):
        core_degrees(PLAYLIST, TRACK, square(), 3)


def test_stats_and_degrees():
    whole = degrees(PLAYLIST, TRACK, *SHAPE)
    core = core_degrees(PLAYLIST, TRACK, square(), 2)
    assert core.playlists.tolist() == [2, 2, 0, 0]
    assert core.tracks.tolist() == [2, 2]
    assert graph_stats(whole) == {
        "playlists": 3,
        "tracks": 2,
        "nodes": 5,
        "edges": 5,
        "mean_degree": 2.0,
        "mean_degree_playlists": 1.667,
        "mean_degree_tracks": 2.5,
    }
    assert degree_table(whole, core).rows() == [
        ("before", "playlist", 1, 1),
        ("before", "playlist", 2, 2),
        ("before", "track", 2, 1),
        ("before", "track", 3, 1),
        ("after", "playlist", 2, 2),
        ("after", "track", 2, 2),
    ]


def test_ladder_holds_the_chosen_k_even_outside_2_to_50():
    assert ladder(PLAYLIST, TRACK, square(), 2).rows() == [(2, 2, 2, 4, 2.0, 2.0, 2.0)]
    assert ladder(PLAYLIST, TRACK, square(), 1).rows() == [
        (1, 3, 2, 5, pytest.approx(5 / 3), 2.5, 2.0),
        (2, 2, 2, 4, 2.0, 2.0, 2.0),
    ]
    playlist, track = (side.ravel().astype(np.int32) for side in np.indices((60, 60)))
    cores = corenesses(playlist, track, 60, 60)
    assert ladder(playlist, track, cores, 10)["k"].to_list() == list(range(2, 51))
    assert ladder(playlist, track, cores, 57)["k"].to_list() == [*range(2, 51), 57]


def test_mean_degree_is_the_article_s():
    # 34,810 nodes and 1,578,286 edges: "approximately 90".
    counts = np.full(22_563, 69), np.full(12_247, 128)
    counts[0][: 1_578_286 - counts[0].sum()] += 1
    counts[1][: 1_578_286 - counts[1].sum()] += 1
    stats = graph_stats(Degrees(*counts))
    assert (stats["nodes"], stats["edges"], stats["mean_degree"]) == (34_810, 1_578_286, 90.68)
    assert compare_expected(stats, {"edges": 1_578_286, "tracks": 2}) == [
        {"count": "edges", "measured": 1_578_286, "expected": 1_578_286, "equal": True},
        {"count": "tracks", "measured": 12_247, "expected": 2, "equal": False},
    ]
