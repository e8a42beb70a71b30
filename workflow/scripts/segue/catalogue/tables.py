"""The catalogue as tables: every track and playlist that was read and not held out, in the k-core or not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from segue.graph.kcore import occurrences
from segue.graph.merge import Merged, read_rows

FIELDS = ("track_uri", "track_name", "artist_uri", "artist_name", "album_uri")


@dataclass(frozen=True)
class CatalogueTables:
    """``tracks``: ``track`` Int32, 0..N-1 by ``degree`` falling, then track_uri; FIELDS; ``degree`` Int32,
    the playlists that have it, 1 or more; ``core`` Int32, its index in the k-core, null outside; ``artist``
    and ``album`` Int32, numbers of their uris in the order of these, null where there is none.

    ``playlists``: ``playlist`` Int32, 0..P-1 in the order of pid; pid, name; ``core`` Int32, as of tracks.

    ``listed``: [P, N] int8, 1 where a playlist has a track; indices sorted.
    """

    tracks: pl.DataFrame
    playlists: pl.DataFrame
    listed: csr_array


def catalogue_tables(
    playlists: Sequence[str],
    tracks: Sequence[str],
    merged: Merged,
    core_playlists: pl.DataFrame,
    core_tracks: pl.DataFrame,
) -> CatalogueTables:
    """Of the playlists with an edge in ``merged``, and their tracks.

    ``playlists``, ``tracks``: the files that ``merge`` has read, read again batch by batch.
    ``core_playlists``: playlist (index in the core) and pid; ``core_tracks``: track (index in the core) and
    track_uri.
    """
    degree = occurrences(merged.track, len(merged.first_row))
    songs, new_track = _tracks(tracks, merged, degree, core_tracks)
    size = occurrences(merged.playlist, merged.playlists.height)
    lists, new_playlist = _playlists(playlists, merged, size, core_playlists)
    edges = new_playlist[merged.playlist], new_track[merged.track]
    ones = np.ones(len(merged.track), dtype=np.int8)
    listed = csr_array((ones, edges), shape=(lists.height, songs.height))
    listed.sort_indices()
    return CatalogueTables(songs, lists, listed)


def _tracks(
    paths: Sequence[str], merged: Merged, degree: np.ndarray, core: pl.DataFrame
) -> tuple[pl.DataFrame, np.ndarray]:
    """The table, and the catalogue index of each provisional track, [T] int32, -1 without one."""
    kept = np.flatnonzero(degree)
    by_row = kept[np.argsort(merged.first_row[kept])]
    table = read_rows(paths, merged.track_starts, merged.first_row[by_row], FIELDS)
    table = table.with_columns(provisional=by_row, degree=pl.Series(degree[by_row], dtype=pl.Int32))
    table = table.sort("degree", "track_uri", descending=[True, False])
    numbers = np.full(len(degree), -1, dtype=np.int32)
    numbers[table["provisional"].to_numpy()] = np.arange(table.height, dtype=np.int32)
    core = core.select("track_uri", pl.col("track").alias("core"))
    table = table.join(core, on="track_uri", how="left", maintain_order="left")
    return table.select(
        pl.int_range(pl.len(), dtype=pl.Int32).alias("track"),
        *FIELDS,
        "degree",
        pl.col("core").cast(pl.Int32),
        _number("artist_uri"),
        _number("album_uri"),
    ), numbers


def _number(column: str) -> pl.Expr:
    return (pl.col(column).rank("dense").cast(pl.Int32) - 1).alias(column.removesuffix("_uri"))


def _playlists(
    paths: Sequence[str], merged: Merged, size: np.ndarray, core: pl.DataFrame
) -> tuple[pl.DataFrame, np.ndarray]:
    """The table, and the catalogue index of each provisional playlist, [P] int32, -1 without one."""
    kept = np.flatnonzero(size)
    table = read_rows(paths, merged.playlist_starts, kept, ("pid", "name")).with_columns(provisional=kept)
    table = table.sort("pid")
    numbers = np.full(len(size), -1, dtype=np.int32)
    numbers[table["provisional"].to_numpy()] = np.arange(table.height, dtype=np.int32)
    core = core.select("pid", pl.col("playlist").alias("core"))
    table = table.join(core, on="pid", how="left", maintain_order="left")
    return table.select(
        pl.int_range(pl.len(), dtype=pl.Int32).alias("playlist"), "pid", "name", pl.col("core").cast(pl.Int32)
    ), numbers
