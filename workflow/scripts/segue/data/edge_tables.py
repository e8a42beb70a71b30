"""Checked edge lists as the tables of a batch, with local ids."""

from typing import NamedTuple

import polars as pl

from segue.data.edge_checks import ROLES
from segue.data.edge_faults import shown
from segue.data.edge_owners import OWNERS
from segue.data.mpd import PLAYLIST_TABLE, TRACK_SCHEMA
from segue.errors import SegueError


class Tables(NamedTuple):
    """What a run's edge lists hold, in local ids: 0, 1, ... in order of first appearance.

    ``edges``: ``playlist`` Int32 (row of ``playlists``), ``track`` Int32 (row of ``tracks``), ``position``
    Int32 (the first), ``count`` Int32 (how often the pair stands there) and, where the lists assign it,
    ``split`` SPLIT; each pair once; sorted by playlist, position, track.
    ``playlists``: PLAYLIST_TABLE; ``slice`` is the name of the file that first has the playlist, ``pid`` the
    local id, ``name`` the raw id, ``num_tracks`` the rows.
    ``tracks``: TRACK_SCHEMA; ``track_uri`` and ``track_name`` are the raw id; the uri and the name of artist
    and album are what the lists say of it. All else is null.
    """

    edges: pl.DataFrame
    playlists: pl.DataFrame
    tracks: pl.DataFrame


def tables(parts: list[pl.DataFrame], names: list[str]) -> Tables:
    """The tables of all lists together; ``parts``: from ``read_edges``, ``names``: their file names.

    Without a position, the order of a playlist's rows is one, from 0, over all lists in their order.
    Raises SegueError when a pair is assigned to two splits, or the assignment has no train or no test edge.
    """
    rows = pl.concat(
        [part.with_columns(pl.lit(index, dtype=pl.Int32).alias("file")) for index, part in enumerate(parts)]
    )
    playlists, tracks = (_first_seen(rows, side) for side in ("playlist", "track"))
    coded = rows.with_columns(_codes(rows, playlists, "playlist"), _codes(rows, tracks, "track"))
    if "position" not in coded.columns:
        order = pl.int_range(pl.len(), dtype=pl.Int32).over("playlist")
        coded = coded.with_columns(order.alias("position"))
    columns = [pl.col("position").min(), pl.len().cast(pl.Int32).alias("count")]
    if "split" in coded.columns:
        _require_one_split(coded, playlists, tracks, names)
        columns.append(pl.col("split").first())
    edges = coded.group_by("playlist", "track").agg(columns).sort("playlist", "position", "track")
    return Tables(edges, _playlist_table(playlists, edges, names), _track_table(rows, tracks))


def _first_seen(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    """Each raw id once, in order of first appearance, and the file that it first stands in."""
    return rows.select(side, "file").unique(side, keep="first", maintain_order=True)


def _codes(rows: pl.DataFrame, nodes: pl.DataFrame, side: str) -> pl.Series:
    numbered = nodes.select(side).with_row_index("code").with_columns(pl.col("code").cast(pl.Int32))
    joined = rows.select(side).join(numbered, on=side, how="left", maintain_order="left")
    return joined["code"].alias(side)


def _require_one_split(
    coded: pl.DataFrame, playlists: pl.DataFrame, tracks: pl.DataFrame, names: list[str]
) -> None:
    role = pl.col("split").to_physical()
    pairs = coded.group_by("playlist", "track").agg(
        (role.min() != role.max()).alias("differs"), pl.col("row").first(), pl.col("file").first()
    )
    differing = pairs.filter("differs").sort("file", "row")
    if not differing.is_empty():
        pair = differing.row(0, named=True)
        rows = coded.filter(playlist=pair["playlist"], track=pair["track"])
        rows = rows.unique("split", keep="first", maintain_order=True)
        places = [f"{names[file]}: row {row}" for file, row in rows.select("file", "row").rows()]
        ids = playlists["playlist"][pair["playlist"]], tracks["track"][pair["track"]]
        raise SegueError(
            f"A pair is assigned to more than one split ({differing.height:,} pairs in all).",
            where=" and ".join(places),
            found=f"playlist {shown(ids[0])}, track {shown(ids[1])} in {' and '.join(rows['split'])}",
            expected="each pair in one split, or what is tested would be known",
            fix="remove the pair from one of them",
        )
    counts = dict(coded["split"].value_counts().rows())
    for role in ("train", "test"):
        if not counts.get(role):
            raise SegueError(
                f"The assignment has no {role} edge.",
                where=" and ".join(names),
                found=", ".join(f"{name} {counts.get(name, 0):,} rows" for name in ROLES),
                expected="train and test edges; validation edges can be drawn from the train edges",
                fix=f"add the {role} edges, or leave the assignment out for a random split",
            )


def _playlist_table(playlists: pl.DataFrame, edges: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    lengths = edges.group_by("playlist").agg(pl.col("count").cast(pl.Int64).sum()).sort("playlist")["count"]
    known = {
        "pid": pl.int_range(playlists.height, dtype=pl.Int64, eager=True),
        "name": playlists["playlist"],
        "num_tracks": lengths,
        "slice": playlists["file"].replace_strict(list(range(len(names))), names, return_dtype=pl.String),
    }
    return _with_nulls(known, PLAYLIST_TABLE, playlists.height)


def _track_table(rows: pl.DataFrame, tracks: pl.DataFrame) -> pl.DataFrame:
    known = {"track_uri": tracks["track"], "track_name": tracks["track"]}
    for side in OWNERS:
        if side in rows.columns:
            said = rows.drop_nulls(side).unique("track", keep="any")  # all say the same
            owner = tracks.join(said.select("track", side), on="track", how="left", maintain_order="left")
            known |= dict.fromkeys((f"{side}_uri", f"{side}_name"), owner[side])
    return _with_nulls(known, TRACK_SCHEMA, tracks.height)


def _with_nulls(known: dict[str, pl.Series], schema: dict, height: int) -> pl.DataFrame:
    return pl.DataFrame(
        [
            known[name].alias(name)
            if name in known
            else pl.repeat(None, height, dtype=kind, eager=True).alias(name)
            for name, kind in schema.items()
        ]
    )
