"""Playlists as plain lists: a track a line, or an M3U's directives and paths."""

import re
from collections.abc import Callable, Iterator

from segue.errors import shown
from segue.serve.forms import FORM, LeftOut, Listed, NamedTrack, Row
from segue.serve.uris import track_uri, uri_or_id, why_no_track

LINE_END = re.compile("\r\n|\r|\n")
TITLE = re.compile(r"#\s*title:(.*)", re.IGNORECASE)
COMMENT = re.compile(r"#(\s|$)")  # a song may be called #Loud
TAB = re.compile(r"\s*\t\s*(?:[-–—]\s+)?")
NUMBER = r"(?:\d{1,4}[.)]|[-*•])\s+"
NUMBERED = re.compile(rf"{NUMBER}(?=\S)")
DASH = re.compile(r"\s+[-–—]\s+")
AROUND = "\"'<>,;"  # of a uri, where it was copied from something else
NO_TRACK = f"names no track, as {FORM} does"

RowOf = Callable[[str, int], Row]  # of what stands on a line, and its number


def row_of_text(text: str, line: int, path: str = "") -> Row:
    """What a text is: a track's uri, address or bare id, or an artist and a title; ``path``: where JSON has
    it, or else it is a ``line``."""
    if uri := uri_or_id(text.strip(AROUND)):
        return uri
    why = why_no_track(text)
    if not why and (names := names_of(text)):
        return NamedTrack(*names, line, path)
    return LeftOut(path or f"line {line}", shown(text), why or NO_TRACK)


def names_of(text: str) -> tuple[str, str] | None:
    """Artist and title, parted by a tab or else by the first dash that stands between blanks."""
    for between in (TAB, DASH):
        artist, *rest = between.split(text.strip(), maxsplit=1)
        if artist and rest and rest[0]:
            return artist, rest[0]
    return None


def read_list(text: str, row_of: RowOf = row_of_text) -> Listed:
    """A track a line. Empty lines, and those that begin with # and a blank, are none; of the latter
    ``# title: ...`` gives the title. Where every line begins with a number (``1. ``) or a
    bullet, it is left out."""
    title, lines = None, []
    for number, line in enumerate(LINE_END.split(text), 1):
        line = line.strip()
        if match := TITLE.match(line):
            title = match[1].strip() or None
        elif line and not COMMENT.match(line):
            lines.append((number, line))
    if row_of is row_of_text and len(lines) > 1 and all(NUMBERED.match(line) for _, line in lines):
        lines = [(number, NUMBERED.sub("", line, count=1)) for number, line in lines]
    return Listed(tuple(row_of(line, number) for number, line in lines), title)


DIRECTIVE = re.compile(r"#EXTM3U(?:\s.*)?|#(EXT[A-Z0-9-]+|PLAYLIST)(?::(.*))?")
DURATION = re.compile(r"""\s*-?[\d.]*(?:\s+[\w-]+="[^"]*")*\s*,(.*)""")
TRACK_NUMBER = re.compile(r"\d{1,3}[\s._-]+(?=\D)")


def is_m3u(text: str) -> bool:
    return text.lstrip().startswith("#EXTM3U")


def read_m3u(text: str) -> Listed:
    """A path a line, and before it ``#EXTINF:seconds,artist - title``, which names the track; else the name
    of the file may. ``#PLAYLIST: ...`` gives the title. A path that is a track's uri or address is that."""
    title, rows = None, []
    info: tuple[int, str] | None = None  # of the path that is to come: the directive's line, and the names
    for number, line in enumerate(LINE_END.split(text), 1):
        line = line.strip()
        directive = DIRECTIVE.fullmatch(line)
        if directive and directive[1] == "EXTINF":
            rows += _entry(info, None)
            said = directive[2] or ""
            names = DURATION.fullmatch(said)
            info = number, (names[1] if names else said).strip()
        elif directive and directive[1] == "PLAYLIST":
            title = (directive[2] or "").strip() or title
        elif match := TITLE.match(line):
            title = match[1].strip() or None
        elif line and not directive and not COMMENT.match(line):
            rows += _entry(info, (number, line))
            info = None
    return Listed((*rows, *_entry(info, None)), title)


def _entry(info: tuple[int, str] | None, path: tuple[int, str] | None) -> Iterator[Row]:
    """The track of a directive, a path, or both; none of neither."""
    if path and (uri := track_uri(path[1])):
        yield uri
    elif info and (names := names_of(info[1])):
        yield NamedTrack(*names, info[0])
    elif path:
        file = re.split(r"[/\\]", path[1])[-1].rpartition(".")[0]
        names = names_of(TRACK_NUMBER.sub("", file, count=1))
        yield NamedTrack(*names, path[0]) if names else _unnamed(path)
    elif info:
        yield _unnamed(info)


def _unnamed(what: tuple[int, str]) -> LeftOut:
    why = "names no track, as #EXTINF:seconds,artist - title does"
    return LeftOut(f"line {what[0]}", shown(what[1]), why_no_track(what[1]) or why)
