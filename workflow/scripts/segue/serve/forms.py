"""The forms in which people have playlists: the challenge's JSON, MPD slices, lines and tables of tracks."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from segue.data.mpd import NOT_DECODED, URIS, Count
from segue.errors import SegueError


@dataclass(frozen=True)
class Playlist:
    """``tracks``: raw uris, in any order; one that repeats counts once. ``pid``: where it has a number."""

    tracks: tuple[str, ...]
    title: str | None = None
    pid: int | None = None


FIX = "fetch the file again, or give another one"


class GivenTrack(msgspec.Struct, gc=False):
    track_uri: str


class GivenPlaylist(msgspec.Struct):
    """As much of a playlist as is used; a slice has no ``num_samples`` and ``num_holdouts``."""

    pid: Count
    tracks: list[GivenTrack]
    num_tracks: Count
    name: str | None = None
    num_samples: Count | None = None
    num_holdouts: Count | None = None


class Given(msgspec.Struct):
    playlists: Annotated[list[GivenPlaylist], Meta(min_length=1)]


GIVEN = msgspec.json.Decoder(Given)


def given_playlists(text: bytes, where: str) -> list[Playlist]:
    """All playlists of the file ``text``; ``where`` is its name in messages.

    Raises SegueError, with the file and the JSON path, when it is neither a challenge set nor a slice, its
    counts contradict each other, a uri is no track, a pid is there twice, or a playlist has neither track
    nor title.
    """
    try:
        given = GIVEN.decode(text).playlists
    except NOT_DECODED as error:
        raise SegueError(
            "The playlists to be continued cannot be read.",
            where=where,
            found=str(error),
            expected="the JSON of a challenge set or an MPD slice: playlists with pid, num_tracks and tracks",
            fix=FIX,
        ) from error
    places: dict[int, int] = {}
    for place, playlist in enumerate(given):
        path = f"{where}: $.playlists[{place}]"
        if playlist.pid in places:
            first = places[playlist.pid]
            raise _wrong("A pid is there twice.", path, f"pid {playlist.pid}, as $.playlists[{first}]")
        places[playlist.pid] = place
        _check(playlist, path)
    return [
        Playlist(tuple(track.track_uri for track in playlist.tracks), playlist.name, playlist.pid)
        for playlist in given
    ]


def _check(playlist: GivenPlaylist, path: str) -> None:
    samples, holdouts = playlist.num_samples, playlist.num_holdouts
    if samples is not None and samples != len(playlist.tracks):
        raise _wrong(
            "A playlist has not as many tracks as it says.",
            f"{path}.num_samples",
            f"{samples}, and {len(playlist.tracks)} tracks",
        )
    if samples is not None and holdouts is not None and samples + holdouts != playlist.num_tracks:
        raise _wrong(
            "The counts of a playlist do not add up.",
            f"{path}.num_tracks",
            f"{playlist.num_tracks}, with {samples} samples and {holdouts} holdouts",
        )
    pattern, form = URIS["track_uri"]
    for place, track in enumerate(playlist.tracks):
        if not pattern.fullmatch(track.track_uri):
            raise SegueError(
                "A uri is no track.",
                where=f"{path}.tracks[{place}].track_uri",
                found=repr(track.track_uri),
                expected=form,
                fix=FIX,
            )
    if not playlist.tracks and not (playlist.name or "").strip():
        raise _wrong("A playlist is empty and has no title.", path, "nothing to go by")


def _wrong(message: str, where: str, found: str) -> SegueError:
    return SegueError(message, where=where, found=found, fix=FIX)


WEB = re.compile(r"https?://open\.spotify\.com/(?:intl-[a-z-]+/)?track/([0-9A-Za-z]{22})(?:[?#].*)?")
LOOKS_LIKE_URI = re.compile(r"spotify:|https?://|open\.spotify\.com", re.IGNORECASE)
DASH = re.compile(r"\s+[-–—]\s+")
TITLE = re.compile(r"#\s*title:(.*)", re.IGNORECASE)
COLUMNS = {
    "uri": ("track_uri", "uri", "spotify_uri", "spotify_id", "track_url", "url"),
    "artist": ("artist", "artist_name", "artists", "artist_names"),
    "title": ("title", "track", "track_name", "name", "song"),
}
FORM = 'a track uri (spotify:track:...), its web address, or "artist - title"'


@dataclass(frozen=True)
class NamedTrack:
    """A track by its names; ``line``: its number in the file, from 1."""

    artist: str
    title: str
    line: int


@dataclass(frozen=True)
class Lines:
    """``playlist``: the tracks given by uri, and the title; ``named``: those given by name."""

    playlist: Playlist
    named: tuple[NamedTrack, ...]


def read_lines(text: str, where: str, separator: str | None = None, raw_ids: bool = False) -> Lines:
    """The one playlist of a file: a track a line, or a table with a header, parted by ``separator``.

    Empty lines and those that begin with # are left out; of the latter ``# title: ...`` gives the title.
    ``raw_ids``: every line is a track's id as it is, for runs on edge lists. ``where``: the file in
    messages. Raises SegueError, with the line, for a uri that is no track or a line that is none of these,
    and when there is neither a track nor a title.
    """
    title, lines = None, []
    for number, line in enumerate(text.splitlines(), 1):
        if match := TITLE.match(line.strip()):
            title = match[1].strip() or None
        elif line.strip() and not line.lstrip().startswith("#"):
            lines.append((number, line))
    entries = _columns(lines, where, separator) if separator else ((n, line.strip()) for n, line in lines)
    uris, named = [], []
    for number, entry in entries:
        place = f"{where}: line {number}"
        if isinstance(entry, tuple):
            named.append(NamedTrack(*entry, number))
        elif raw_ids:
            uris.append(entry)
        elif uri := _uri(entry, place):
            uris.append(uri)
        else:
            parts = DASH.split(entry, maxsplit=1)
            if len(parts) < 2:
                raise SegueError("A line names no track.", where=place, found=repr(entry), expected=FORM)
            named.append(NamedTrack(*parts, number))
    if not (uris or named or title):
        raise SegueError(
            "The playlist is empty and has no title.",
            where=where,
            found="no line with a track",
            expected=f"lines, each {FORM}; or a line # title: ...",
        )
    return Lines(Playlist(tuple(uris), title), tuple(named))


def _uri(entry: str, place: str) -> str | None:
    """The uri that ``entry`` is; None where it is none, an error where it is one of something else."""
    if match := WEB.fullmatch(entry):
        return f"spotify:track:{match[1]}"
    pattern, form = URIS["track_uri"]
    if pattern.fullmatch(entry):
        return entry
    if LOOKS_LIKE_URI.match(entry):
        raise SegueError("A uri is no track.", where=place, found=repr(entry), expected=form)
    return None


def _columns(
    lines: Sequence[tuple[int, str]], where: str, separator: str
) -> Iterator[tuple[int, str | tuple[str, str]]]:
    """The number of each row's line, and its uri or its artist and title."""
    if not lines:
        return
    rows = csv.reader((line for _, line in lines), delimiter=separator)
    head = [re.sub(r"\W+", "_", name.strip().lower().removesuffix("(s)")).strip("_") for name in next(rows)]
    place = {
        kind: next((head.index(name) for name in names if name in head), None)
        for kind, names in COLUMNS.items()
    }
    if place["uri"] is None and None in (place["artist"], place["title"]):
        raise SegueError(
            "The table has no column of tracks.",
            where=f"{where}: line {lines[0][0]}",
            found=", ".join(head),
            expected="a header with track_uri, or with artist and title",
        )
    for row in rows:
        number = lines[rows.line_num - 1][0]
        cells = {
            kind: row[at].strip() if at is not None and at < len(row) else "" for kind, at in place.items()
        }
        if cells["uri"]:
            yield number, cells["uri"]
        elif cells["artist"] and cells["title"]:
            yield number, (cells["artist"], cells["title"])
        else:
            raise SegueError(
                "A row names no track.",
                where=f"{where}: line {number}",
                found=repr(separator.join(row)),
                expected="a uri, or an artist and a title",
            )
