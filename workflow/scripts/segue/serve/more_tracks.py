"""Tables of tracks that a model is to be told of, read and checked."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from segue.errors import SegueError, shown, typed
from segue.serve.uris import URI_FORM, uri_or_id

REQUIRED = "track_uri"
NODES = ("artist_uri", "album_uri")  # one of these at least
NAMES = ("track_name", "artist_name")


def read_tracks(path: str | Path) -> pl.DataFrame:
    """The table in a ``.csv``, ``.tsv`` or ``.parquet`` file, with a header. Raises SegueError for another
    file, and where it cannot be read."""
    path = Path(path)
    readers = {
        ".csv": lambda: pl.read_csv(path, infer_schema=False),
        ".tsv": lambda: pl.read_csv(path, infer_schema=False, separator="\t", quote_char=None),
        ".parquet": lambda: pl.read_parquet(path),
    }
    reader = readers.get(path.suffix.lower())
    expected = f"a table (.csv, .tsv, .parquet) with {REQUIRED}, and {' or '.join(NODES)}"
    if reader is None:
        found = f"a file {path.suffix or 'without suffix'}"
        raise SegueError(
            "The tracks to add are in no table.", where=str(path), found=found, expected=expected
        )
    try:
        return reader()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise SegueError(
            "The table of tracks to add cannot be read.",
            where=str(path),
            found=getattr(error, "strerror", None) or str(error).split("\n")[0],
            expected=expected,
            fix="correct the name, or write the table anew",
        ) from error


def checked_tracks(table: Any, known: pl.Series, raw_ids: bool, where: str) -> pl.DataFrame:
    """track_uri, the uris of NODES and NAMES as String, null where they are not known.

    ``table``: a polars table or a list of dicts, a row a track. ``known``: uris that it must not have;
    ``raw_ids``: whether tracks are ids of edge lists, and no uris. ``where``: what errors name. Raises
    SegueError where it is no such table, lacks a column, has no row or a row without a uri, or a track twice.
    """
    rows = _table(table, where)
    if rows.is_empty():
        raise SegueError("There are no tracks to add.", where=where, found="no row", expected="a row a track")
    if REQUIRED not in rows.columns or not any(name in rows.columns for name in NODES):
        raise SegueError(
            "The table of tracks to add lacks a column.",
            where=where,
            found="columns " + (", ".join(rows.columns) or "none"),
            expected=f"{REQUIRED}, and {' or '.join(NODES)}, or both; also {' and '.join(NAMES)}",
            fix="name the columns so",
        )
    names = (REQUIRED, *NODES, *NAMES)
    rows = rows.select(
        _text(pl.col(name) if name in rows.columns else pl.lit(None)).alias(name) for name in names
    )
    given = rows[REQUIRED]
    uris = [text and (text if raw_ids else uri_or_id(text)) for text in given]
    rows = rows.with_columns(pl.Series(REQUIRED, uris, dtype=pl.String))
    for wrong, what, expected in (
        (rows[REQUIRED].is_null(), "A track to add has no uri.", "an id" if raw_ids else URI_FORM),
        (rows[REQUIRED].is_duplicated(), "A track to add stands there twice.", "each track once"),
        (
            rows[REQUIRED].is_in(known.implode()),
            "A track to add is in the graph already.",
            "tracks that the model does not know",
        ),
    ):
        if wrong.any():
            row = int(wrong.arg_true()[0])
            more = f" ({wrong.sum():,} such rows in all)" if wrong.sum() > 1 else ""
            raise SegueError(
                what,
                where=f"{where}, row {row + 1}",
                found=f"{shown(given[row])}{more}",
                expected=expected,
                fix="correct the row, or take it out",
            )
    return rows


def _table(table: Any, where: str) -> pl.DataFrame:
    if isinstance(table, pl.DataFrame):
        return table
    is_list = isinstance(table, Iterable) and not isinstance(table, str | bytes | Mapping)
    rows = [*table] if is_list else []
    if not is_list or not all(isinstance(row, Mapping) for row in rows):
        raise SegueError(
            "The tracks to add come in a table.",
            where=where,
            found=typed(table),
            expected="a polars table, or a list of dicts, one a track",
            fix='add_tracks(model, [{"track_uri": ..., "artist_uri": ...}])',
        )
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame(
        {str(name): pl.Series([row.get(name) for row in rows], strict=False) for name in names}
    )


def _text(column: pl.Expr) -> pl.Expr:
    stripped = column.cast(pl.String, strict=False).str.strip_chars()
    return pl.when(stripped != "").then(stripped)
