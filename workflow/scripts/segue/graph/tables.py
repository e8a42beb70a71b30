"""The k-core as tables with contiguous ids."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from segue.errors import SegueError
from segue.graph.kcore import Degrees
from segue.graph.merge import Merged, read_rows

FIELDS = {"position": pl.Int32, "count": pl.Int32}


@dataclass(frozen=True)
class Core:
    """A bipartite graph as three tables, each pair of playlist and track once.

    ``edges``: ``playlist`` Int32 (row of ``playlists``), ``track`` Int32 (row of ``tracks``), position, count
    and, where the batches have it, split; sorted by playlist, then track. ``playlists``: ``playlist`` Int32,
    0..P-1 in the order of pid, and all fields. ``tracks``: ``track`` Int32, 0..T-1 in the order of
    track_uri, and all fields.
    """

    edges: pl.DataFrame
    playlists: pl.DataFrame
    tracks: pl.DataFrame


def core_tables(
    edges: Sequence[str], playlists: Sequence[str], tracks: Sequence[str], merged: Merged, degree: Degrees
) -> Core:
    """Reads again, batch by batch, what the core keeps of the files that ``merge`` has read.

    ``degree``: [P] and [T], degrees in the core by provisional id, 0 for what is not in it. A track that
    several batches describe keeps the first description. Raises SegueError when some batches only have a
    split of the edges.
    """
    lists, new_playlist = _renumbered(
        playlists, "playlist", "pid", np.flatnonzero(degree.playlists), merged.playlist_starts
    )
    kept = np.flatnonzero(degree.tracks)
    songs, rank = _renumbered(tracks, "track", "track_uri", merged.first_row[kept], merged.track_starts)
    new_track = np.full(len(degree.tracks), -1, dtype=np.int32)
    new_track[kept] = rank[merged.first_row[kept]]
    sizes = np.zeros(lists.height + 1, dtype=np.int64)
    sizes[1 + new_playlist[np.flatnonzero(degree.playlists)]] = degree.playlists[degree.playlists > 0]
    table = _edges(edges, merged, new_playlist, new_track, np.cumsum(sizes))
    return Core(table, lists, songs)


def _renumbered(
    paths: Sequence[str], name: str, key: str, rows: np.ndarray, starts: np.ndarray
) -> tuple[pl.DataFrame, np.ndarray]:
    """The ``rows`` [n] of all batches' tables in the order of ``key``, numbered from 0, and their numbers.

    The numbers are [starts[-1]] int32, -1 for a row that is not among ``rows``.
    """
    rows = np.sort(rows)
    table = read_rows(paths, starts, rows)
    order = table[key].arg_sort().to_numpy()
    numbers = np.full(starts[-1], -1, dtype=np.int32)
    numbers[rows[order]] = np.arange(len(rows), dtype=np.int32)
    return table[order].select(pl.int_range(pl.len(), dtype=pl.Int32).alias(name), pl.all()), numbers


def _edges(
    paths: Sequence[str], merged: Merged, new_playlist: np.ndarray, new_track: np.ndarray, starts: np.ndarray
) -> pl.DataFrame:
    """``starts``: [P + 1] int64, where the edges of each new playlist stand in the table.

    All edges of a playlist are in one batch, so that each batch has its places and is sorted alone.
    """
    fields = FIELDS | _split(paths)
    names = ["playlist", "track", *fields]
    columns = {name: np.empty(starts[-1], np.uint8 if name == "split" else np.int32) for name in names}
    for path, p, t in zip(paths, merged.playlist_starts[:-1], merged.track_starts[:-1], strict=True):
        batch = pl.read_parquet(path, columns=names)
        playlist = new_playlist[p:][batch["playlist"].to_numpy()]
        track = new_track[merged.track_of_row[t:][batch["track"].to_numpy()]]
        stays = np.flatnonzero((playlist >= 0) & (track >= 0))
        stays = stays[np.argsort((playlist[stays].astype(np.int64) << 32) | track[stays])]
        playlist = playlist[stays]
        places = starts[playlist] + np.arange(len(stays)) - np.searchsorted(playlist, playlist)
        columns["playlist"][places] = playlist
        columns["track"][places] = track[stays]
        for name in fields:
            columns[name][places] = batch[name].to_physical().to_numpy()[stays]
    table = pl.DataFrame(columns)
    return table.with_columns(pl.col("split").cat.to(fields["split"])) if "split" in fields else table


def _split(paths: Sequence[str]) -> dict[str, pl.DataType]:
    """The edges' ready-made split, if the batches have one."""
    schemas = [pl.read_parquet_schema(path) for path in paths]
    having = [schema["split"] for schema in schemas if "split" in schema]
    if having and len(having) < len(paths):
        without = next(path for path, schema in zip(paths, schemas, strict=True) if "split" not in schema)
        raise SegueError(
            "Some edge tables have a split and others do not.",
            where=str(without),
            found=f"no column split; {len(having)} of {len(paths)} tables have one",
            expected="a column split in all or in none",
            fix="ingest all slices again",
        )
    return {"split": having[0]} if having else {}


def digest_of_core(path: str) -> str:
    """``core_digest`` of the core's table of tracks in the file ``path``."""
    return core_digest(pl.read_parquet(path, columns=["track_uri"])["track_uri"])


def core_digest(uris: pl.Series) -> str:
    """SHA-256, hexadecimal, of the core's track uris by index: which tracks a model scores."""
    return hashlib.sha256("\n".join(uris).encode()).hexdigest()
