import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.graph import kcore as coreness
from segue.graph.kcore import core_degrees, corenesses, ladder, occurrences

PAIRS = st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1)


def arrays(pairs):
    return np.array(sorted(pairs), dtype=np.int32).T


def graph_of(playlist, track):
    return nx.Graph([(("p", p), ("t", t)) for p, t in zip(playlist.tolist(), track.tolist(), strict=True)])


def random_bipartite(seed):
    rng = np.random.default_rng(seed)
    shape = rng.integers(2, 40, 2)
    playlist, track = np.nonzero(rng.random(shape) < rng.uniform(0.1, 0.9) * rng.random((1, shape[1])))
    return playlist.astype(np.int32), track.astype(np.int32), *map(int, shape)


@pytest.mark.parametrize("chunk", [1, 7, 1 << 22])
@pytest.mark.parametrize("seed", range(40))
def test_corenesses_are_networkx_s(seed, chunk, monkeypatch):
    monkeypatch.setattr(coreness, "CHUNK", chunk)
    playlist, track, num_playlists, num_tracks = random_bipartite(seed)
    cores = corenesses(playlist, track, num_playlists, num_tracks)
    expected = nx.core_number(graph_of(playlist, track))
    assert cores.playlists.tolist() == [expected.get(("p", p), 0) for p in range(num_playlists)]
    assert cores.tracks.tolist() == [expected.get(("t", t), 0) for t in range(num_tracks)]
    assert cores.degeneracy == max(expected.values(), default=0)
    assert cores.playlists.dtype == cores.tracks.dtype == np.int32


@given(PAIRS)
def test_corenesses_of_any_small_graph(pairs):
    playlist, track = arrays(pairs)
    cores = corenesses(playlist, track, 9, 9)
    expected = nx.core_number(graph_of(playlist, track))
    assert cores.playlists.tolist() == [expected.get(("p", p), 0) for p in range(9)]
    assert cores.tracks.tolist() == [expected.get(("t", t), 0) for t in range(9)]


def test_a_square_with_a_tail():
    # Playlists 0, 1 hold tracks 0, 1; playlist 2 hangs on track 1 and holds track 2 alone; 3 is empty.
    playlist, track = arrays([(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 2)])
    cores = corenesses(playlist, track, 4, 3)
    assert cores.playlists.tolist() == [2, 2, 1, 0]
    assert cores.tracks.tolist() == [2, 2, 1]


def test_tracks_beyond_16_bits_are_told_apart():
    # The neighbours are ordered by 16 bits at a time: 5, 5 + 2^16 and 2^17 differ in the upper ones only.
    high = [5, 5 + 2**16, 2**17]
    playlist = np.repeat(np.arange(3, dtype=np.int32), 3)
    cores = corenesses(playlist, np.tile(np.array(high, dtype=np.int32), 3), 3, 2**17 + 1)
    assert cores.playlists.tolist() == [3, 3, 3]
    assert np.flatnonzero(cores.tracks).tolist() == high
    assert set(cores.tracks[high].tolist()) == {3}


def test_a_graph_without_edges_has_degeneracy_0():
    none = np.empty(0, dtype=np.int32)
    cores = corenesses(none, none, 2, 0)
    assert cores.playlists.tolist() == [0, 0]
    assert cores.degeneracy == 0


@given(PAIRS, st.integers(1, 60))
def test_ladder_is_the_sizes_of_networkx_s_cores(pairs, k):
    playlist, track = arrays(pairs)
    graph = graph_of(playlist, track)
    expected = []
    for step in sorted({*range(2, 51), k}):
        core = nx.k_core(graph, step)
        counts = [sum(side == name for side, _ in core) for name in "pt"]
        if core:
            edges = core.number_of_edges()
            means = edges / counts[0], edges / counts[1], 2 * edges / sum(counts)
            expected.append((step, *counts, edges, *map(pytest.approx, means)))
    assert ladder(playlist, track, corenesses(playlist, track, 9, 9), k).rows() == expected


@given(PAIRS, st.integers(1, 4))
def test_core_degrees_are_networkx_s(pairs, k):
    playlist, track = arrays(pairs)
    core = nx.k_core(graph_of(playlist, track), k)
    if core:
        degree = core_degrees(playlist, track, corenesses(playlist, track, 9, 9), k)
        assert degree.playlists.tolist() == [
            core.degree[n] if (n := ("p", p)) in core else 0 for p in range(9)
        ]
        assert degree.tracks.tolist() == [core.degree[n] if (n := ("t", t)) in core else 0 for t in range(9)]


@given(st.lists(st.integers(0, 5)), st.integers(1, 4))
def test_occurrences_by_any_chunk(nodes, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coreness, "CHUNK", chunk)
        counts = occurrences(np.array(nodes, dtype=np.int32), 6)
    assert counts.tolist() == [nodes.count(node) for node in range(6)]
