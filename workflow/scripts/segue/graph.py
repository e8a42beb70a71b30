"""The bipartite playlist-track graph, its k-core, and contiguous ids."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from segue.errors import SegueError


@dataclass(frozen=True)
class Graph:
    """A bipartite graph as three tables, each pair of playlist and track once.

    ``edges``: ``playlist`` Int32 (row of ``playlists``), ``track`` Int32 (row of ``tracks``), position and
    count; sorted by playlist, then track. ``playlists``: ``playlist`` Int32 = 0..P-1 in the order of pid,
    and all fields. ``tracks``: ``track`` Int32 = 0..T-1 in the order of track_uri, and all fields.
    """

    edges: pl.DataFrame
    playlists: pl.DataFrame
    tracks: pl.DataFrame


def merge(edges: pl.DataFrame, playlists: pl.DataFrame, tracks: pl.DataFrame) -> Graph:
    """The graph of all batches' tables put below each other, before any core is taken.

    Playlists and tracks without an edge are no nodes of it. A track that several batches describe keeps
    the first description. Raises SegueError when two slices hold the same pid.
    """
    repeated = playlists.filter(pl.col("pid").is_duplicated()).sort("pid", "slice")
    if not repeated.is_empty():
        pid = repeated["pid"][0]
        names = repeated.filter(pl.col("pid") == pid)["slice"].to_list()
        raise SegueError(
            "A playlist stands in several slices.",
            where=" and ".join(names),
            found=f"pid {pid} {len(names)} times ({repeated['pid'].n_unique()} repeated pids in all)",
            expected="each pid once",
            fix="remove the slices that overlap from data.dir",
        )
    playlists = playlists.join(edges, on="pid", how="semi").sort("pid")
    tracks = tracks.unique("track_uri", keep="first", maintain_order=True).sort("track_uri")
    playlists = _numbered(playlists, "playlist")
    tracks = _numbered(tracks, "track")
    edges = edges.join(playlists.select("playlist", "pid"), on="pid").join(
        tracks.select("track", "track_uri"), on="track_uri"
    )
    return Graph(
        edges.select("playlist", "track", "position", "count").sort("playlist", "track"), playlists, tracks
    )


def core_mask(playlist: np.ndarray, track: np.ndarray, k: int) -> tuple[np.ndarray, int]:
    """Which edges lie in the k-core: the maximal subgraph where every node has degree >= k.

    Nodes of degree < k are dropped, all at once, until none is left; the result does not depend on the
    order (Seidman 1983). ``playlist`` and ``track``: integer arrays of shape [E], indices from 0 in their
    own id spaces. Returns a boolean mask of shape [E] and the number of rounds that dropped something.
    """
    kept, rounds = np.arange(len(playlist)), 0
    while len(kept):
        p, t = playlist[kept], track[kept]
        stays = (np.bincount(p)[p] >= k) & (np.bincount(t)[t] >= k)
        if stays.all():
            break
        kept, rounds = kept[stays], rounds + 1
    mask = np.zeros(len(playlist), dtype=bool)
    mask[kept] = True
    return mask, rounds


def largest_k(playlist: np.ndarray, track: np.ndarray) -> int:
    """The largest k whose core is not empty (the graph's degeneracy); 0 for a graph without edges."""
    low, high = 0, int(min(np.bincount(playlist).max(), np.bincount(track).max())) if len(playlist) else 0
    while low < high:
        middle = (low + high + 1) // 2
        if core_mask(playlist, track, middle)[0].any():
            low = middle
        else:
            high = middle - 1
    return low


def k_core(graph: Graph, k: int) -> tuple[Graph, int]:
    """The k-core of ``graph`` with contiguous new ids in the old order, and the rounds it took.

    Raises SegueError when the core is empty, naming the largest k that leaves one.
    """
    playlist, track = graph.edges["playlist"].to_numpy(), graph.edges["track"].to_numpy()
    mask, rounds = core_mask(playlist, track, k)
    if not mask.any():
        raise SegueError(
            f"The {k}-core of the graph is empty.",
            where="graph.k_core",
            found=f"{k}, in a graph of {_counts(graph)}",
            expected=f"at most {largest_k(playlist, track)}, the largest K whose core is not empty",
            fix="lower graph.k_core or read more slices",
        )
    edges = graph.edges.filter(mask)
    playlists = _renumbered(graph.playlists, "playlist", edges)
    tracks = _renumbered(graph.tracks, "track", edges)
    edges = (
        edges.rename({"playlist": "old_playlist", "track": "old_track"})
        .join(playlists.select("playlist", "old_playlist"), on="old_playlist")
        .join(tracks.select("track", "old_track"), on="old_track")
        .select(graph.edges.columns)
        .sort("playlist", "track")
    )
    return Graph(edges, playlists.drop("old_playlist"), tracks.drop("old_track")), rounds


def graph_stats(graph: Graph) -> dict[str, Any]:
    """Counts and mean degrees; the mean degree of a graph is 2 E / (P + T)."""
    edges = graph.edges.height
    playlists, tracks = graph.edges["playlist"].n_unique(), graph.edges["track"].n_unique()
    return {
        "playlists": playlists,
        "tracks": tracks,
        "nodes": playlists + tracks,
        "edges": edges,
        "mean_degree": round(2 * edges / max(playlists + tracks, 1), 3),
        "mean_degree_playlists": round(edges / max(playlists, 1), 3),
        "mean_degree_tracks": round(edges / max(tracks, 1), 3),
    }


def compare_expected(measured: dict[str, Any], expected: dict[str, int]) -> list[dict[str, Any]]:
    """One row a key of ``expected``: its name, both counts, and whether they are equal."""
    return [
        {"count": key, "measured": measured[key], "expected": value, "equal": measured[key] == value}
        for key, value in expected.items()
    ]


def degree_table(before: Graph, after: Graph) -> pl.DataFrame:
    """How many nodes have which degree: stage (before, after), side (playlist, track), degree, nodes."""
    return pl.concat(
        graph.edges.group_by(side)
        .agg(pl.len().alias("degree"))
        .group_by("degree")
        .agg(pl.len().alias("nodes"))
        .sort("degree")
        .select(pl.lit(stage).alias("stage"), pl.lit(side).alias("side"), "degree", "nodes")
        for stage, graph in (("before", before), ("after", after))
        for side in ("playlist", "track")
    )


def _numbered(nodes: pl.DataFrame, name: str) -> pl.DataFrame:
    return nodes.with_row_index(name).with_columns(pl.col(name).cast(pl.Int32))


def _renumbered(nodes: pl.DataFrame, name: str, edges: pl.DataFrame) -> pl.DataFrame:
    return _numbered(
        nodes.rename({name: f"old_{name}"}).filter(
            pl.col(f"old_{name}").is_in(edges[name].unique().implode())
        ),
        name,
    )


def _counts(graph: Graph) -> str:
    stats = graph_stats(graph)
    return f"{stats['playlists']:,} playlists, {stats['tracks']:,} tracks and {stats['edges']:,} edges"
