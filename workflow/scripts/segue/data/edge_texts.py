"""Rows of delimited text: by polars at once where the text is regular, else line by line."""

import os
from pathlib import Path

import polars as pl

from segue.data.edge_columns import Column, places
from segue.data.edge_faults import NAME_ANOTHER, PACKED, edge_error, require_no_zeros, unreadable
from segue.data.edge_lines import BLANK, Rows, between, has_quotes, quoted_or_not, rows_by_lines


def read_rows(path: str, wanted: dict[str, Column], separator: str, header: bool) -> Rows:
    """The columns ``wanted`` of the rows below the header, if there is one.

    ``separator``: one character or more; BLANK is any run of blanks and tabs. Fields may be quoted as in RFC
    4180, but where the separator is a tab or has several characters a quote means nothing.

    Raises SegueError, with the file and the row, for a text that cannot be read, a stray quote, a first line
    that is blank, and a column that is not there.
    """
    found = None if len(separator) > 1 else _read_at_once(path, wanted, separator, header)
    return found or rows_by_lines(path, wanted, separator, header)


def _read_at_once(path: str, wanted: dict[str, Column], separator: str, header: bool) -> Rows | None:
    """None where polars takes the text for malformed, or might take a row for another."""
    quote = '"' if has_quotes(separator) else None
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
        raise unreadable(path, error, "delimited text, plain, gzip or zstd") from error
    names = frame.columns
    # Polars reads an empty field, a missing one and those of a blank line alike, and no field behind a
    # separator that ends the file.
    if frame[names[-1]].has_nulls() or _end(path) == separator:
        return None
    if quote and not _quotes_are_plain(path, separator):
        return None
    if separator == BLANK and any(
        column.has_nulls() or column.str.contains("\t", literal=True).any() for column in frame
    ):
        return None
    frame = frame.with_row_index("row", offset=1)
    rows = frame.select("row", *(pl.col(names[read.index(at)]).alias(key) for key, at in found.items()))
    return Rows(
        rows.slice(1) if header else rows, pl.DataFrame(schema={"row": pl.UInt32, "width": pl.UInt32}), first
    )


def _quotes_are_plain(path: str, separator: str) -> bool:
    """Whether each line is a row by itself and has no stray quote."""
    if not _may_have_quotes(path):
        return True
    field = quoted_or_not(separator)
    plain = f"^(?:{field})?(?:{between(separator)}(?:{field})?)*$"
    return pl.read_lines(path, glob=False)["line"].str.contains(plain).all()


def _end(path: str) -> str:
    """The last character of the text; of a packed one, of its last line."""
    with Path(path).open("rb") as file:
        if file.read(4).startswith(PACKED):
            return pl.read_lines(path, glob=False)["line"][-1][-1:]
        file.seek(-1, os.SEEK_END)
        return file.read().decode("latin-1")


def _may_have_quotes(path: str) -> bool:
    with Path(path).open("rb") as file:
        packed = file.read(4).startswith(PACKED)
        file.seek(0)
        return packed or any(b'"' in block for block in iter(lambda: file.read(1 << 20), b""))
