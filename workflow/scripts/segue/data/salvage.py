"""A slice of which a part is bad, taken apart: what can be read of it, and what is set aside."""

from collections.abc import Iterator
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from segue.data.mpd import (
    ENTRY,
    FOREIGN,
    NOT_DECODED,
    URIS,
    Count,
    Entry,
    SlicePlaylist,
    decode_error,
    foreign_entry,
    require_uri,
)
from segue.errors import SegueError


class BadPlaylist(NamedTuple):
    """A playlist that was rejected: its pid, where that could be read, and why."""

    pid: int | None
    reason: SegueError


class Salvaged(NamedTuple):
    """A playlist without its entries that are no tracks, and why each of these was left out."""

    playlist: SlicePlaylist[Entry]
    left_out: list[SegueError]


class _Contents(msgspec.Struct):
    playlists: Annotated[list[msgspec.Raw], Meta(min_length=1)]


class _HasPid(msgspec.Struct):
    pid: Count


class _HasUri(msgspec.Struct):
    track_uri: str


_CONTENTS = msgspec.json.Decoder(_Contents)
_PLAYLIST = msgspec.json.Decoder(SlicePlaylist[Entry])
_RAW_ENTRIES = msgspec.json.Decoder(SlicePlaylist[msgspec.Raw])
_HAS_PID = msgspec.json.Decoder(_HasPid)
_HAS_URI = msgspec.json.Decoder(_HasUri)
_MARKS = tuple(f'"{form}'.encode() for form in FOREIGN)


def salvage_slice(text: bytes, where: str) -> Iterator[Salvaged | BadPlaylist]:
    """As `decode_slice`, but playlist by playlist, so that a bad one spoils no other.

    Entries whose uri is one of FOREIGN are left out of a playlist, which keeps its other fields as they are.
    Raises SegueError, before the first is yielded, when ``text`` is no JSON or no object with playlists.
    """
    try:
        raw = _CONTENTS.decode(text).playlists
    except NOT_DECODED as error:
        raise decode_error(where, text, error) from error
    return (_salvaged(bytes(piece), where, f"$.playlists[{index}]") for index, piece in enumerate(raw))


def _salvaged(piece: bytes, where: str, place: str) -> Salvaged | BadPlaylist:
    try:
        if any(mark in piece for mark in _MARKS):
            return _without_foreign(piece, where, place)
        return Salvaged(_PLAYLIST.decode(piece), [])
    except NOT_DECODED as error:
        return BadPlaylist(_pid_of(piece), decode_error(where, piece, error, place))
    except SegueError as error:
        return BadPlaylist(_pid_of(piece), error)


def _without_foreign(piece: bytes, where: str, place: str) -> Salvaged:
    """Raises SegueError for an entry that is bad in another way, with its place in the file."""
    playlist = _RAW_ENTRIES.decode(piece)
    entries, left_out = [], []
    for at, raw in enumerate(playlist.tracks):
        uri = _uri_of(raw)
        if uri.startswith(FOREIGN):
            left_out.append(foreign_entry(uri, f"{where}: {place}.tracks[{at}].track_uri"))
            continue
        try:
            entry = ENTRY.decode(raw)
        except NOT_DECODED as error:
            raise decode_error(where, bytes(raw), error, f"{place}.tracks[{at}]") from error
        for column in URIS:
            require_uri(getattr(entry, column), column, where, f"{place}.tracks[{at}]")
        entries.append(entry)
    playlist.tracks = entries
    return Salvaged(playlist, left_out)


def _uri_of(raw: msgspec.Raw) -> str:
    try:
        return _HAS_URI.decode(raw).track_uri
    except NOT_DECODED:
        return ""


def _pid_of(piece: bytes) -> int | None:
    try:
        return _HAS_PID.decode(piece).pid
    except NOT_DECODED:
        return None
