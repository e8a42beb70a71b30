"""One slice of the Million Playlist Dataset (MPD): JSON text, checked field by field, as records."""

import codecs
import json
import re
from collections.abc import Iterable
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
import polars as pl
from msgspec import Meta

from segue.errors import SegueError, as_json

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]  # dates and durations: any number that fits
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Position = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class Entry(msgspec.Struct, gc=False):
    """A track where it stands on a playlist."""

    pos: Position
    track_uri: str
    track_name: str
    artist_uri: str
    artist_name: str
    album_uri: str
    album_name: str
    duration_ms: Int64


Track = TypeVar("Track")


class SlicePlaylist(msgspec.Struct, Generic[Track]):
    pid: Count
    name: str
    collaborative: Literal["true", "false"] | bool
    modified_at: Int64
    num_tracks: Count
    num_albums: Count
    num_artists: Count
    num_followers: Count
    num_edits: Count
    duration_ms: Int64
    tracks: list[Track]
    description: str | None = None

    def __post_init__(self) -> None:
        """Whoever writes a slice anew may write what the MPD has as text, "true", as true."""
        if isinstance(self.collaborative, bool):
            self.collaborative = "true" if self.collaborative else "false"


class Contents(msgspec.Struct):
    """A slice file as far as Segue reads it; further fields, here and below, are skipped."""

    playlists: Annotated[list[SlicePlaylist[Entry]], Meta(min_length=1)]


COUNTS = ("num_tracks", "num_albums", "num_artists", "num_followers", "num_edits")
PLAYLIST_SCHEMA = {
    "pid": pl.Int64,
    **dict.fromkeys(("name", "description", "collaborative"), pl.String),
    **dict.fromkeys(("modified_at", *COUNTS, "duration_ms"), pl.Int64),
}
PLAYLIST_TABLE = PLAYLIST_SCHEMA | {"collaborative": pl.Boolean, "slice": pl.String}  # as it is written
NAMES = ("track_uri", "track_name", "artist_uri", "artist_name", "album_uri", "album_name")
TRACK_SCHEMA = {**dict.fromkeys(NAMES, pl.String), "duration_ms": pl.Int64}
URIS = {
    "track_uri": (
        re.compile("spotify:track:[0-9A-Za-z]{22}"),
        "spotify:track: and 22 of the characters 0-9A-Za-z",
    ),
    "artist_uri": (re.compile("spotify:artist:[0-9A-Za-z]+"), "spotify:artist: and characters 0-9A-Za-z"),
    "album_uri": (re.compile("spotify:album:[0-9A-Za-z]+"), "spotify:album: and characters 0-9A-Za-z"),
}
_URI_LINES = {column: re.compile(f"(?:{form.pattern}\n)*") for column, (form, _) in URIS.items()}
# What a list may have that is no track of Spotify's: there is no playing it, and no uri that others share.
FOREIGN = ("spotify:local:", "spotify:episode:")
FETCH = "fetch the file again from where you have the MPD"  # for what only damage explains
ASIDE = ", take it out of data.dir, or set data.on_bad_slice to quarantine to go on without what is bad"
MEND = "mend it in the file" + ASIDE


CONTENTS = msgspec.json.Decoder(Contents)
ENTRY = msgspec.json.Decoder(Entry)
NOT_DECODED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode_slice(text: bytes, where: str) -> list[SlicePlaylist[Entry]]:
    """All playlists of the slice ``text``; ``where`` is the file's name in messages.

    Raises SegueError, with the file and the JSON path of the field, when ``text`` is no whole UTF-8 JSON
    text, lacks a field or has one of a wrong type or range, or has no playlists. Fields that Segue does not
    read have to be JSON and no more. The forms of uris are for `require_uris`.
    """
    try:
        return CONTENTS.decode(text).playlists
    except NOT_DECODED as error:
        raise decode_error(where, text, error) from error


def are_uris(column: str, uris: Iterable[str]) -> bool:
    """Whether each of ``uris`` has the form of ``column`` in URIS; one match over all of them is quickest."""
    lines = [*uris, ""]
    text = "\n".join(lines)
    return text.count("\n") == len(lines) - 1 and bool(_URI_LINES[column].fullmatch(text))


def require_uri(uri: str, column: str, where: str, place: str) -> None:
    """Raises SegueError, with the JSON path ``place``, unless ``uri`` has the form of ``column`` in URIS."""
    pattern, form = URIS[column]
    if not pattern.fullmatch(uri):
        if column == "track_uri" and uri.startswith(FOREIGN):
            raise foreign_entry(uri, f"{where}: {place}.{column}")
        raise file_error(
            f"A slice has a {column} of a wrong form.",
            f"{where}: {place}.{column}",
            as_json(uri),
            form,
            MEND,
        )


