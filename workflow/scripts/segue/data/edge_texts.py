"""Rows of delimited text: by polars where the text is regular, and one by one where only that can tell."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import polars as pl

from segue.data.edge_columns import Column, places
from segue.data.edge_faults import (
    NAME_ANOTHER,
    edge_error,
    not_utf8,
    quotes_error,
    require_no_zeros,
    shown,
    unreadable,
)

BLANK = " "  # stands for any run of blanks and tabs
CHUNK = 100_000  # rows that are held as Python's strings at a time
LINE_LIKE = "delimited text, plain, gzip or zstd"


class Rows(NamedTuple):
    """The rows of a text, blank lines left out.

    ``rows``: ``row`` UInt32, counted from 1, a header included, and a String column for each one wanted, null
    where a field is empty. ``ragged``: ``row`` and ``width`` UInt32, the number of fields, of those with more
    or fewer than ``first``, the fields of row 1.
    """

    rows: pl.DataFrame
    ragged: pl.DataFrame
    first: list[str]


RAGGED = {"row": pl.UInt32, "width": pl.UInt32}


def read_rows(path: str, wanted: dict[str, Column], separator: str, header: bool) -> Rows:
    """The columns ``wanted`` of the rows below the header, if there is one.

    ``separator``: one character or more; BLANK is any run of blanks and tabs. Fields may be quoted as in RFC
    4180, but where the separator is a tab or has several characters a quote means nothing.

    Raises SegueError, with the file and the row, for a text that cannot be read, a stray quote, a first line
    that is blank, and a column that is not there.
    """
    found = None if len(separator) > 1 else _read_at_once(path, wanted, separator, header)
    return found or _read_one_by_one(path, wanted, separator, header)


def read_lines(path: str) -> pl.Series:
    """The lines of a text, without their ends and without a byte-order mark."""
    try:
        lines = pl.read_lines(path, glob=False)["line"].str.strip_prefix("\ufeff")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _fault(path, error) from error
    require_no_zeros(path, "".join(lines[:1]))
    return lines


def _fault(path: str, error: Exception) -> Exception:
    return not_utf8(path) if re.search("utf-?8", str(error), re.I) else unreadable(path, error, LINE_LIKE)


def _quote(separator: str) -> str | None:
    return None if separator == "\t" or len(separator) > 1 else '"'  # as in IANA's tab-separated-values


def _read_at_once(path: str, wanted: dict[str, Column], separator: str, header: bool) -> Rows | None:
    """None where polars takes the text for malformed, or might take a row for another."""
    quote = _quote(separator)
    options = {"has_header": False, "infer_schema": False, "glob": False}
    options |= {"separator": separator, "quote_char": quote}
    try:
        # The header is read as a row, so that polars renames no column and checks it as it checks the others.
        first = [name or "" for name in pl.read_csv(path, n_rows=1, **options).row(0)]
        require_no_zeros(path, "".join(first))
        if first == [""] or (separator == BLANK and "" in first):
            return None  # a blank line, or a run of blanks
        found = places(path, first, wanted, header)
        # The last field shows whether a row has all of them, or more.
        read = sorted({*(range(len(first)) if separator == BLANK else found.values()), len(first) - 1})
        frame = pl.read_csv(path, columns=read, **options)
    except pl.exceptions.NoDataError as error:
        raise edge_error(
            "An edge list is empty.", path, "no data", "one row or more", NAME_ANOTHER
        ) from error
    except pl.exceptions.PolarsError:
        return None
    except OSError as error:
        raise unreadable(path, error, LINE_LIKE) from error
    names = frame.columns
    # Polars reads an empty field, a missing one and those of a blank line alike.
    if frame[names[-1]].has_nulls() or (quote and not _quotes_are_plain(path, separator)):
        return None
    if separator == BLANK and any(
        column.has_nulls() or column.str.contains("\t", literal=True).any() for column in frame
    ):
        return None
    frame = frame.with_row_index("row", offset=1)
    rows = frame.select("row", *(pl.col(names[read.index(at)]).alias(key) for key, at in found.items()))
    return Rows(rows.slice(1) if header else rows, pl.DataFrame(schema=RAGGED), first)


def _quotes_are_plain(path: str, separator: str) -> bool:
    """Whether each line is a row by itself and has no stray quote."""
    if not _may_have_quotes(path):
        return True
    field = _field(separator)
    plain = f"^(?:{field})?(?:{_between(separator)}(?:{field})?)*$"
    return pl.read_lines(path, glob=False)["line"].str.contains(plain).all()


def _may_have_quotes(path: str) -> bool:
    with Path(path).open("rb") as file:
        packed = file.read(4).startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))
        file.seek(0)
        return packed or any(b'"' in block for block in iter(lambda: file.read(1 << 20), b""))


def _between(separator: str) -> str:
    return "[ \t]+" if separator == BLANK else re.escape(separator)


def _field(separator: str) -> str:
    inside = " \t" if separator == BLANK else re.escape(separator)
    return f'"(?:[^"]|"")*"|[^"{inside}]+'


def _read_one_by_one(path: str, wanted: dict[str, Column], separator: str, header: bool) -> Rows:
    records = _records(path, read_lines(path), separator)
    row, first = next(records, (0, []))
    if not row:
        raise edge_error("An edge list is empty.", path, "no data", "one row or more", NAME_ANOTHER)
    if row > 1:
        raise edge_error(
            "An edge list begins with a blank line.", path, "no field", "the first row", "remove the line"
        )
    found = places(path, first, wanted, header)
    chunks, ragged = [], []
    whole = _of_width(records if header else _before(first, records), len(first), ragged)
    schema = {"row": pl.UInt32} | dict.fromkeys(found, pl.String)
    while chunk := list(islice(whole, CHUNK)):
        columns = {"row": [row for row, _ in chunk]}
        columns |= {
            key: [fields[at].removesuffix("\r") or None for _, fields in chunk] for key, at in found.items()
        }
        chunks.append(pl.DataFrame(columns, schema))
    rows = pl.concat([pl.DataFrame(schema=schema), *chunks])
    return Rows(rows, pl.DataFrame(ragged, RAGGED, orient="row"), first)


Record = tuple[int, list[str]]  # its number, from 1, and its fields


def _before(first: list[str], records: Iterator[Record]) -> Iterator[Record]:
    yield 1, first
    yield from records


def _of_width(records: Iterable[Record], width: int, ragged: list[tuple[int, int]]) -> Iterator[Record]:
    """The ``records`` of that width; the others' numbers and widths go into ``ragged``."""
    for row, fields in records:
        if len(fields) == width:
            yield row, fields
        else:
            ragged.append((row, len(fields)))


