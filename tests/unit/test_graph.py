import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.graph import (
    Graph,
    compare_expected,
    core_mask,
    degree_table,
    graph_stats,
    k_core,
    largest_k,
    merge,
)

URI = "spotify:track:{:022d}".format


def tables(pairs, slices=None):
    """Edges, playlists and tracks tables of (pid, track number) pairs."""
    pids = sorted({pid for pid, _ in pairs})
    numbers = sorted({number for _, number in pairs})
    edges = pl.DataFrame(
        {
            "pid": [pid for pid, _ in pairs],
            "track_uri": [URI(number) for _, number in pairs],
            "position": list(range(len(pairs))),
            "count": [1] * len(pairs),
        },
        schema={"pid": pl.Int64, "track_uri": pl.String, "position": pl.Int32, "count": pl.Int32},
    )
    playlists = pl.DataFrame(
        {"pid": pids, "name": [f"list {pid}" for pid in pids], "slice": slices or "a.json"}
    )
    tracks = pl.DataFrame(
        {"track_uri": [URI(n) for n in numbers], "track_name": [f"track {n}" for n in numbers]}
    )
    return edges, playlists, tracks


def random_bipartite(seed):
    rng = np.random.default_rng(seed)
    shape = rng.integers(2, 25, 2)
    playlist, track = np.nonzero(rng.random(shape) < rng.uniform(0.1, 0.9))
    return playlist, track, int(rng.integers(1, 7))


@pytest.mark.parametrize("seed", range(100))
def test_core_is_networkx_s(seed):
    playlist, track, k = random_bipartite(seed)
    graph = nx.Graph([(("p", p), ("t", t)) for p, t in zip(playlist, track, strict=True)])
    expected = {frozenset(edge) for edge in nx.k_core(graph, k).edges}
    mask, _ = core_mask(playlist, track, k)
    assert {
        frozenset([("p", p), ("t", t)]) for p, t in zip(playlist[mask], track[mask], strict=True)
    } == expected
    assert largest_k(playlist, track) == max(nx.core_number(graph).values(), default=0)


def test_core_of_a_square_with_a_tail():
    # Playlists 0, 1 hold tracks 0, 1 (a square); playlist 2 hangs on track 1 and holds track 2 alone.
    playlist, track = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 1, 2])
    mask, rounds = core_mask(playlist, track, 2)
    assert mask.tolist() == [True, True, True, True, False, False]
    assert rounds == 2  # first track 2 with its edge, then playlist 2


@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1), st.integers(1, 5))
def test_core_is_a_core_and_maximal(pairs, k):
    playlist, track = np.array(sorted(pairs)).T
    mask, _ = core_mask(playlist, track, k)
    for nodes in (playlist[mask], track[mask]):
        assert (np.bincount(nodes)[nodes] >= k).all()
    # Cores are nested, and the core of a core is itself.
    assert not (core_mask(playlist, track, k + 1)[0] & ~mask).any()
    assert core_mask(playlist[mask], track[mask], k)[0].all()


def test_merge_gives_ids_in_the_order_of_pid_and_uri():
    first = tables([(7, 5), (7, 3)])
    second = tables([(2, 9), (2, 5)])
    graph = merge(*(pl.concat(pair) for pair in zip(first, second, strict=True)))
    assert graph.playlists["pid"].to_list() == [2, 7]
    assert graph.tracks["track_uri"].to_list() == [URI(3), URI(5), URI(9)]
    assert graph.edges.rows() == [(0, 1, 1, 1), (0, 2, 0, 1), (1, 0, 1, 1), (1, 1, 0, 1)]


def test_merge_leaves_out_playlists_without_tracks():
    edges, playlists, tracks = tables([(1, 1)])
    empty = pl.DataFrame({"pid": [0], "name": ["empty"], "slice": ["a.json"]})
    assert merge(edges, pl.concat([empty, playlists]), tracks).playlists["pid"].to_list() == [1]


def test_merge_names_the_slices_that_share_a_pid():
    first = tables([(7, 5)], slices=["mpd.slice.0-9.json"])
    second = tables([(7, 6)], slices=["mpd.slice.5-14.json"])
    with pytest.raises(
        SegueError, match=r"mpd\.slice\.0-9\.json and mpd\.slice\.5-14\.json\n.*pid 7 2 times"
    ):
        merge(*(pl.concat(pair) for pair in zip(first, second, strict=True)))


def test_k_core_renumbers_and_keeps_the_fields():
    graph = merge(*tables([(1, 9), (3, 4), (3, 8), (5, 4), (5, 8)]))
    core, rounds = k_core(graph, 2)
    assert rounds == 1
    assert core.playlists.select("playlist", "pid", "name").rows() == [(0, 3, "list 3"), (1, 5, "list 5")]
    assert core.tracks.rows() == [(0, URI(4), "track 4"), (1, URI(8), "track 8")]
    assert core.edges.select("playlist", "track", "position").rows() == [
        (0, 0, 1),
        (0, 1, 2),
        (1, 0, 3),
        (1, 1, 4),
    ]
    assert core.edges.schema["playlist"] == core.edges.schema["track"] == pl.Int32


def test_empty_core_names_the_largest_k():
    graph = merge(*tables([(0, 0), (0, 1), (1, 0), (1, 1), (2, 1)]))
    with pytest.raises(SegueError, match=r"3-core of the graph is empty[\s\S]*at most 2, the largest K"):
        k_core(graph, 3)


def test_stats_and_degrees():
    whole = merge(*tables([(0, 0), (0, 1), (1, 0), (1, 1), (2, 1)]))
    core, _ = k_core(whole, 2)
    assert graph_stats(whole) == {
        "playlists": 3,
        "tracks": 2,
        "nodes": 5,
        "edges": 5,
        "mean_degree": 2.0,
        "mean_degree_playlists": 1.667,
        "mean_degree_tracks": 2.5,
    }
    assert set(degree_table(whole, core).rows()) == {
        ("before", "playlist", 1, 1),
        ("before", "playlist", 2, 2),
        ("before", "track", 2, 1),
        ("before", "track", 3, 1),
        ("after", "playlist", 2, 2),
        ("after", "track", 2, 2),
    }


def test_mean_degree_is_the_article_s():
    # 34,810 nodes and 1,578,286 edges: "approximately 90".
    edges = pl.DataFrame({"playlist": [0], "track": [0]})
    stats = graph_stats(Graph(edges, edges, edges))
    assert stats["mean_degree"] == 1.0
    assert compare_expected(stats, {"edges": 1, "tracks": 2}) == [
        {"count": "edges", "measured": 1, "expected": 1, "equal": True},
        {"count": "tracks", "measured": 1, "expected": 2, "equal": False},
    ]
