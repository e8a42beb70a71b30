"""The k-core of the bipartite graph: coreness of each node, the counts of each core."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from segue.errors import SegueError
from segue.jobs import log

CHUNK = 1 << 22  # edges looked at in one step; it bounds memory and changes no result
ONE = np.int32(1)  # of the degrees' own type, with which subtract.at is 30 times as fast
# Added to the degree of a node that is peeled off: above all degrees, whatever is taken off later.
GONE = 1 << 30


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


LADDER = range(2, 51)  # the K to choose from


@dataclass(frozen=True)
class Degrees:
    """``playlists``: [P] int64. ``tracks``: [T] int64. 0 for what is no node of the graph."""

    playlists: np.ndarray
    tracks: np.ndarray


def degrees(playlist: np.ndarray, track: np.ndarray, num_playlists: int, num_tracks: int) -> Degrees:
    """Degrees of all nodes. ``playlist``, ``track``: [E] int32, indices 0..P-1 and 0..T-1."""
    return Degrees(occurrences(playlist, num_playlists), occurrences(track, num_tracks))


def core_degrees(playlist: np.ndarray, track: np.ndarray, cores: Corenesses, k: int) -> Degrees:
    """Degrees in the K-core: over the edges of which both ends have coreness >= ``k``.

    ``playlist``, ``track``: [E] int32, indices 0..P-1 and 0..T-1. Raises SegueError when the core is empty,
    naming the largest K that leaves one.
    """
    if k > cores.degeneracy:
        whole = graph_stats(degrees(playlist, track, len(cores.playlists), len(cores.tracks)))
        raise SegueError(
            f"The {k}-core of the graph is empty.",
            where="graph.k_core",
            found=f"{k}, in a graph of {whole['playlists']:,} playlists, {whole['tracks']:,} tracks "
            f"and {whole['edges']:,} edges",
            expected=f"at most {cores.degeneracy}, the largest K whose core is not empty",
            fix="lower graph.k_core or read more slices",
        )
    inside = Corenesses(cores.playlists >= k, cores.tracks >= k)
    counts = Degrees(np.zeros(len(cores.playlists), np.int64), np.zeros(len(cores.tracks), np.int64))
    for first in range(0, len(playlist), CHUNK):
        p, t = playlist[first : first + CHUNK], track[first : first + CHUNK]
        stays = inside.playlists[p] & inside.tracks[t]
        counts.playlists[:] += np.bincount(p[stays], minlength=len(counts.playlists))
        counts.tracks[:] += np.bincount(t[stays], minlength=len(counts.tracks))
    return counts


def graph_stats(graph: Degrees) -> dict[str, Any]:
    """Counts and mean degrees; the mean degree of a graph is 2 E / (P + T)."""
    edges = int(graph.playlists.sum())
    playlists, tracks = (int(np.count_nonzero(side)) for side in (graph.playlists, graph.tracks))
    return {
        "playlists": playlists,
        "tracks": tracks,
        "nodes": playlists + tracks,
        "edges": edges,
        "mean_degree": round(2 * edges / max(playlists + tracks, 1), 3),
        "mean_degree_playlists": round(edges / max(playlists, 1), 3),
        "mean_degree_tracks": round(edges / max(tracks, 1), 3),
    }


def ladder(playlist: np.ndarray, track: np.ndarray, cores: Corenesses, k: int) -> pl.DataFrame:
    r"""The sizes of the K-cores for K = 2..50 and ``k``, of those that are not empty.

    .. math:: P_K = |\{p : c(p) \ge K\}|, \quad E_K = |\{(p, t) : \min(c(p), c(t)) \ge K\}|

    ``playlist``, ``track``: [E] int32, indices 0..P-1 and 0..T-1. Columns: k, playlists, tracks, edges,
    mean_degree_playlists E_K / P_K, mean_degree_tracks E_K / T_K and mean_degree 2 E_K / (P_K + T_K).
    """
    top = cores.degeneracy
    edges = np.zeros(top + 1, dtype=np.int64)
    for first in range(0, len(playlist), CHUNK):
        ends = cores.playlists[playlist[first : first + CHUNK]], cores.tracks[track[first : first + CHUNK]]
        edges += np.bincount(np.minimum(*ends), minlength=top + 1)
    counts = {
        "playlists": np.bincount(cores.playlists, minlength=top + 1),
        "tracks": np.bincount(cores.tracks, minlength=top + 1),
        "edges": edges,
    }
    at_least = {name: count[::-1].cumsum()[::-1] for name, count in counts.items()}
    table = pl.DataFrame({"k": np.arange(top + 1)} | at_least).cast(pl.Int64)
    return table.filter(pl.col("k").is_in(sorted({*LADDER, k}))).with_columns(
        mean_degree_playlists=pl.col("edges") / pl.col("playlists"),
        mean_degree_tracks=pl.col("edges") / pl.col("tracks"),
        mean_degree=2 * pl.col("edges") / (pl.col("playlists") + pl.col("tracks")),
    )


def compare_expected(measured: dict[str, Any], expected: dict[str, int]) -> list[dict[str, Any]]:
    """One row a key of ``expected``: its name, both counts, and whether they are equal."""
    return [
        {"count": key, "measured": measured[key], "expected": value, "equal": measured[key] == value}
        for key, value in expected.items()
    ]


def report_expected(comparison: list[dict[str, Any]], on_mismatch: str) -> None:
    """Logs what ``compare_expected`` returned, differences as warnings, or where ``on_mismatch`` is fail as a
    SegueError."""
    lines = [
        f"{row['count']}: measured {row['measured']:,}, expected {row['expected']:,}"
        + ("" if row["equal"] else " (differs)")
        for row in comparison
    ]
    for row, line in zip(comparison, lines, strict=True):
        log.log(logging.INFO if row["equal"] else logging.WARNING, line)
    if on_mismatch == "fail" and not all(row["equal"] for row in comparison):
        raise SegueError(
            "The core is not the expected one.",
            where="graph.expect",
            found="; ".join(lines),
            expected="equal counts, since graph.on_mismatch is fail",
            fix="check data.slices, data.order and graph.k_core, or set graph.on_mismatch to warn",
        )


def degree_table(before: Degrees, after: Degrees) -> pl.DataFrame:
    """How many nodes have which degree: stage (before, after), side (playlist, track), degree, nodes."""
    return pl.concat(
        _histogram(counts).select(pl.lit(stage).alias("stage"), pl.lit(side).alias("side"), "degree", "nodes")
        for stage, graph in (("before", before), ("after", after))
        for side, counts in (("playlist", graph.playlists), ("track", graph.tracks))
    )


def _histogram(counts: np.ndarray) -> pl.DataFrame:
    degree, nodes = np.unique(counts[counts > 0], return_counts=True)
    return pl.DataFrame({"degree": degree, "nodes": nodes}).cast(pl.UInt32)
