"""Lists of playlist-track edges from any source, text or Parquet: read and checked row by row."""

import csv
import re
from collections.abc import Iterable

import polars as pl

from segue.data.adjacency import ASK, are_lists, read_adjacency
from segue.data.batches import is_parquet, separator_of
from segue.data.edge_faults import edge_error, not_utf8, quotes_error, shown, unreadable
from segue.errors import SegueError

ROLES = ("train", "validation", "test")
SPLIT = pl.Enum(ROLES)
ALIASES = {role: role for role in ROLES} | {
    "training": "train",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "testing": "test",
}
MAX_POSITION = 2**31 - 1
LOOK = 1000  # rows that say soon that playlists repeat
SHOWN_COLUMNS = 20  # at most, in a message

Column = str | int  # a name, or a number from 1


def read_edges(
    path: str,
    *,
    form: str = "pairs",
    playlist: Column = 1,
    track: Column = 2,
    position: Column | None = None,
    split: Column | None = None,
    role: str | None = None,
    separator: str | None = None,
    header: bool = True,
) -> pl.DataFrame:
    """One edge list in the order of the file: ``row`` UInt32, counted from 1, a header included;
    ``playlist`` and ``track`` String; where there is one, ``position`` Int32 and ``split`` SPLIT.

    ``form``: ``pairs``, a row an edge, or ``adjacency``, text of a row a playlist, which has no columns and
    no header (`segue.data.adjacency`).
    ``playlist``, ``track``, ``position``, ``split``: columns, by name or by number from 1. ``role``: the
    split of the whole file, instead of a column.

    A name that ends in .parquet is Parquet. Any other file is UTF-8 text, plain, gzip or zstd, and its
    ``separator`` one ASCII character, or None for what the suffix implies. Fields may be quoted as in RFC
    4180, except that a quote means nothing where the separator is a tab. Blank lines are skipped. Ids stay
    the text that they are: 007 is not 7.

    Raises SegueError, with the file and the row, for a file that cannot be read as such or has no edges, a
    column that is not there, pairs that look like lists or lists that look like pairs, a row with too few or
    too many fields, an empty id, a position that is no integer from 0 to 2^31 - 1, or a split of another
    name.
    """
    wanted = {"playlist": playlist, "track": track, "position": position, "split": split}
    wanted = {key: column for key, column in wanted.items() if column is not None}
    if form == "adjacency":
        edges = read_adjacency(path, separator or separator_of(path))
    elif is_parquet(path):
        edges = _read_parquet(path, wanted)
    else:
        edges = _read_text(path, wanted, separator or separator_of(path), header)
    if edges.is_empty():
        raise edge_error("An edge list has no edges.", path, "0 rows", "one row or more")
    for side in ("playlist", "track"):
        _require_ids(path, edges, side)
    if position is not None:
        edges = edges.with_columns(_positions(path, edges))
    if split is not None:
        edges = edges.with_columns(_splits(path, edges))
    elif role is not None:
        edges = edges.with_columns(pl.lit(role, dtype=SPLIT).alias("split"))
    return edges