def _records(path: str, lines: pl.Series, separator: str) -> Iterator[Record]:
    """The records of the text; one whose quoted field has a line break takes several lines.

    A record with an odd number of quotes goes on in the next line, and one with an even number has ended.
    """
    split = re.compile(_between(separator)).split
    field = re.compile(rf"({_field(separator)}|)(?:{_between(separator)}|\Z)")
    ends = " \t" if separator == BLANK else ""
    quoted, row, odd, opened = _quote(separator) is not None, 0, False, []
    for line in lines:
        if opened or (quoted and '"' in line):
            opened.append(line)
            odd ^= line.count('"') % 2 == 1
            if odd:
                continue
            record, opened, row = "\n".join(opened).strip(ends), [], row + 1
            yield row, _fields(f"{path}: row {row}", record, field)
        else:
            row += 1
            if line := line.strip(ends):
                yield row, split(line)
    if opened:
        raise quotes_error(f"{path}: row {row + 1}", f"one that is not closed, in {shown(opened[0])}")


def _fields(where: str, record: str, field: re.Pattern) -> list[str]:
    """Of a record with quotes; ``field`` matches a field and the separator or the end behind it."""
    fields, at, ended = [], 0, False
    while not ended:
        found = field.match(record, at)
        if not found:
            raise quotes_error(where, f"a stray one in {shown(record)}")
        text, at = found[1], found.end()
        fields.append(text[1:-1].replace('""', '"') if text[:1] == '"' else text)
        ended = found.end(1) == len(record)
    return fields
