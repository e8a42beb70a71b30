"""Corenesses: for every node of a bipartite graph the largest K whose core still holds it."""

from dataclasses import dataclass

import numpy as np

CHUNK = 1 << 22  # edges looked at in one step; it bounds memory and changes no result
ONE = np.int32(1)  # of the degrees' own type, with which subtract.at is 30 times as fast
GONE = (
    1 << 30
)  # added to the degree of a node that is peeled off: above all degrees, whatever is taken off later


@dataclass(frozen=True)
class Corenesses:
    """``playlists``: [P] int32. ``tracks``: [T] int32. 0 for a node without edges."""

    playlists: np.ndarray
    tracks: np.ndarray

    @property
    def degeneracy(self) -> int:
        """The largest K whose core is not empty; 0 for a graph without edges."""
        return int(self.playlists.max(initial=0))


def corenesses(playlist: np.ndarray, track: np.ndarray, num_playlists: int, num_tracks: int) -> Corenesses:
    r"""The coreness of every node, from one pass over the edges.

    .. math:: c(v) = \max \{K : v \in \text{the maximal subgraph where all degrees are at least } K\}

    Peeling (Seidman 1983; Batagelj and Zaveršnik 2003): for K = 0, 1, 2, ... all nodes of degree <= K go and
    have coreness K, then those that their going left with degree <= K, until none is. The nodes of a round
    go at once, in a few array operations, and each edge is looked at twice, once from each end.

    ``playlist``, ``track``: [E] int32, indices 0..P-1 and 0..T-1, no pair twice, ``playlist`` rising.
    Memory besides them: about 36 bytes an edge while tracks are put in order, then 8.
    """
    starts, neighbours = _adjacency(playlist, track, num_playlists, num_tracks)
    degree = np.diff(starts).astype(np.int32)
    coreness = np.zeros(len(degree), dtype=np.int32)
    left = np.flatnonzero(degree)
    while len(left):
        k = degree[left].min()
        front = left[degree[left] <= k]
        while len(front):
            coreness[front] = k
            degree[front] += GONE
            front = _peel(front, k, degree, starts, neighbours)
        left = left[degree[left] < GONE // 2]
    return Corenesses(coreness[:num_playlists], coreness[num_playlists:])


def occurrences(nodes: np.ndarray, size: int) -> np.ndarray:
    """How often each of 0..``size``-1 occurs in ``nodes`` [E]; [size] int64."""
    # bincount copies what it counts to int64, so it gets a chunk at a time.
    counts = np.zeros(size, dtype=np.int64)
    for first in range(0, len(nodes), CHUNK):
        counts += np.bincount(nodes[first : first + CHUNK], minlength=size)
    return counts


def _adjacency(
    playlist: np.ndarray, track: np.ndarray, num_playlists: int, num_tracks: int
) -> tuple[np.ndarray, np.ndarray]:
    """CSR of the undirected graph, track t being node P + t: [P + T + 1] int64 and [2 E] int32."""
    edges = len(playlist)
    neighbours = np.empty(2 * edges, dtype=np.int32)
    np.add(track, num_playlists, out=neighbours[:edges], casting="same_kind")
    np.take(playlist, _order(track), out=neighbours[edges:])
    starts = np.zeros(num_playlists + num_tracks + 1, dtype=np.int64)
    degrees = np.append(occurrences(playlist, num_playlists), occurrences(track, num_tracks))
    np.cumsum(degrees, out=starts[1:])
    return starts, neighbours


def _order(nodes: np.ndarray) -> np.ndarray:
    """``argsort`` of [E] int32 from 0 on, in linear time: numpy has a radix sort for 16 bits."""
    order = np.argsort((nodes & 0xFFFF).astype(np.uint16), kind="stable")
    return order[np.argsort((nodes >> 16).astype(np.uint16)[order], kind="stable")]


def _peel(
    front: np.ndarray, k: int, degree: np.ndarray, starts: np.ndarray, neighbours: np.ndarray
) -> np.ndarray:
    """Takes the edges of ``front`` off the ``degree`` of their other ends; returns what fell to ``k``."""
    sizes = starts[front + 1] - starts[front]
    ends = np.cumsum(sizes)
    fallen = []
    first = 0
    while first < len(front):
        done = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        shift = starts[front[first:last]] - ends[first:last] + sizes[first:last]
        at = np.repeat(shift, sizes[first:last])
        at += np.arange(done, ends[last - 1])
        others = neighbours[at].astype(np.intp)
        np.subtract.at(degree, others, ONE)
        fallen.append(others[degree[others] <= k])
        first = last
    return np.unique(np.concatenate(fallen))