def _read_parquet(path: str, wanted: dict[str, Column]) -> pl.DataFrame:
    try:
        schema = pl.read_parquet_schema(path)
        names = list(schema)
        places = _places(path, names, wanted)
        chosen = {key: names[place] for key, place in places.items()}
        frame = pl.read_parquet(path, columns=list(chosen.values()), glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(path, error, "a Parquet file") from error
    for key, name in chosen.items():
        if not (schema[name].is_integer() or schema[name] in (pl.String, pl.Categorical, pl.Enum)):
            raise edge_error(
                f"The {key} column of an edge list has a type that is no id.",
                f"{path}: column {name!r}",
                str(schema[name]),
                "text or integers",
            )
    frame = frame.select(pl.col(name).cast(pl.String).alias(key) for key, name in chosen.items())
    return frame.with_row_index("row", offset=1)


def _read_text(path: str, wanted: dict[str, Column], separator: str, header: bool) -> pl.DataFrame:
    quote = None if separator == "\t" else '"'  # as in IANA's text/tab-separated-values
    options = {"has_header": False, "infer_schema": False, "glob": False}
    options |= {"separator": separator, "quote_char": quote}
    try:
        # The header is read as a row, so that polars renames no column and checks it as it checks the others.
        first = [name or "" for name in pl.read_csv(path, n_rows=1, **options).row(0)]
        if header:
            _require_names(path, first, wanted)
        places = _places(path, first if header else len(first), wanted)
        # The last field shows whether a row has all of them, or more.
        read = sorted({*places.values(), len(first) - 1})
        frame = pl.read_csv(path, columns=read, **options)
    except pl.exceptions.NoDataError as error:
        raise edge_error("An edge list is empty.", path, "no data", "one row or more") from error
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _text_error(path, separator, quote, error) from error
    names = frame.columns
    frame = frame.with_row_index("row", offset=1)
    if frame[names[-1]].null_count():
        # Polars reads an empty field, a missing one and those of a blank line alike.
        blank = _blank_rows(path, separator, quote, frame.height)
        frame = frame.filter(~pl.col("row").is_in(blank))
    chosen = {key: names[read.index(place)] for key, place in places.items()}
    frame = frame.select("row", *(pl.col(name).alias(key) for key, name in chosen.items()))
    if header:
        return frame.slice(1)
    if (
        wanted.keys() == {"playlist", "track"}
        and len(first) > 2
        and frame["playlist"][:LOOK].is_unique().all()
    ):
        others = pl.read_csv(path, **options).select(pl.exclude(chosen.values())).drop_nulls()
        if are_lists(frame["playlist"], frame["track"], others):
            raise edge_error(
                "An edge list without a header looks like lists of tracks, not like pairs.",
                path,
                f"{len(first)} columns, no playlist in two rows, and ids of one kind behind it, as in row 1: "
                + shown(separator.join(first)),
                "a row a playlist and one track",
                f"{ASK}; or name the columns in a first row and set data.edges.header to true",
            )
    return frame


def _require_names(path: str, first: list[str], wanted: dict[str, Column]) -> None:
    """A first row of numbers is no header, unless its numbers are the names that are asked for."""
    named = all(isinstance(column, str) and column in first for column in wanted.values())
    if not named and all(re.fullmatch("[0-9]+", name) for name in first):
        raise edge_error(
            "The header of an edge list has numbers only, as rows have.",
            f"{path}: row 1",
            shown(" ".join(first)),
            "names of columns, since data.edges.header is true",
            f"set data.edges.header to false and columns by number; or {ASK}",
        )


def _places(path: str, fields: list[str] | int, wanted: dict[str, Column]) -> dict[str, int]:
    """The place, from 0, of each wanted column; ``fields``: the names of all columns, or their number."""
    names = fields if isinstance(fields, list) else []
    number = len(names) or fields
    places = {}
    for key, column in wanted.items():
        found = [i for i, name in enumerate(names) if name == column]
        if isinstance(column, int):
            found = [column - 1] if column <= number else []
        if len(found) != 1:
            listed = [repr(name) for name in names[:SHOWN_COLUMNS]]
            listed += ["…"] if len(names) > SHOWN_COLUMNS else []
            raise edge_error(
                f"An edge list has {'no' if not found else 'more than one'} {key} column of that name.",
                path,
                f"{number} column(s)" + (f": {', '.join(listed)}" if names else ""),
                f"one column {column!r}",
                "correct data.edges.columns, split.column, data.edges.header or data.edges.separator",
            )
        places[key] = found[0]
    if len(set(places.values())) < len(places):
        found = ", ".join(f"{key} {place + 1}" for key, place in places.items())
        raise edge_error(
            "One column of an edge list is to be two things.",
            path,
            f"columns by number: {found}",
            "a column of its own for each",
            "correct data.edges.columns or split.column",
        )
    return places


def _blank_rows(path: str, separator: str, quote: str | None, height: int | None = None) -> list[int]:
    """The rows, from 1, that are blank lines. Raises SegueError for the first of another width than row 1,
    or when there are not ``height`` of them.

    Reads row by row, which is slow: only what polars cannot tell is found this way.
    """
    blank, width, row = [], 0, 0
    try:
        for row, fields in enumerate(_python_rows(path, separator, quote), start=1):
            width = width or len(fields)
            if not width:
                raise edge_error("An edge list begins with a blank line.", path, "no field", "the first row")
            if not fields:
                blank.append(row)
            elif len(fields) != width:
                raise edge_error(
                    f"A row of an edge list has too {'few' if len(fields) < width else 'many'} fields.",
                    f"{path}: row {row}",
                    f"{len(fields)} field(s)",
                    f"{width}, as in the first row",
                    f"mend or remove the row, correct data.edges.separator, or {ASK}",
                )
    except csv.Error as error:
        raise quotes_error(f"{path}: row {row + 1}", str(error)) from error
    if height not in (None, row):
        raise quotes_error(path, f"{row} or {height} rows, as one reads the quotes")
    return blank


def _python_rows(path: str, separator: str, quote: str | None) -> Iterable[list[str]]:
    lines = pl.read_lines(path, glob=False)["line"]
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    return csv.reader(lines, delimiter=separator, quoting=quoting, strict=True)


def _text_error(path: str, separator: str, quote: str | None, error: Exception) -> SegueError:
    problem = str(error)
    if "utf-8" in problem.lower():
        return not_utf8(path)
    if isinstance(error, pl.exceptions.PolarsError):
        try:
            _blank_rows(path, separator, quote)
        except SegueError as described:
            return described
        except (pl.exceptions.PolarsError, OSError):
            pass  # what polars said first is the better account
    return unreadable(path, error, "delimited text, plain, gzip or zstd")


def _require_ids(path: str, edges: pl.DataFrame, side: str) -> None:
    empty = edges.filter(pl.col(side).is_null() | (pl.col(side).str.strip_chars() == ""))
    if not empty.is_empty():
        raise edge_error(
            f"An edge list has a {side} without an id ({empty.height:,} in all).",
            f"{path}: row {empty['row'][0]}",
            "nothing" if not empty[side][0] else repr(empty[side][0]),
            f"the id of a {side}",
        )
    broken = edges.filter(pl.col(side).str.contains_any(["\n", "\r"]))
    if not broken.is_empty():
        raise quotes_error(f"{path}: row {broken['row'][0]}", f"a line break in {shown(broken[side][0])}")


def _positions(path: str, edges: pl.DataFrame) -> pl.Series:
    text = edges["position"]
    numbers = text.str.contains("^[0-9]+$").fill_null(False)
    positions = pl.select(pl.when(numbers).then(text)).to_series().cast(pl.Int64, strict=False)
    bad = edges.filter(positions.is_null() | (positions > MAX_POSITION))
    if not bad.is_empty():
        raise edge_error(
            f"An edge list has a position that is none ({bad.height:,} in all).",
            f"{path}: row {bad['row'][0]}",
            shown(bad["position"][0]),
            f"an integer from 0 to {MAX_POSITION}",
            "mend the row, or set data.edges.columns.position to null and sort the rows instead",
        )
    return positions.cast(pl.Int32).alias("position")


def _splits(path: str, edges: pl.DataFrame) -> pl.Series:
    text = edges["split"].str.strip_chars().str.to_lowercase()
    roles = text.replace_strict(ALIASES, default=None, return_dtype=pl.String)
    bad = edges.filter(roles.is_null())
    if not bad.is_empty():
        raise edge_error(
            f"An edge list has a split of another name ({bad.height:,} rows in all).",
            f"{path}: row {bad['row'][0]}",
            shown(bad["split"][0]),
            f"one of {', '.join(ALIASES)}",
            "rename the value, or correct split.column",
        )
    return roles.cast(SPLIT).alias("split")
