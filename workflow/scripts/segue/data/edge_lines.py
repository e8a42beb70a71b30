"""Rows of delimited text taken line by line: with any separator, and with rows of any width."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
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
BLANKS = " \t"
CHUNK = 100_000  # rows that are held as Python's strings at a time
FIELDS = {"row": pl.UInt32, "fields": pl.List(pl.String)}


class Rows(NamedTuple):
    """The rows of a text, blank lines left out.

    ``rows``: ``row`` UInt32, counted from 1, a header included, and a String column for each one wanted, null
    where a field is empty. ``ragged``: ``row`` and ``width`` UInt32, the number of fields, of those with more
    or fewer than ``first``, the fields of row 1.
    """

    rows: pl.DataFrame
    ragged: pl.DataFrame
    first: list[str]


def read_lines(path: str) -> pl.Series:
    """The lines of a text, without their ends and without a byte-order mark."""
    try:
        lines = pl.read_lines(path, glob=False)["line"].str.strip_prefix("\ufeff")
    except (pl.exceptions.PolarsError, OSError) as error:
        if re.search("utf-?8", str(error), re.I):
            raise not_utf8(path) from error
        raise unreadable(path, error, "text, plain, gzip or zstd") from error
    require_no_zeros(path, "".join(lines[:1]))
    return lines


def has_quotes(separator: str) -> bool:
    """Whether quotes mean something between fields; between tabs they do not, as IANA has it."""
    return separator != "\t" and len(separator) == 1


def between(separator: str) -> str:
    """What matches between two fields."""
    return f"[{BLANKS}]+" if separator == BLANK else re.escape(separator)


def quoted_or_not(separator: str) -> str:
    """What matches a field that is not empty."""
    return f'"(?:[^"]|"")*"|[^"{BLANKS if separator == BLANK else re.escape(separator)}]+'


def rows_by_lines(path: str, wanted: dict[str, Column], separator: str, header: bool) -> Rows:
    """As `segue.data.edge_texts.read_rows`, of any text that it reads."""
    lines = read_lines(path)
    if has_quotes(separator) and lines.str.contains('"', literal=True).any():
        rows = _in_chunks(_records(path, lines, separator))
    else:
        rows = pl.DataFrame({"line": lines.str.strip_chars(BLANKS) if separator == BLANK else lines})
        rows = rows.with_row_index("row", offset=1).filter(pl.col("line") != "")
        if separator == BLANK:
            fields = pl.col("line").str.extract_all(f"[^{BLANKS}]+")
        else:
            fields = pl.col("line").str.split(separator)
        rows = rows.select("row", fields=fields)
    if rows.is_empty():
        raise edge_error("An edge list is empty.", path, "no data", "one row or more", NAME_ANOTHER)
    row, first = rows.row(0)
    if row > 1:
        what, fix = "An edge list begins with a blank line.", "remove the line"
        raise edge_error(what, path, "no field", "the first row", fix)
    width = pl.col("fields").list.len()
    found = {
        key: pl.col("fields").list.get(at).str.strip_suffix("\r")
        for key, at in places(path, first, wanted, header).items()
    }
    whole = rows.filter(width == len(first)).slice(1 if header else 0)
    whole = whole.select("row", **{key: pl.when(text != "").then(text) for key, text in found.items()})
    return Rows(whole, rows.filter(width != len(first)).select("row", width=width), first)


Record = tuple[int, list[str]]  # its number, from 1, and its fields


def _in_chunks(records: Iterable[Record]) -> pl.DataFrame:
    chunks, records = [pl.DataFrame(schema=FIELDS)], iter(records)
    while chunk := list(islice(records, CHUNK)):
        chunks.append(pl.DataFrame(chunk, FIELDS, orient="row"))
    return pl.concat(chunks)


def _records(path: str, lines: pl.Series, separator: str) -> Iterator[Record]:
    """The records of a text with quotes; one whose quoted field has a line break takes several lines.

    A record with an odd number of quotes goes on in the next line, and one with an even number has ended.
    """
    split = re.compile(between(separator)).split
    field = re.compile(rf"({quoted_or_not(separator)}|)(?:{between(separator)}|\Z)")
    ends = BLANKS if separator == BLANK else ""
    row, odd, opened = 0, False, []
    for line in lines:
        if opened or '"' in line:
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
