"""What people call the playlists of a run: their pid, or on edge lists the id in the column of playlists.

A playlist is asked for by its id as text. The places of playlists in tables, which ``pid`` holds on edge
lists, are nobody's business.
"""

from collections.abc import Sequence

import polars as pl

from segue.errors import SegueError
from segue.nearest import NEAREST, nearest

SHOWN = 3  # ids, as examples of what they look like


def with_ids(playlists: pl.DataFrame, raw_ids: bool) -> pl.DataFrame:
    """``playlists`` (pid, name and more) with ``id`` String, by which people ask for them.

    ``raw_ids``: they are of edge lists, whose ``name`` is the id; the pid and the title, which these lack,
    become null.
    """
    if not raw_ids:
        return playlists.with_columns(id=pl.col("pid").cast(pl.String))
    return playlists.with_columns(id="name").with_columns(
        pid=pl.lit(None, pl.Int64), name=pl.lit(None, pl.String)
    )


def what_ids_are(ids: pl.Series, raw_ids: bool) -> str:
    """What an id of ``ids`` looks like, for messages."""
    if raw_ids:
        return f"an id as in the edge lists, such as {_listed(ids.head(SHOWN))}"
    pids = ids.cast(pl.Int64)
    return f"a pid, {pids.min()} to {pids.max()}"


def near_ids(wanted: str, ids: pl.Series) -> list[str]:
    """Those of ``ids`` that hold ``wanted``, the shortest first; then those that are like it, the likest."""
    first = sorted(ids.filter(ids.str.contains(wanted, literal=True)), key=len)
    like = [ids[place] for place in nearest(wanted, ids.to_list())]
    return [*dict.fromkeys([*first, *like])][:NEAREST]


def require_ids(wanted: Sequence[int | str], ids: pl.Series) -> list[str]:
    """``wanted`` of a configuration as texts, to be compared with ``ids``, all of the run.

    YAML reads 007 without quotes as a number, so a number is the id that is written like it only where no
    other id reads as it. Raises SegueError for one that might be another id, and for every fraction, which
    has lost how it was written: 7.0 or 7.00.
    """
    for one in wanted:
        if isinstance(one, str):
            continue
        pattern = _reading(one) if isinstance(one, int) else rf"^\+?0*{int(one)}\.[0-9]*$"
        like = ids.filter(ids.str.replace_all("_", "").str.contains(pattern)).unique().sort()
        if isinstance(one, float) or not set(like) <= {str(one)}:
            raise SegueError(
                "A number is written in more than one way.",
                where="recommend.playlists",
                found=f"the number {one}"
                + (f", and the ids {_listed(like.head(SHOWN))}" if len(like) else ""),
                expected="one id",
                fix='write the id as text, in quotes: ["007"]',
            )
    return [*dict.fromkeys(map(str, wanted))]


def _reading(number: int) -> str:
    """A pattern of all texts that YAML reads as the whole ``number``, or people do, but for underscores."""
    hours, minutes, seconds = number // 3600, number // 60 % 60, number % 60
    of_time = rf"0*{number // 60}:0?{seconds}|0*{hours}:0?{minutes}:0?{seconds}"
    return rf"(?i)^\+?(?:0*{number}|0+o?{number:o}|0x0*{number:x}|0b0*{number:b}|{of_time})$"


def why_dropped(
    wanted: str,
    k: int,
    playlists: Sequence[str],
    edges: Sequence[str],
    tracks: Sequence[str],
    core_tracks: pl.DataFrame,
    raw_ids: bool,
) -> str | None:
    """Why the playlist with the id ``wanted`` is not in the ``k``-core: how many of its tracks survive.

    None where no batch has it. ``playlists``, ``edges``, ``tracks``: the batches' tables, in one order;
    ``core_tracks``: the core's.
    """
    for lists, pairs, songs in zip(playlists, edges, tracks, strict=True):
        row = with_ids(pl.read_parquet(lists, columns=["pid", "name"]), raw_ids)["id"].index_of(wanted)
        if row is None:
            continue
        ids = pl.scan_parquet(pairs).filter(pl.col("playlist") == row).select("track").collect()["track"]
        uris = pl.read_parquet(songs, columns=["track_uri"])["track_uri"].gather(ids.cast(pl.UInt32))
        left = uris.is_in(core_tracks["track_uri"].implode()).sum()
        named = f"playlist {wanted!r}" if raw_ids else f"pid {wanted}"
        return f"{named} was dropped by the {k}-core: {left} of its {len(uris)} tracks survive"
    return None


def _listed(ids: pl.Series) -> str:
    return ", ".join(map(repr, ids))
