"""Counts of the bipartite playlist-track graph and of its cores."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from segue.errors import SegueError
from segue.graph.coreness import CHUNK, Corenesses, occurrences

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
