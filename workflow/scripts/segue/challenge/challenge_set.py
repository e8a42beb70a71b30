"""The held-out playlists as the challenge's file, and playlists of such a file that were trained on."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from segue.challenge.holdout import CATEGORIES, HeldOut
from segue.errors import SegueError
from segue.graph.merge import Merged
from segue.jobs import log

VERSION = "v1"  # of the challenge's format
FIELDS = ("artist_name", "track_uri", "artist_uri", "track_name", "album_uri", "duration_ms", "album_name")
ANSWERS = {"pid": pl.Int64, "category": pl.Int32, "track_uri": pl.String, "artist_uri": pl.String}


def held_out_entries(
    edges: Sequence[str],
    playlists: Sequence[str],
    tracks: Sequence[str],
    merged: Merged,
    drawn: HeldOut,
    seed: int,
) -> pl.DataFrame:
    """The tracks of the held-out playlists, each once, and which of them are given.

    ``edges``, ``playlists``, ``tracks``: the files that ``merge`` has read, read again batch by batch.
    Columns: category Int32, pid Int64, name, modified_at, position Int32 (the track's first on the playlist),
    FIELDS, and seed Bool; by category, pid, position. Tracks that no other playlist has are left out. Given
    are those of the lowest positions or, where the category says so, any, drawn with ``seed``.
    """
    category = np.zeros(merged.playlist_starts[-1], dtype=np.int32)
    category[drawn.playlist] = drawn.category
    files = zip(edges, playlists, tracks, merged.playlist_starts[:-1], merged.track_starts[:-1], strict=True)
    parts = [_batch(*batch, category, merged.track_of_row, drawn.shared) for batch in files]
    # Positions may be equal in a damaged slice; uris are not.
    return _with_given(pl.concat(parts).sort("category", "pid", "position", "track_uri"), seed)


def _batch(
    edges: str,
    playlists: str,
    tracks: str,
    p: int,
    t: int,
    category: np.ndarray,
    track_of_row: np.ndarray,
    shared: np.ndarray,
) -> pl.DataFrame:
    lists = pl.read_parquet(playlists, columns=["pid", "name", "modified_at"])
    lists = lists.with_columns(category=category[p : p + lists.height]).with_row_index("playlist")
    wanted = lists.filter(pl.col("category") > 0).cast({"playlist": pl.Int32})
    pairs = pl.read_parquet(edges, columns=["playlist", "track", "position"])
    pairs = pairs.join(wanted, on="playlist", how="inner")
    pairs = pairs.filter(shared[track_of_row[t:][pairs["track"].to_numpy()]])
    songs = pl.read_parquet(tracks, columns=list(FIELDS))[pairs["track"]]
    return pl.concat([pairs.drop("playlist", "track"), songs], how="horizontal")


def _with_given(entries: pl.DataFrame, seed: int) -> pl.DataFrame:
    """``entries`` with ``seed``: whether a track is among those that its category gives."""
    counts = {number: category.given for number, category in CATEGORIES.items()}
    at_random = [number for number, category in CATEGORIES.items() if category.at_random]
    # Another stream than those of the playlists.
    keys = pl.Series(np.random.PCG64([seed, 0]).random_raw(entries.height), dtype=pl.UInt64)
    place = pl.int_range(pl.len(), dtype=pl.UInt64)
    ranked = entries.with_columns(
        key=pl.when(pl.col("category").is_in(at_random)).then(keys).otherwise(place)
    )
    given = pl.col("key").rank("ordinal").over("pid") <= pl.col("category").replace_strict(counts)
    return ranked.with_columns(given=given).drop("key")


def answers(entries: pl.DataFrame) -> pl.DataFrame:
    """ANSWERS: what is to be found, of ``held_out_entries``; by category, pid, position."""
    return entries.filter(~pl.col("given")).select(*ANSWERS)


def challenge_set(entries: pl.DataFrame, name: str) -> dict[str, Any]:
    """``held_out_entries`` in the challenge's format, without what is to be found.

    Playlists stand by category, then pid. ``num_tracks`` is ``num_samples`` + ``num_holdouts``, each track
    once; a playlist has a ``name`` only where its category gives the title; ``pos`` is the track's first
    position on the whole playlist. ``date`` is when the last of the playlists was modified: no clock is
    asked, so that the same playlists give the same bytes.
    """
    return {
        "date": _date(entries["modified_at"].max()),
        "version": VERSION,
        "name": name,
        "playlists": [_playlist(part) for part in entries.partition_by("pid", maintain_order=True)],
    }


def _date(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _playlist(entries: pl.DataFrame) -> dict[str, Any]:
    first = entries.row(0, named=True)
    given = entries.filter("given").select(pl.col("position").alias("pos"), *FIELDS).to_dicts()
    title = {"name": first["name"]} if CATEGORIES[first["category"]].title else {}
    counts = {"num_tracks": entries.height, "num_samples": len(given)}
    return {
        "pid": first["pid"],
        **title,
        **counts,
        "num_holdouts": counts["num_tracks"] - counts["num_samples"],
        "tracks": given,
    }


SHOWN = 5


def leaked_pids(pids: Iterable[int | None], training: pl.Series) -> list[int]:
    """Those of ``pids`` that are in ``training``, the pids that a model learned from; rising, each once."""
    asked = pl.Series("pid", list(pids), dtype=pl.Int64).drop_nulls().unique()
    return asked.filter(asked.is_in(training.implode())).sort().to_list()


def require_no_leak(
    pids: Iterable[int | None], training: pl.Series, where: str, fix: str = "", allowed: bool = False
) -> None:
    """Raises SegueError where ``training`` holds one of ``pids``; where that is ``allowed``, logs it.

    ``where`` names what the pids are from, ``fix`` what its reader can do about it.
    """
    leaked = leaked_pids(pids, training)
    if not leaked:
        return
    shown = _shown(leaked)
    if allowed:
        log.warning("The training data holds %d of the playlists of %s: pid %s", len(leaked), where, shown)
        return
    raise SegueError(
        "The training data holds playlists that are to be continued.",
        where=where,
        found=f"{len(leaked):,} pids of both: {shown}",
        expected="playlists that no model learned from, or what is to be found is known",
        fix=fix,
    )


def require_apart(held_out: pl.Series, validation: pl.Series, where: str) -> None:
    """Raises SegueError where playlists are held out both to be reported and to choose by; by their pids."""
    both = leaked_pids(validation, held_out)
    if both:
        raise SegueError(
            "Playlists for validation are among those that are held out to be reported.",
            where=where,
            found=f"{len(both):,} pids of both: {_shown(both)}",
            expected="none, or what is chosen by them has seen what it is judged by",
            fix="make both anew: snakemake --forcerun hold_out_playlists",
        )


def _shown(pids: Sequence[int]) -> str:
    return ", ".join(map(str, pids[:SHOWN])) + (", ..." if len(pids) > SHOWN else "")
