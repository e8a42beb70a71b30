"""Edge lists of LightGCN's form, a line a playlist: its id, and then the ids of all its tracks."""

import polars as pl

from segue.data.edge_columns import forms
from segue.data.edge_faults import edge_error, shown
from segue.data.edge_lines import BLANK, read_lines

NUMBER = "^[0-9]+$"
# Of two columns of numbers with ids of one kind, neither has so much larger ones, as times have, ...
RANGE = 100
# ... or so few different ones, as ratings have.
VARIETY = 0.5


def read_adjacency(path: str, separator: str | None) -> pl.DataFrame:
    """The edges in the order of the file: ``row`` UInt32, the line from 1, ``playlist`` and ``track`` String.

    ``separator`` is between two ids, None or BLANK for any run of blanks. Blank lines are skipped; an id
    alone is a playlist without tracks and makes no edge. One separator at the end of a line means nothing.

    Raises SegueError, with the file and the line, for a file that cannot be read, has a header, or has as
    many ids in each line and some playlist in two of them, as pairs have.
    """
    rows = pl.DataFrame({"line": read_lines(path)}).with_row_index("row", offset=1)
    rows = rows.filter(pl.col("line").str.strip_chars() != "")
    fields = pl.col("line").str.extract_all(r"\S+")
    if separator not in (None, BLANK):
        fields = pl.col("line").str.strip_suffix(separator).str.split(separator)
    rows = rows.select("row", playlist=fields.list.first(), track=fields.list.slice(1))
    _require_adjacency(path, rows)
    return rows.explode("track", empty_as_null=False)


def _require_adjacency(path: str, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    number = pl.col("playlist").str.contains(NUMBER)
    if rows.height > 1 and rows.select(~number.first() & number.slice(1).all()).item():
        raise edge_error(
            "An edge list whose form is adjacency begins with a header.",
            f"{path}: row {rows['row'][0]}",
            shown(" ".join([rows["playlist"][0], *rows["track"][0]])),
            "a playlist's id and its tracks' ids, as in the other rows",
            "remove the row, or set data.edges.form to pairs if a row is a playlist and one track",
        )
    width = 1 + rows["track"].list.len()
    if width.max() == 1:
        raise edge_error(
            "An edge list whose form is adjacency has playlists only.",
            path,
            f"{rows.height:,} row(s) of one id, such as {shown(rows['playlist'][0])}",
            "a playlist's id and its tracks' ids",
            "correct data.edges.separator; null takes blanks, a comma for .csv and a tab for .tsv",
        )
    if width.n_unique() == 1 and not rows["playlist"].is_unique().all():
        twice = rows.filter(rows["playlist"].is_duplicated()).row(0, named=True)
        raise edge_error(
            "An edge list whose form is adjacency looks like pairs.",
            f"{path}: row {twice['row']}",
            f"{width[0]} fields in every row, and the playlist {shown(twice['playlist'])} in several",
            "a row a playlist, with as many tracks as it has",
            "set data.edges.form to pairs",
        )


def are_lists(playlists: pl.Series, tracks: pl.Series, others: pl.DataFrame) -> bool:
    """Whether pairs without a header look like `read_adjacency`'s form with as many tracks in every row.

    So they do when no playlist stands twice and each further column holds ids like those of the tracks.
    """
    if any(other.has_nulls() for other in others) or not playlists.is_unique().all():
        return False
    return all(_are_like(tracks, other) for other in others)


def _are_like(tracks: pl.Series, others: pl.Series) -> bool:
    numbers, other_numbers = (ids.cast(pl.Int64, strict=False) for ids in (tracks, others))
    if numbers.has_nulls() != other_numbers.has_nulls():
        return False
    if not numbers.has_nulls():
        as_large = other_numbers.max() < RANGE * (numbers.max() + 1) and other_numbers.min() >= 0
        return as_large and others.n_unique() >= VARIETY * tracks.n_unique()
    return bool(forms(tracks) & forms(others))
