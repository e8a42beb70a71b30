"""The tables of all batches as one graph, with integer ids from the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import polars as pl

from segue.errors import SegueError


@dataclass(frozen=True)
class Merged:
    """All edges by provisional ids, which count the rows of the batches' tables one below the other.

    ``playlist``, ``track``: [E] int32, provisional playlist index 0..P-1, rising, and provisional track index
    0..T-1; each pair once. ``playlists``: pid, slice and ``kept`` (false where the playlist was
    rejected, and has no edge here), row i being playlist i. ``track_of_row``: [R] int32, the track of each
    row of the track tables; tracks are numbered as they first occur. ``first_row``: [T] int64, that row.
    ``playlist_starts``, ``track_starts``: [B + 1] int64, the first row of each batch in playlists and tracks.
    """

    playlist: np.ndarray
    track: np.ndarray
    playlists: pl.DataFrame
    track_of_row: np.ndarray
    first_row: np.ndarray
    playlist_starts: np.ndarray
    track_starts: np.ndarray


def merge(
    edges: Sequence[str],
    playlists: Sequence[str],
    tracks: Sequence[str],
    rejected: pl.DataFrame,
    held_out: pl.Series | None = None,
) -> Merged:
    """Reads the ids of all batches; names and positions stay in the files.

    ``edges``, ``playlists``, ``tracks``: Parquet files, one a batch in the same order, as ``parse_slices``
    writes them. ``rejected``: ``quarantine.SCHEMA``; a playlist in it whose pid stands in an earlier
    batch loses its edges. ``held_out``: pids whose edges are left out too. Raises SegueError when several
    slices still hold the same pid.
    """
    lists = [pl.read_parquet(path, columns=["pid", "slice"]) for path in playlists]
    uris = [pl.read_parquet(path, columns=["track_uri"])["track_uri"] for path in tracks]
    playlist_starts, track_starts = row_starts(lists), row_starts(uris)
    table = _without_rejected(pl.concat(lists), rejected)
    track_of_row, first_row = number(pl.concat(uris))
    del lists, uris
    used = table["kept"]
    if held_out is not None:
        used &= ~table["pid"].is_in(held_out.implode())
    used = None if used.all() else used.to_numpy()
    columns = {"playlist": [], "track": []}
    for path, p, t in zip(edges, playlist_starts[:-1], track_starts[:-1], strict=True):
        part = pl.read_parquet(path, columns=["playlist", "track"])
        playlist = part["playlist"].to_numpy() + np.int32(p)
        track = track_of_row[t:][part["track"].to_numpy()]
        stays = slice(None) if used is None else used[playlist]
        columns["playlist"].append(playlist[stays])
        columns["track"].append(track[stays])
    # Popped, so that the parts of one column are freed before the other is put together.
    joined = [np.concatenate(columns.pop(name)) for name in ("playlist", "track")]
    return Merged(*joined, table, track_of_row, first_row, playlist_starts, track_starts)


def number(uris: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Numbers equal strings alike, 0..T-1 by their first occurrence.

    ``uris``: [R] String. Returns the number of each, [R] int32, and the row where each number first occurs,
    [T] int64. Strings are told apart by a 64-bit hash, which joins in a quarter of the time; that equal
    hashes mean equal strings is checked, and another seed taken if they do not.
    """
    for seed in count():
        hashes = uris.hash(seed)
        first = hashes.arg_unique().sort()
        known = pl.DataFrame({"hash": hashes.gather(first), "number": pl.arange(len(first), eager=True)})
        numbers = (
            hashes.alias("hash")
            .to_frame()
            .join(known.cast({"number": pl.Int32}), on="hash", how="left", maintain_order="left")["number"]
        )
        if (uris.gather(first).gather(numbers) == uris).all():
            return numbers.to_numpy(), first.to_numpy().astype(np.int64)
    raise AssertionError  # count() does not end


def _without_rejected(playlists: pl.DataFrame, rejected: pl.DataFrame) -> pl.DataFrame:
    """``playlists`` with ``kept``. Raises SegueError for a pid that stands several times among those kept.

    The first batch's playlist of a pid stays: what is listed of its slice was never in the tables.
    """
    listed = rejected.filter(pl.col("pid").is_not_null()).select("slice", "pid", kept=pl.lit(False)).unique()
    playlists = playlists.join(listed, on=["slice", "pid"], how="left", maintain_order="left").with_columns(
        pl.col("kept").fill_null(True) | pl.col("pid").is_first_distinct()
    )
    repeated = playlists.filter("kept").filter(pl.col("pid").is_duplicated()).sort("pid", "slice")
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
    return playlists


def row_starts(tables: Sequence[pl.DataFrame] | Sequence[pl.Series]) -> np.ndarray:
    """[B + 1] int64, the first row of each batch's table, one below the other, and how many there are."""
    return np.cumsum([0, *map(len, tables)])


def read_rows(
    paths: Sequence[str], starts: np.ndarray, rows: np.ndarray, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    """``rows`` [n] int64, rising, of the tables in ``paths``, which count on; read batch by batch.

    ``starts``: of ``row_starts``. ``columns``: None for all.
    """
    bounds = np.searchsorted(rows, starts)
    parts = [
        pl.read_parquet(path, columns=columns)[rows[first:last] - start]
        for path, start, first, last in zip(paths, starts[:-1], bounds[:-1], bounds[1:], strict=True)
    ]
    return pl.concat(parts, rechunk=True)
