"""A playlist found by what a person would call it."""

import unicodedata
from collections.abc import Callable, Iterable

import polars as pl
from rapidfuzz import fuzz, process

from segue.cli.terminal import cut, plain, table
from segue.errors import SegueError

SHOWN = 20  # candidates, at most
SHOWN_DROPPED = 5
NEAREST = 5
LEAST_ALIKE = 60  # of 100, to be worth naming
TITLE_WIDTH = 60  # columns
EMOJI = "\ufe0f"  # shows the character before it as an emoji; few keyboards type it
LONGEST_PID = 18  # digits; pids are Int64


def find_playlist(
    asked: str, core: pl.DataFrame, read: pl.DataFrame, why_dropped: Callable[[int], str]
) -> int:
    """The index of the one playlist of the k-core that ``asked`` names: a pid, a title, or words of a title.

    A number that is the pid of a playlist of the run is a pid. Whole titles come before words, whatever their
    case; words are found anywhere in a title, in any order. ``core``: playlist (index), pid, name and
    num_tracks of the k-core's playlists; ``read``: pid, name and num_tracks of all that the run read;
    ``why_dropped``: why a pid of ``read`` is not in ``core``, in words.

    Raises SegueError when several match (with a list of them), when only dropped ones do, or none does (with
    the nearest titles).
    """
    if (pid := _as_pid(asked)) is not None:
        place = core["pid"].index_of(pid)
        if place is not None:
            return core["playlist"][place]
        if read["pid"].index_of(pid) is not None:
            raise _dropped(asked, read.filter(pl.col("pid") == pid), why_dropped)
    dropped = read.filter(~pl.col("pid").is_in(core["pid"].implode())).unique("pid", maintain_order=True)
    keys, dropped_keys = (_keys(table) for table in (core, dropped))
    for matches in (_is_title, _has_words):
        found = core.filter(matches(asked, keys))
        if found.height == 1:
            return found["playlist"][0]
        if found.height:
            raise _several(asked, found, "this title" if matches is _is_title else "these words in the title")
        gone = dropped.filter(matches(asked, dropped_keys))
        if gone.height:
            raise _dropped(asked, gone, why_dropped)
    raise _unknown(asked, core, keys)


def title_key(title: str) -> str:
    """What titles are compared by: case, runs of spaces and the style of an emoji do not count, emoji do."""
    return " ".join(unicodedata.normalize("NFC", title).replace(EMOJI, "").casefold().split())


def _as_pid(asked: str) -> int | None:
    digits = asked.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_PID else None


def _keys(table: pl.DataFrame) -> list[str]:
    return [title_key(name or "") for name in table["name"]]


def _is_title(asked: str, keys: Iterable[str]) -> pl.Series:
    return pl.Series([key == title_key(asked) for key in keys], dtype=pl.Boolean)


def _has_words(asked: str, keys: Iterable[str]) -> pl.Series:
    words = title_key(asked).split()
    return pl.Series([all(word in key for word in words) for key in keys], dtype=pl.Boolean)


def _several(asked: str, found: pl.DataFrame, what: str) -> SegueError:
    rows = [
        [str(pid), str(tracks), cut(name or "", TITLE_WIDTH)]
        for pid, tracks, name in found.head(SHOWN).select("pid", "num_tracks", "name").iter_rows()
    ]
    lines = plain(table(["pid", "tracks", "title"], rows, right=(0, 1))).splitlines()
    more = [f"and {found.height - SHOWN} more"] if found.height > SHOWN else []
    return SegueError(
        "\n".join([f"{found.height} playlists have {what}:", *(f"  {line}" for line in lines + more)]),
        where="PLAYLIST",
        found=_quoted(asked),
        expected="one playlist",
        fix=f"say which by its pid: segue recommend {found['pid'][0]}",
    )


def _dropped(asked: str, gone: pl.DataFrame, why_dropped: Callable[[int], str]) -> SegueError:
    reasons = [
        f"{_quoted(name or '')}: {why_dropped(pid)}"
        for pid, name in gone.head(SHOWN_DROPPED).select("pid", "name").iter_rows()
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
    near = process.extract(
        title_key(asked), list(first), scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE, limit=NEAREST
    )
    names = ", ".join(_quoted(core["name"][first[key]]) for key, _, _ in near)
    return SegueError(
        "No playlist of the run has this pid, this title or these words in its title.",
        where="PLAYLIST",
        found=_quoted(asked),
        expected=f"a pid or words of a title; the nearest titles: {names}"
        if near
        else "a pid or words of a title",
        fix="the pids and titles are in graph/playlists.parquet in the folder of the results",
    )


def _quoted(text: str) -> str:
    return f"“{cut(text, TITLE_WIDTH)}”"
