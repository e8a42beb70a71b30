"""Lists of playlist-track edges from any source, text or Parquet: read and checked row by row."""

import csv
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from segue.data.batches import is_parquet, separator_of
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
SHOWN_COLUMNS = 20  # at most, in a message

Column = str | int  # a name, or a number from 1


def read_edges(
    path: str,
    *,
    playlist: Column,
    track: Column,
    position: Column | None = None,
    split: Column | None = None,
    role: str | None = None,
    separator: str | None = None,
    header: bool = True,
) -> pl.DataFrame:
    """One edge list in the order of the file: ``row`` UInt32, counted from 1, a header included;
    ``playlist`` and ``track`` String; where there is one, ``position`` Int32 and ``split`` SPLIT.

    ``playlist``, ``track``, ``position``, ``split``: columns, by name or by number from 1. ``role``: the
    split of the whole file, instead of a column.

    A name that ends in .parquet is Parquet. Any other file is UTF-8 text, plain, gzip or zstd, and its
    ``separator`` one ASCII character, or None for what the suffix implies. Fields may be quoted as in RFC
    4180, except that a quote means nothing where the separator is a tab. Blank lines are skipped. Ids stay
    the text that they are: 007 is not 7.

    Raises SegueError, with the file and the row, for a file that cannot be read as such or has no edges, a
    column that is not there, a row with too few or too many fields, an empty id, a position that is no
    integer from 0 to 2^31 - 1, or a split of another name.
    """
    wanted = {"playlist": playlist, "track": track, "position": position, "split": split}
    wanted = {key: column for key, column in wanted.items() if column is not None}
    if is_parquet(path):
        edges = _read_parquet(path, wanted)
    else:
        edges = _read_text(path, wanted, separator or separator_of(path), header)
    if edges.is_empty():
        raise _error("An edge list has no edges.", path, "0 rows", "one row or more")
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
        raise _unreadable(path, error, "a Parquet file") from error
    for key, name in chosen.items():
        if not (schema[name].is_integer() or schema[name] in (pl.String, pl.Categorical, pl.Enum)):
            raise _error(
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
        places = _places(path, first if header else len(first), wanted)
        # The last field shows whether a row has all of them, or more.
        read = sorted({*places.values(), len(first) - 1})
        frame = pl.read_csv(path, columns=read, **options)
    except pl.exceptions.NoDataError as error:
        raise _error("An edge list is empty.", path, "no data", "one row or more") from error
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
    return frame.slice(1) if header else frame


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
            raise _error(
                f"An edge list has {'no' if not found else 'more than one'} {key} column of that name.",
                path,
                f"{number} column(s)" + (f": {', '.join(listed)}" if names else ""),
                f"one column {column!r}",
                "correct data.edges.columns, split.column, data.edges.header or data.edges.separator",
            )
        places[key] = found[0]
    if len(set(places.values())) < len(places):
        found = ", ".join(f"{key} {place + 1}" for key, place in places.items())
        raise _error(
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
                raise _error("An edge list begins with a blank line.", path, "no field", "the first row")
            if not fields:
                blank.append(row)
            elif len(fields) != width:
                raise _error(
                    f"A row of an edge list has too {'few' if len(fields) < width else 'many'} fields.",
                    f"{path}: row {row}",
                    f"{len(fields)} field(s)",
                    f"{width}, as in the first row",
                    "mend or remove the row, or correct data.edges.separator",
                )
    except csv.Error as error:
        raise _quotes_error(f"{path}: row {row + 1}", str(error)) from error
    if height not in (None, row):
        raise _quotes_error(path, f"{row} or {height} rows, as one reads the quotes")
    return blank


def _python_rows(path: str, separator: str, quote: str | None) -> Iterable[list[str]]:
    lines = pl.read_lines(path, glob=False)["line"]
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    return csv.reader(lines, delimiter=separator, quoting=quoting, strict=True)


def _text_error(path: str, separator: str, quote: str | None, error: Exception) -> SegueError:
    problem = str(error)
    if "utf-8" in problem.lower():
        return _error("An edge list is not UTF-8.", _undecodable(path), "other bytes", "UTF-8 text")
    if isinstance(error, pl.exceptions.PolarsError):
        try:
            _blank_rows(path, separator, quote)
        except SegueError as described:
            return described
        except (pl.exceptions.PolarsError, OSError):
            pass  # what polars said first is the better account
    return _unreadable(path, error, "delimited text, plain, gzip or zstd")


def _undecodable(path: str) -> str:
    """``path``, with the first line that is not UTF-8 where the file is not compressed."""
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")) and number == 1:
                break
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as fault:
                around = line[max(fault.start - 20, 0) : fault.start + 20]
                return f"{path}: line {number}, byte {fault.start + 1} of the line, near {around!r}"
    return path


def _require_ids(path: str, edges: pl.DataFrame, side: str) -> None:
    empty = edges.filter(pl.col(side).is_null() | (pl.col(side).str.strip_chars() == ""))
    if not empty.is_empty():
        raise _error(
            f"An edge list has a {side} without an id ({empty.height:,} in all).",
            f"{path}: row {empty['row'][0]}",
            "nothing" if not empty[side][0] else repr(empty[side][0]),
            f"the id of a {side}",
        )
    broken = edges.filter(pl.col(side).str.contains_any(["\n", "\r"]))
    if not broken.is_empty():
        raise _quotes_error(f"{path}: row {broken['row'][0]}", f"a line break in {shown(broken[side][0])}")


def _positions(path: str, edges: pl.DataFrame) -> pl.Series:
    text = edges["position"]
    numbers = text.str.contains("^[0-9]+$").fill_null(False)
    positions = pl.select(pl.when(numbers).then(text)).to_series().cast(pl.Int64, strict=False)
    bad = edges.filter(positions.is_null() | (positions > MAX_POSITION))
    if not bad.is_empty():
        raise _error(
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
        raise _error(
            f"An edge list has a split of another name ({bad.height:,} rows in all).",
            f"{path}: row {bad['row'][0]}",
            shown(bad["split"][0]),
            f"one of {', '.join(ALIASES)}",
            "rename the value, or correct split.column",
        )
    return roles.cast(SPLIT).alias("split")


def _unreadable(path: str, error: Exception, expected: str) -> SegueError:
    problem = str(error).strip().partition("\n")[0] or type(error).__name__
    return _error("An edge list cannot be read.", path, problem, expected, "check the file and data.edges")


def _quotes_error(where: str, found: str) -> SegueError:
    return _error(
        "An edge list has quotes that do not match.",
        where,
        found,
        'fields quoted as in RFC 4180: "…", with each quote inside doubled',
    )


def _error(what: str, where: str, found: str, expected: str, fix: str = "") -> SegueError:
    return SegueError(
        what, where=where, found=found, expected=expected, fix=fix or "mend the file or the row"
    )


def shown(text: str | None, width: int = 60) -> str:
    """``text`` for a message: quoted, invisible characters escaped, shortened."""
    quoted = "nothing" if text is None else repr(text)
    return quoted if len(quoted) <= width else f"{quoted[: width - 1]}…"
