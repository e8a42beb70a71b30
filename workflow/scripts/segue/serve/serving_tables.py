"""The tracks that playlists may name: those of the graph, and what stands for those outside it."""

import hashlib
from collections.abc import Sequence

import numpy as np
import polars as pl

from segue.graph.merge import number, read_rows, row_starts

COLUMNS = ("track_uri", "track_name", "artist_uri", "artist_name", "album_uri")
GROUPS = ("album", "artist")  # where a stand-in is looked for, in this order


def known_tracks(paths: Sequence[str], core: pl.DataFrame, degree: np.ndarray) -> pl.DataFrame:
    """Every track that the run has read, with its place in the graph or one that stands for it there.

    ``paths``: the batches' tables of tracks; ``core``: the k-core's, in the order of its track indices;
    ``degree``: [T] integer, playlists of each track of the core that pass messages.

    Columns: track_uri, track_name, artist_uri, artist_name; track Int32, the index in the core, null outside
    it; stand_in Int32, for a track outside it the core's track of the same album with the highest degree, or
    else of the same artist, null where there is none; stand_in_by, ``album`` or ``artist``. Of equal degrees
    the lower index stands in. Sorted by track_uri.
    """
    inside = core.select("track", *COLUMNS).with_columns(degree=pl.Series(degree))
    tracks = _distinct(paths).join(inside.select("track_uri", "track"), on="track_uri", how="left")
    for group in GROUPS:
        key = f"{group}_uri"
        first = inside.sort("degree", "track", descending=[True, False]).unique(key, keep="first")
        named = first.drop_nulls(key).select(key, pl.col("track").alias(f"by_{group}"))
        tracks = tracks.join(named, on=key, how="left")
    outside = pl.col("track").is_null()
    chosen = [pl.when(outside).then(f"by_{group}") for group in GROUPS]
    by = pl.coalesce(
        pl.when(one.is_not_null()).then(pl.lit(group)) for one, group in zip(chosen, GROUPS, strict=True)
    )
    return tracks.select(
        *COLUMNS[:-1], "track", pl.coalesce(chosen).alias("stand_in"), by.alias("stand_in_by")
    ).sort("track_uri")


def _distinct(paths: Sequence[str]) -> pl.DataFrame:
    """The first description of every track, batch by batch."""
    uris = [pl.read_parquet(path, columns=["track_uri"])["track_uri"] for path in paths]
    starts, (_, first_row) = row_starts(uris), number(pl.concat(uris))
    del uris
    return read_rows(paths, starts, first_row, COLUMNS)


def digest_of_core(path: str) -> str:
    """``core_digest`` of the core's table of tracks in the file ``path``."""
    return core_digest(pl.read_parquet(path, columns=["track_uri"])["track_uri"])


def core_digest(uris: pl.Series) -> str:
    """SHA-256, hexadecimal, of the core's track uris by index: which tracks a model scores."""
    return hashlib.sha256("\n".join(uris).encode()).hexdigest()
