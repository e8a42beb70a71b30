"""Playlists to be continued, from the challenge's JSON or from an MPD slice."""

from typing import Annotated

import msgspec
from msgspec import Meta

from segue.data.mpd import NOT_DECODED, URIS, Count
from segue.errors import SegueError
from segue.serve.playlists import Playlist

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