def foreign_entry(uri: str, where: str) -> SegueError:
    """What is wrong with an entry whose uri is one of FOREIGN; a quarantine sets it aside by itself."""
    return file_error(
        "A playlist has an entry that is no track of Spotify's.",
        where,
        as_json(uri),
        URIS["track_uri"][1],
        "set data.on_bad_slice to quarantine to go on without such entries, or take them out of the file",
    )


def decode_error(where: str, data: bytes, error: Exception, base: str = "$") -> SegueError:
    """What is wrong with ``data``, the most basic fault first: empty, not UTF-8, not JSON, a bad field.

    ``base`` is the JSON path of ``data`` in the file. msgspec stops at the first fault of any kind, so a
    file that is cut off may first show a bad field.
    """
    inside = "" if base == "$" else f"{base}, "
    if not data.strip():
        return file_error("A slice is empty.", where, f"{len(data)} bytes", "a JSON object")
    try:
        codecs.utf_8_decode(data, "strict", False)  # False: the last character may be cut off
    except UnicodeDecodeError as fault:
        place, around = (
            f"{where}: {inside}byte {fault.start}",
            data[max(fault.start - 20, 0) : fault.start + 20],
        )
        return file_error("A slice is not UTF-8.", place, repr(around), "UTF-8 text")
    try:
        document = msgspec.json.decode(data)
    except NOT_DECODED as fault:
        return _syntax_error(f"{where}: {inside}" if inside else where, data, str(fault))
    problem, _, location = str(error).partition(" - at ")
    location = location.strip("`") or "$"
    if entry := re.match(r"\$.*\.tracks\[\d+\]", location):
        found = _at(document, entry[0])
        uri = found.get("track_uri") if isinstance(found, dict) else None
        if isinstance(uri, str) and uri.startswith(FOREIGN):  # such entries lack other uris, too
            return foreign_entry(uri, f"{where}: {base}{entry[0][1:]}.track_uri")
    return file_error(
        "A slice has a field that is missing or has a wrong value.",
        f"{where}: {base}{location[1:]}",
        as_json(_at(document, location)),
        _expected(problem),
        MEND,
    )


def _syntax_error(where: str, data: bytes, problem: str) -> SegueError:
    if half := _half_character(data):
        return file_error("A slice has half a character.", where, half, "both halves of a surrogate pair")
    if "truncated" in problem:
        found = f"{len(data):,} bytes that end with {_text(data[-40:])}"
        return file_error("A slice is cut off.", where, found, "JSON that is closed")
    place = re.search(r" \(byte (\d+)\)", problem)
    if not place:
        return file_error("A slice is not JSON that can be read.", where, problem, "a JSON object")
    byte = int(place[1])
    line, column = data.count(b"\n", 0, byte) + 1, byte - data.rfind(b"\n", 0, byte)
    return file_error(
        "A slice is not JSON.",
        f"{where.removesuffix(', ')}: line {line}, byte {column} of the line",
        f"{problem[: place.start()]}, near {_text(data[max(byte - 20, 0) : byte + 20])}",
        "a JSON object",
    )


def _half_character(data: bytes) -> str:
    r"""The first ``\ud800`` to ``\udbff`` in ``data`` without its other half, if that is what is wrong.

    msgspec says little of it, and takes some for the end of the file.
    """
    try:
        json.loads(data)  # which takes halves
    except (ValueError, RecursionError):
        return ""
    half = re.search(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])", data)
    return half[0].decode() if half else ""


def file_error(what: str, where: str, found: str, expected: str, fix: str = FETCH + ASIDE) -> SegueError:
    return SegueError(what, where=where, found=found, expected=expected, fix=fix)


def _expected(problem: str) -> str:
    """What a message of msgspec expects, without its account of what it got."""
    if missing := re.fullmatch(r"Object missing required field `(\w+)`", problem):
        return f'a field "{missing[1]}"'
    if problem.startswith(("Invalid enum value", "Expected `bool | str`")):
        return '"true" or "false"'  # `collaborative` is the only field with a list of values
    return problem.removeprefix("Expected ").partition(", got ")[0].replace("`", "")


def _at(document: Any, location: str) -> Any:
    """The value at a JSON path such as ``$.playlists[3].tracks[0].pos``."""
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", location):
        document = document[key] if key else document[int(index)]
    return document


def _text(data: bytes) -> str:
    """An excerpt with quotes round it and invisible characters escaped."""
    return repr(data.decode("utf-8", errors="replace"))
