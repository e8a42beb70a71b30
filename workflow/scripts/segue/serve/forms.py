"""Playlists as they were read: tracks by uri or by name, in their order, and what was left out."""

import functools
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from segue.errors import SegueError, counted

_NUMBER = re.compile(r"[0-9]{1,18}")

# A column of answers where tracks were added to the model, and what it says of all others.
KNOWN_BY, TRAINED = "known_by", "trained"


@dataclass(frozen=True)
class Playlist:
    """A playlist to be continued.

    ``tracks``: uris, web addresses or bare ids, in any order, as a tuple, a list or a column of a table; one
    that repeats counts once. ``title``: what it is called, beside tracks or in their place. ``pid``: where it
    has a number, which then stands in the answer.
    """

    tracks: tuple[str, ...] = ()
    title: str | None = None
    pid: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.tracks, tuple | str | bytes | Mapping) and isinstance(self.tracks, Iterable):
            object.__setattr__(self, "tracks", tuple(self.tracks))


@dataclass(frozen=True)
class NamedTrack:
    """A track by its names; ``line``: its number in the file, from 1; ``path``: in JSON, where it stands."""

    artist: str
    title: str
    line: int
    path: str = ""

    @property
    def place(self) -> str:
        return self.path or f"line {self.line}"


@dataclass(frozen=True)
class LeftOut:
    """What cannot be gone by: its place in the file (a line, or a JSON path), what stands there, and why."""

    place: str
    found: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.found}: {self.why}"


def place_order(place: str) -> list[str | int]:
    """What places of a file, lines or JSON paths, are sorted by to stand as they do there."""
    texts, numbers = _NUMBER.split(place), map(int, _NUMBER.findall(place))
    return [part for pair in itertools.zip_longest(texts, numbers, fillvalue=-1) for part in pair]


Row = str | NamedTrack | LeftOut  # str: a uri, or an id of edge lists


@dataclass(frozen=True)
class Listed:
    """A playlist as it stands in the file: every row of it, in order. ``path``: where JSON has it."""

    rows: Sequence[Row]
    title: str | None = None
    pid: int | None = None
    path: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to go by."""
        return not (self.title or "").strip() and all(isinstance(row, LeftOut) for row in self.rows)


def _uris(rows: Sequence[Row]) -> tuple[str, ...]:
    if set(map(type, rows)) <= {str}:
        return tuple(rows)
    return tuple(row for row in rows if isinstance(row, str))


@dataclass(frozen=True)
class ReadPlaylists:
    """All that a file gives. ``skipped``: playlists that were bad and are gone on without; ``notes``: what
    else is to be known of the reading, as words."""

    listed: tuple[Listed, ...]
    skipped: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    @functools.cached_property
    def playlists(self) -> list[Playlist]:
        """With the tracks that are given by uri."""
        return [Playlist(_uris(one.rows), one.title, one.pid) for one in self.listed]

    @functools.cached_property
    def named(self) -> tuple[NamedTrack, ...]:
        """Tracks of all playlists that are given by name, to be found by ``match_names``."""
        return tuple(row for one in self.listed for row in one.rows if isinstance(row, NamedTrack))

    @functools.cached_property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Of all playlists, in the order of the file, whose rows may take turns."""
        rows = (row for one in self.listed for row in one.rows if isinstance(row, LeftOut))
        return tuple(sorted(rows, key=lambda row: place_order(row.place)))

    def with_names(self, uris: Sequence[str | None]) -> list[Playlist]:
        """The playlists, with ``uris`` in place of ``named``, each of the same; None leaves one out."""
        if len(uris) != len(self.named):
            raise ValueError(f"{len(uris)} uris of {len(self.named)} named tracks")
        if not uris:
            return self.playlists
        found = iter(uris)
        rows = (
            [row if isinstance(row, str) else next(found) for row in one.rows if not isinstance(row, LeftOut)]
            for one in self.listed
        )
        return [
            Playlist(tuple(track for track in tracks if track is not None), one.title, one.pid)
            for one, tracks in zip(self.listed, rows, strict=True)
        ]


FORM = 'a track uri (spotify:track:...), its web address, or "artist - title"'
FIX = "fetch the file again, or give another one"
SHOWN = 5  # rows in a message


def settled(
    found: Sequence[Listed | SegueError], where: str, skip_bad: bool = False, notes: Sequence[str] = ()
) -> ReadPlaylists:
    """The playlists of the file ``where``; an error in the place of each that is bad.

    A playlist of which no row can be used, and that has no title, is bad. Raises SegueError for the first bad
    one, unless ``skip_bad`` says to go on without; and always where no playlist is left.
    """
    checked = [
        _nothing(one, number, len(found), where) if isinstance(one, Listed) and one.is_nothing else one
        for number, one in enumerate(found, 1)
    ]
    bad = [one for one in checked if isinstance(one, SegueError)]
    listed = tuple(one for one in checked if isinstance(one, Listed))
    if bad and not (skip_bad and listed):
        more = f" ({len(bad):,} such playlists in all)" if len(bad) > 1 else ""
        first = bad[0]
        fix = "mend it, or say --skip-bad to go on without it" if listed else first.fix
        raise SegueError(
            first.what, where=first.where, found=first.found + more, expected=first.expected, fix=fix
        )
    skipped = tuple(LeftOut(one.where.removeprefix(f"{where}: "), one.found, one.what) for one in bad)
    return ReadPlaylists(listed, skipped, tuple(notes))


def _nothing(one: Listed, number: int, of: int, where: str) -> SegueError:
    """Why a playlist, ``number`` ``of`` the file's, is nothing to go by, with the rows that were no use."""
    reasons = [f"  {row}" for row in one.rows[:SHOWN]]
    reasons += [f"  and {len(one.rows) - SHOWN:,} more"] if len(one.rows) > SHOWN else []
    what = "No row of the playlist names a track." if reasons else "A playlist is empty and has no title."
    path = one.path or ("" if of == 1 else f"playlist number {number}")
    pid = "" if one.pid is None else f", pid {one.pid}"
    return SegueError(
        "\n".join([what, *reasons]),
        where=f"{where}: {path}{pid}" if path else where,
        found=f"{counted(len(one.rows), 'row')}, none of use" if reasons else "nothing to go by",
        expected=f"rows, each {FORM}; or a title",
        fix="give its tracks, or a title",
    )
