"""A playlist found by what a person would call it."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import compress

import polars as pl

from segue.cli.terminal import cut, plain, table
from segue.errors import SegueError
from segue.graph.ids import near_ids, what_ids_are
from segue.nearest import nearest
from segue.serve.names import words_of

SHOWN = 20  # candidates, at most
SHOWN_DROPPED, SHOWN_NEAR = 5, 5
NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?")
TITLE_WIDTH = 60  # columns
EMOJI = "\ufe0f"  # shows the character before it as an emoji; few keyboards type it


def find_playlist(
    asked: str,
    core: pl.DataFrame,
    read: pl.DataFrame,
    why_dropped: Callable[[str], str | None],
    raw_ids: bool = False,
) -> int:
    """The index of the one playlist of the k-core that ``asked`` names: an id, a title, or words of a title.

    What is the id of a playlist of the run, as text, is that. With ``raw_ids``, of edge lists, there is
    nothing else. Whole titles come before words, whatever their case; words are found anywhere in a title, in
    any order, but a number alone is an id or a whole title. ``core``: playlist (index), id, name and
    num_tracks of the k-core's playlists; ``read``: id, name and num_tracks of all that the run read
    (``with_ids``); ``why_dropped``: why an id of ``read`` is not in ``core``, in words.

    Raises SegueError when several match (with a list of them), when only dropped ones do, or none does (with
    the nearest ids or titles).
    """
    for wanted in dict.fromkeys([asked, asked.strip()]):
        if (place := core["id"].index_of(wanted)) is not None:
            return core["playlist"][place]
        if read["id"].index_of(wanted) is not None:
            raise _dropped(asked, read.filter(pl.col("id") == wanted).head(1), why_dropped)
    if raw_ids:
        raise _no_id(asked, core["id"], raw_ids)
    dropped = read.filter(~pl.col("id").is_in(core["id"].implode())).unique("id", maintain_order=True)
    keys, dropped_keys = (_keys(table) for table in (core, dropped))
    for matches in (_is_title,) if NUMBER.fullmatch(asked.strip()) else (_is_title, _has_words):
        found = core.filter(matches(asked, keys))
        if found.height == 1:
            return found["playlist"][0]
        if found.height:
            raise _several(asked, found, "this title" if matches is _is_title else "these words in the title")
        gone = dropped.filter(matches(asked, dropped_keys))
        if gone.height:
            raise _dropped(asked, gone, why_dropped)
    if NUMBER.fullmatch(asked.strip()):
        raise _no_id(
            asked, core["id"], raw_ids, core.filter(_has_words(asked, keys))["name"].head(SHOWN_NEAR)
        )
    raise _unknown(asked, core, keys)


def title_key(title: str) -> str:
    """What titles are compared by: case, runs of spaces and the style of an emoji do not count, emoji do."""
    return " ".join(unicodedata.normalize("NFC", title).replace(EMOJI, "").casefold().split())


def _keys(table: pl.DataFrame) -> list[str]:
    return [title_key(name or "") for name in table["name"]]


def _is_title(asked: str, keys: Iterable[str]) -> pl.Series:
    return pl.Series([key == title_key(asked) for key in keys], dtype=pl.Boolean)


def _has_words(asked: str, keys: Iterable[str]) -> pl.Series:
    words = title_key(asked).split()
    return pl.Series([all(word in key for word in words) for key in keys], dtype=pl.Boolean)


def _several(asked: str, found: pl.DataFrame, what: str) -> SegueError:
    rows = [
        [pid, str(tracks), cut(name or "", TITLE_WIDTH)]
        for pid, tracks, name in found.head(SHOWN).select("id", "num_tracks", "name").iter_rows()
    ]
    lines = plain(table(["pid", "tracks", "title"], rows, right=(0, 1))).splitlines()
    more = [f"and {found.height - SHOWN} more"] if found.height > SHOWN else []
    return SegueError(
        "\n".join([f"{found.height} playlists have {what}:", *(f"  {line}" for line in lines + more)]),
        where="PLAYLIST",
        found=_quoted(asked),
        expected="one playlist",
        fix=f"say which by its pid: segue recommend {found['id'][0]}",
    )


def _dropped(asked: str, gone: pl.DataFrame, why_dropped: Callable[[str], str | None]) -> SegueError:
    reasons = [
        f"{_quoted(name)}: {why_dropped(wanted)}" if name else f"{why_dropped(wanted)}"
        for wanted, name in gone.head(SHOWN_DROPPED).select("id", "name").iter_rows()
    ]
    if gone.height > SHOWN_DROPPED:
        reasons.append(f"and {gone.height - SHOWN_DROPPED} more that were dropped")
    return SegueError(
        "\n".join(["The playlist is not in the graph.", *(f"  {reason}" for reason in reasons)]),
        where="PLAYLIST",
        found=_quoted(asked),
        expected="a playlist of the graph, since only these have an embedding",
        fix="ask for another, or lower graph.k_core",
    )


def _unknown(asked: str, core: pl.DataFrame, keys: list[str]) -> SegueError:
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    distinct = list(first)
    near = [distinct[place] for place in nearest(title_key(asked), distinct, SHOWN_NEAR)]
    # Where no title is like it as a whole, some may have its words without their marks: -90s-.
    if not near and any(map(str.isalnum, asked)):
        near = sorted(compress(distinct, _has_words(words_of(asked), distinct)), key=len)[:SHOWN_NEAR]
    names = ", ".join(_quoted(core["name"][first[key]]) for key in near)
    return SegueError(
        "No playlist of the run has this pid, this title or these words in its title.",
        where="PLAYLIST",
        found=_quoted(asked),
        expected=f"a pid or words of a title; the nearest titles: {names}"
        if near
        else "a pid or words of a title",
        fix="the pids and titles are in graph/playlists.parquet in the folder of the results",
    )


def _no_id(asked: str, ids: pl.Series, raw_ids: bool, titles: Iterable[str] = ()) -> SegueError:
    """``titles``: with the number ``asked`` in them."""
    near = ", ".join(map(_quoted, near_ids(asked.strip(), ids)))
    words = ", ".join(map(_quoted, titles))
    return SegueError(
        "No playlist of the run has this id."
        if raw_ids
        else "No playlist of the run has this pid or this title.",
        where="PLAYLIST",
        found=_quoted(asked),
        expected=what_ids_are(ids, raw_ids)
        + (f"; near it: {near}" if near else "")
        + ("" if raw_ids else "; or a title" + (f", such as {words}" if words else "")),
        fix="the ids are in graph/playlists.parquet in the folder of the results, there called name"
        if raw_ids
        else "the pids and titles are in graph/playlists.parquet in the folder of the results",
    )


def _quoted(text: str) -> str:
    return f"“{cut(text, TITLE_WIDTH)}”"
