"""Which column of an edge list is which."""

import re

import polars as pl

from segue.data.edge_faults import ASK, edge_error, shown

LOOK = 1000  # rows that show soon what all are like
SHOWN = 20  # columns, at most, in a message
TYPE = re.compile(":(?:token|token_seq|float|float_seq)$")  # behind a name, in RecBole's files

Column = str | int  # a name, or a number from 1


def places(path: str, fields: list[str], wanted: dict[str, Column], header: bool = True) -> dict[str, int]:
    """The place, from 0, of each wanted column; ``fields``: those of row 1, which are names in a ``header``.

    A name matches with RecBole's type behind it or without. Raises SegueError where a column is not there, or
    several have its name, and where one is to be two things.
    """
    found = {key: _find(path, fields, header, key, column) for key, column in wanted.items()}
    if len(set(found.values())) < len(found):
        raise edge_error(
            "One column of an edge list is to be two things.",
            path,
            "columns by number: " + ", ".join(f"{key} {place + 1}" for key, place in found.items()),
            "a column of its own for each",
            "correct data.edges.columns or split.column",
        )
    return found


def _find(path: str, fields: list[str], header: bool, key: str, column: Column) -> int:
    names = fields if header else []
    found = [at for at, name in enumerate(names) if name == column]
    if isinstance(column, int):
        found = [column - 1] if column <= len(fields) else []
    elif not found:
        found = [at for at, name in enumerate(names) if TYPE.sub("", name) == TYPE.sub("", column)]
    if len(found) != 1:
        fix = "correct data.edges.columns, split.column, data.edges.header or data.edges.separator"
        if names and all(re.fullmatch("[0-9]+", name) for name in names):
            fix = f"set data.edges.header to false and columns by number; or {ASK}"
        listed = [repr(name) for name in names[:SHOWN]] + (["…"] if len(names) > SHOWN else [])
        raise edge_error(
            f"An edge list has {'more than one' if found else 'no'} {key} column of that name.",
            path,
            f"{len(fields)} column(s)" + (f": {', '.join(listed)}" if names else ""),
            f"one column {column!r}",
            fix,
        )
    return found[0]


def forms(texts: pl.Series) -> set[str | None]:
    """``a9`` of i17, ``9-9-9`` of a date."""
    return set(texts.str.replace_all("[0-9]+", "9").str.replace_all("[A-Za-z]+", "a").unique())


def require_header(path: str, first: list[str], wanted: dict[str, Column], rows: pl.DataFrame) -> None:
    """Raises SegueError where columns are wanted by number and row 1 looks like ``rows``, those below it.

    Each value wanted of it then has digits, and the form of others in its column.
    """
    if any(isinstance(column, str) for column in wanted.values()):
        return
    names = {key: first[column - 1] for key, column in wanted.items()}
    if all(
        re.search("[0-9]", name) and forms(pl.Series([name])) <= forms(rows[key][:LOOK])
        for key, name in names.items()
    ):
        raise edge_error(
            "The header of an edge list looks like a row.",
            f"{path}: row 1",
            shown(" ".join(first)),
            "names of columns, since data.edges.header is true",
            f"set data.edges.header to false; name the columns if these are their names; or {ASK}",
        )
