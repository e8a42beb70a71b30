"""The challenge's sets of playlists, and slices of the MPD."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from segue.data.mpd import Count, are_uris
from segue.errors import SegueError
from segue.serve.forms import FIX, Listed
from segue.serve.objects import rows_of


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


class LoosePlaylist(GivenPlaylist):
    """The same with tracks of any form, of which those that are none are to be listed."""

    tracks: list[Any]


class Given(msgspec.Struct):
    playlists: Annotated[list[GivenPlaylist], Meta(min_length=1)]


class Raw(msgspec.Struct):
    playlists: Annotated[list[msgspec.Raw], Meta(min_length=1)]


class HasPid(msgspec.Struct):
    pid: Any


GIVEN = msgspec.json.Decoder(Given)
RAW = msgspec.json.Decoder(Raw)
LOOSE = msgspec.json.Decoder(LoosePlaylist)
HAS_PID = msgspec.json.Decoder(HasPid)


def challenge_playlists(text: bytes, where: str) -> list[Listed | SegueError] | None:
    """All playlists of a challenge set or a slice, as its playlists' pids tell; None of any other JSON.

    An error, with the JSON path and the pid, stands in the place of a playlist that is bad: that lacks a
    field, or whose counts contradict each other. A track that is none is a row left out. ``where``: the file
    in messages. Raises msgspec.DecodeError where ``text`` is no JSON, SegueError where a pid is there twice.
    """
    try:
        given: Sequence[GivenPlaylist | SegueError] = GIVEN.decode(text).playlists
    except msgspec.ValidationError:
        salvaged = _salvaged(text, where)
        if salvaged is None:
            return None
        given = salvaged
    places: dict[int, int] = {}
    found: list[Listed | SegueError] = []
    for place, playlist in enumerate(given):
        if isinstance(playlist, SegueError):
            found.append(playlist)
            continue
        path = f"{where}: $.playlists[{place}]"
        if (first := places.setdefault(playlist.pid, place)) != place:
            raise _wrong("A pid is there twice.", path, f"pid {playlist.pid}, as $.playlists[{first}]")
        found.append(_contradiction(playlist, path) or _listed(playlist, place))
    return found


def _salvaged(text: bytes, where: str) -> list[GivenPlaylist | SegueError] | None:
    """Playlist by playlist; None where none has a pid."""
    try:
        raw = RAW.decode(text).playlists
    except msgspec.ValidationError:
        return None
    pids = [_pid(part) for part in raw]
    if pids.count(None) == len(pids):
        return None
    return [
        _decoded(part, f"{where}: $.playlists[{place}]", pid)
        for place, (part, pid) in enumerate(zip(raw, pids, strict=True))
    ]


def _pid(part: msgspec.Raw) -> str | None:
    try:
        return f", pid {HAS_PID.decode(part).pid!r}"
    except msgspec.ValidationError:
        return None


def _decoded(part: msgspec.Raw, path: str, pid: str | None) -> GivenPlaylist | SegueError:
    try:
        return LOOSE.decode(part)
    except msgspec.ValidationError as error:
        problem, _, inside = str(error).partition(" - at ")
        where = path + inside.strip("`").removeprefix("$") + (pid or "")
        return _wrong("A playlist has a field that is missing or wrong.", where, problem)


def _contradiction(playlist: GivenPlaylist, path: str) -> SegueError | None:
    samples, holdouts = playlist.num_samples, playlist.num_holdouts
    if samples is not None and samples != len(playlist.tracks):
        return _wrong(
            "A playlist has not as many tracks as it says.",
            f"{path}.num_samples, pid {playlist.pid}",
            f"{samples}, and {len(playlist.tracks)} tracks",
        )
    if samples is not None and holdouts is not None and samples + holdouts != playlist.num_tracks:
        return _wrong(
            "The counts of a playlist do not add up.",
            f"{path}.num_tracks, pid {playlist.pid}",
            f"{playlist.num_tracks}, with {samples} samples and {holdouts} holdouts",
        )
    return None


def _listed(playlist: GivenPlaylist, place: int) -> Listed:
    tracks: Sequence[Any] = playlist.tracks
    path = f"$.playlists[{place}]"
    if not isinstance(playlist, LoosePlaylist):
        uris = tuple([track.track_uri for track in playlist.tracks])
        if are_uris("track_uri", uris):
            return Listed(uris, playlist.name, playlist.pid, path)
        tracks = [{"track_uri": uri} for uri in uris]
    return Listed(rows_of(tracks, f"{path}.tracks"), playlist.name, playlist.pid, path)


def _wrong(message: str, where: str, found: str) -> SegueError:
    return SegueError(message, where=where, found=found, fix=FIX)
