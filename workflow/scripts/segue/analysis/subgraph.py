"""A part of the core that is small enough to be drawn."""

from dataclasses import dataclass

import networkx as nx
import numpy as np
import polars as pl

PATIENCE = 1000  # steps of the walk without a new playlist, after which it begins again elsewhere


@dataclass(frozen=True)
class Subgraph:
    """``nodes``: kind (playlist, track; String), index (Int32, from 0 within its kind), playlists first.

    ``edges``: playlist, track (Int32 indices) of all edges between the nodes, and drawn (Boolean).
    """

    nodes: pl.DataFrame
    edges: pl.DataFrame


def sample_subgraph(edges: pl.DataFrame, nodes: int, drawn: int, seed: int) -> Subgraph:
    """Neighbouring playlists and the tracks they share most: ``nodes`` nodes, ``drawn`` edges.

    A random walk (playlist, one of its tracks, one of that track's playlists, and so on) collects playlists
    in the order in which it first meets them. The first m of them are drawn, with the ``nodes`` - m of
    their tracks that are on most of the m; the track that the walk came over always is. m is the least for
    which there are enough nodes with enough edges between them. Edges in excess are not drawn: at random,
    but never one that a random spanning forest of the nodes needs. So no node is without an edge, and the
    drawing is connected where the walk did not have to begin again for want of new playlists.

    Where no m has enough of both, as many nodes as there are come first, then as many edges. A core of at
    most ``nodes`` nodes is taken whole.

    ``edges``: playlist, track (integers from 0, each with an edge, no pair twice). ``drawn`` is at least
    ``nodes`` - 1. The same seed and edges give the same subgraph.
    """
    edges = edges.select(pl.col("playlist", "track").cast(pl.Int32)).sort("playlist", "track")
    rng = np.random.default_rng(seed)
    if edges["playlist"].n_unique() + edges["track"].n_unique() > nodes:
        edges = _chosen(edges, nodes, drawn, rng)
    edges = edges.with_columns(drawn=_thinned(edges, drawn, rng))
    parts = [
        edges.select(pl.lit(kind).alias("kind"), pl.col(kind).unique().sort().alias("index"))
        for kind in ("playlist", "track")
    ]
    return Subgraph(pl.concat(parts), edges)


def _chosen(edges: pl.DataFrame, nodes: int, drawn: int, rng: np.random.Generator) -> pl.DataFrame:
    """The edges between the walk's first m playlists and their most common tracks, for the best m."""
    tracks_of, playlists_of = _lists(edges, "playlist", "track"), _lists(edges, "track", "playlist")
    walk = _walk(tracks_of, playlists_of, nodes // 2, rng)
    counts = np.zeros(len(playlists_of), dtype=np.int64)  # playlists of the first m that have the track
    linked = np.zeros(len(playlists_of), dtype=bool)
    best, kept = (0, 0), (np.empty(0), np.empty(0))
    for m, (playlist, link) in enumerate(walk.items(), 1):
        counts[tracks_of[playlist]] += 1
        linked[link] = True
        candidates = np.flatnonzero(counts)
        order = np.lexsort((candidates, -counts[candidates], ~linked[candidates]))
        tracks = candidates[order][: nodes - m]
        reached = m + len(tracks), min(counts[tracks].sum(), drawn)
        if reached > best:
            best, kept = reached, (list(walk)[:m], tracks)
        if best == (nodes, drawn):
            break
    playlists, tracks = (pl.Series(indices, dtype=pl.Int32) for indices in kept)
    return edges.filter(
        pl.col("playlist").is_in(playlists.implode()), pl.col("track").is_in(tracks.implode())
    )


def _lists(edges: pl.DataFrame, of: str, to: str) -> list[np.ndarray]:
    """Neighbours of each node 0, 1, ... of one side, rising."""
    edges = edges.sort(of, to)
    ends = edges[of].value_counts().sort(of)["count"].cum_sum().to_numpy()
    return np.split(edges[to].to_numpy(), ends[:-1])


def _walk(
    tracks_of: list[np.ndarray], playlists_of: list[np.ndarray], count: int, rng: np.random.Generator
) -> dict[int, int]:
    """``count`` playlists, or all, in the order in which they are met; each with the track that led to it.

    A playlist that the walk began at leads to itself.
    """
    met: dict[int, int] = {}
    count = min(count, len(tracks_of))
    while len(met) < count:
        playlist = int(rng.choice([number for number in range(len(tracks_of)) if number not in met]))
        met[playlist] = int(rng.choice(tracks_of[playlist]))
        waited = 0
        while len(met) < count and waited < PATIENCE:
            track = int(rng.choice(tracks_of[playlist]))
            playlist = int(rng.choice(playlists_of[track]))
            waited = waited + 1 if playlist in met else 0
            met.setdefault(playlist, track)
    return met


def _thinned(edges: pl.DataFrame, drawn: int, rng: np.random.Generator) -> pl.Series:
    """True for ``drawn`` of the edges, those of a random spanning forest among them; for all if fewer."""
    order = rng.permutation(edges.height)
    forest = nx.utils.UnionFind()
    needed = np.zeros(edges.height, dtype=bool)
    pairs = edges.select("playlist", -1 - pl.col("track")).rows()  # tracks below 0: ids of their own
    for edge in order:
        playlist, track = pairs[edge]
        if forest[playlist] != forest[track]:
            forest.union(playlist, track)
            needed[edge] = True
    kept = np.zeros(edges.height, dtype=bool)
    kept[order[np.argsort(~needed[order], kind="stable")][:drawn]] = True
    return pl.Series(kept)
