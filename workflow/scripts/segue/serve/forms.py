"""A playlist as lines of text: track uris, or artists and titles."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from segue.data.mpd import URIS
from segue.errors import SegueError
from segue.serve.playlists import Playlist

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
