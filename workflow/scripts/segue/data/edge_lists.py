"""Lists of playlist-track edges from any source, text or Parquet: read and checked row by row."""

from typing import NamedTuple

import polars as pl

from segue.data.adjacency import are_lists, read_adjacency
from segue.data.batches import is_parquet, separator_of
from segue.data.edge_checks import FIX, SPLIT, Checks
from segue.data.edge_columns import LOOK, Column, places, require_header
from segue.data.edge_faults import ASK, NAME_ANOTHER, edge_error, require_text, shown, unreadable
from segue.data.edge_owners import OWNERS, Owners
from segue.data.edge_texts import read_rows


class EdgeList(NamedTuple):
    """``edges``, in the order of the file: ``row`` UInt32, counted from 1, a header included; ``playlist``
    and ``track`` String; where there is one, ``position`` Int32, ``split`` SPLIT, ``artist`` and ``album``
    String, null of rows without.
    ``rejected``: `segue.data.quarantine.SCHEMA`, the rows that were set aside, in their order.
    ``rows``: how many there are in both, without header and blank lines; of lists, how many tracks on them.
    """

    edges: pl.DataFrame
    rejected: pl.DataFrame
    rows: int


def read_edges(
    path: str,
    *,
    form: str = "pairs",
    playlist: Column = 1,
    track: Column = 2,
    position: Column | None = None,
    artist: Column | None = None,
    album: Column | None = None,
    split: Column | None = None,
    role: str | None = None,
    separator: str | None = None,
    header: bool = True,
    quarantine: bool = False,
    owners: Owners | None = None,
) -> EdgeList:
    """One edge list.

    ``form``: ``pairs``, a row an edge, or ``adjacency``, text of a row a playlist, which has no columns and
    no header (`segue.data.adjacency`).
    ``playlist``, ``track``, ``position``, ``artist``, ``album``, ``split``: columns, by name or by number
    from 1. ``role``: the split of the whole file, instead of a column. ``quarantine``: whether rows with a
    fault of their own are set aside, or the first one raises. ``owners``: of the lists read before.

    A name that ends in .parquet is Parquet. Any other file is UTF-8 text, plain, gzip or zstd, and its
    ``separator`` as in `segue.data.edge_texts`, or None for what the suffix implies. Blank lines are skipped.
    Ids stay the text that they are: 007 is not 7; but NaN, null and their like are none.

    Raises SegueError, with the file and the row, for a file that cannot be read as such or has no edges, a
    column that is not there, pairs that look like lists or lists that look like pairs, and stray quotes;
    without ``quarantine`` also for a row with too few or too many fields, without an id, with a position that
    is no integer from 0 to 2^31 - 1, with a split of another name, or with another artist or album of a track
    than in an earlier row.
    """
    wanted = {"playlist": playlist, "track": track, "position": position, "split": split}
    wanted |= {"artist": artist, "album": album}
    wanted = {key: column for key, column in wanted.items() if column is not None}
    checks = Checks(path, quarantine)
    separator = separator or separator_of(path)
    if form == "adjacency":
        require_text(path)
        edges = read_adjacency(path, separator)
        rows = edges.height
    elif is_parquet(path):
        edges = _read_parquet(path, wanted)
        rows = edges.height
    else:
        require_text(path)
        edges, rows = _read_pairs(path, wanted, separator, header, checks)
    if not rows:
        raise edge_error("An edge list has no edges.", path, "0 rows", "one row or more", NAME_ANOTHER)
    for side in ("playlist", "track"):
        edges = checks.ids(edges, side)
    if position is not None:
        edges = checks.positions(edges)
    if split is not None:
        edges = checks.splits(edges)
    elif role is not None:
        edges = edges.with_columns(pl.lit(role, dtype=SPLIT).alias("split"))
    owners = owners or Owners()
    for side in OWNERS:
        if side in wanted:
            edges = owners.checked(checks.owners(edges, side), side, checks)
    return EdgeList(edges, checks.rejected(), rows)


def _read_parquet(path: str, wanted: dict[str, Column]) -> pl.DataFrame:
    try:
        schema = pl.read_parquet_schema(path)
        names = list(schema)
        chosen = {key: names[place] for key, place in places(path, names, wanted).items()}
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
                "write the column as text or integers, or name another one in data.edges.columns",
            )
    frame = frame.select(pl.col(name).cast(pl.String).alias(key) for key, name in chosen.items())
    return frame.with_row_index("row", offset=1)


def _read_pairs(
    path: str, wanted: dict[str, Column], separator: str, header: bool, checks: Checks
) -> tuple[pl.DataFrame, int]:
    rows, ragged, first = read_rows(path, wanted, separator, header)
    given = rows.height + ragged.height
    fix = f"correct data.edges.separator, or {ASK}"
    if 2 * ragged.height > given:  # not the rows are at fault
        checks = Checks(path, quarantine=False)
    else:
        fix = f"{FIX}; or {fix}"
    if ragged.height:
        checks.widths(ragged, len(first), fix)
    if header:
        ids = {key: column for key, column in wanted.items() if key not in OWNERS}
        require_header(path, first, ids, rows)
    alone = not header and wanted.keys() == {"playlist", "track"} and len(first) > len(wanted)
    if alone and rows["playlist"][:LOOK].is_unique().all():
        _require_pairs(path, rows, wanted, separator, first)
    return rows, given


def _require_pairs(
    path: str, rows: pl.DataFrame, wanted: dict[str, Column], separator: str, first: list[str]
) -> None:
    """Without a header, a row of more columns than are asked for may be a playlist and all its tracks."""
    further = {str(at): at for at in range(1, len(first) + 1) if at not in wanted.values()}
    others = read_rows(path, further, separator, header=False).rows.drop("row")
    if are_lists(rows["playlist"], rows["track"], others):
        raise edge_error(
            "An edge list without a header looks like lists of tracks, not like pairs.",
            path,
            f"{len(first)} columns, no playlist in two rows, and ids of one kind behind it, as in row 1: "
            + shown(separator.join(first)),
            "a row a playlist and one track",
            f"{ASK}; or name the columns in a first row and set data.edges.header to true",
        )
