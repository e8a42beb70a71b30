"""What Python code asks of a model, checked as the command checks its file and its options."""

import operator
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from segue.errors import SegueError, a_kind, counted, shown, typed
from segue.serve.forms import Playlist
from segue.serve.uris import URI_FORM, uri_or_id, why_no_track

WHERE = "continue_playlists"
A_PLAYLIST = "a segue.Playlist, or a list of the uris of its tracks"
AN_ID = "the id of a track, as text, as in the edge lists"
A_URI = f"{URI_FORM}, a web address of a track, or its bare id"


def checked_playlists(
    playlists: Any, raw_ids: bool, is_known: Callable[[str], bool], where: str = WHERE
) -> list[Playlist]:
    """``playlists`` (A_PLAYLIST each), given to the function ``where``, as Playlists whose tracks are uris.

    ``raw_ids``: tracks are ids of edge lists, as they are; else uris, addresses and bare ids, of which
    ``is_known`` says whether the run has read such a uri. Raises SegueError for everything else.
    """
    if isinstance(playlists, Playlist | str | bytes | Mapping) or not isinstance(playlists, Iterable):
        raise _error(
            "Playlists come in a list.",
            where,
            _told(playlists),
            f"a list, in which each is {A_PLAYLIST}",
            "put a single one into a list: [playlist]",
        )
    return [
        _playlist(one, f"{where}, playlist number {number}", raw_ids, is_known)
        for number, one in enumerate(playlists, 1)
    ]


def checked_count(n: Any, where: str = WHERE) -> int:
    """``n``, a whole number from 1 on, as int. Raises SegueError for everything else, True and 2.0 too."""
    count = _whole(n)
    if count is None or count < 1:
        expected = "a whole number from 1 on"
        raise _error("The number of tracks is none.", f"{where}, n", _told(n), expected, "say n=30")
    return count


def checked_proposals(tracks: Any, where: str) -> list[str | int]:
    """``tracks``, each a uri as text or an index, as a list. Raises SegueError for everything else."""
    where = f"{where}, tracks"
    is_table = hasattr(tracks, "columns")
    if isinstance(tracks, str | bytes | Mapping) or not isinstance(tracks, Iterable) or is_table:
        found = a_kind(tracks) if is_table else _told(tracks)
        expected = "a list of uris or of indices, or a column of an answer"
        raise _error("Tracks come in a list.", where, found, expected, 'say table["track_uri"], or [uri]')
    proposals = [one if isinstance(one, str) else _whole(one) for one in tracks]
    if None in proposals:
        found = _told([*tracks][proposals.index(None)])
        expected = "a uri, as text, or an index, a whole number"
        raise _error("A track is neither a uri nor an index.", where, found, expected, "leave it out")
    return proposals


def checked_path(path: Any, where: str) -> Path:
    """``path``, a text or Path, as Path. Raises SegueError for everything else."""
    if isinstance(path, str | Path) and str(path):
        return Path(path)
    expected = "the folder of a run's results, as text or Path"
    raise _error(
        "The folder of a run is named by no path.", where, _told(path), expected, f'{where}("results")'
    )


def _playlist(given: Any, where: str, raw_ids: bool, is_known: Callable[[str], bool]) -> Playlist:
    if hasattr(given, "columns"):
        fix = 'say [table["track_uri"]]'
        raise _error("A playlist is no table.", where, a_kind(given), A_PLAYLIST, fix)
    if isinstance(given, str):
        fix = "put the uris of one playlist into a list of their own: [[uri, uri]]"
        raise _error("A playlist is a list of track uris.", where, _told(given), A_PLAYLIST, fix)
    if not isinstance(given, Playlist):
        given = Playlist(given)
    if isinstance(given.tracks, str | bytes | Mapping) or not isinstance(given.tracks, Iterable):
        fix = "give a list, also of a single track: tracks=[uri]"
        raise _error("The tracks of a playlist come in a list.", where, _told(given.tracks), A_PLAYLIST, fix)
    if not isinstance(given.title, str | None):
        fix = f"title={str(given.title)!r}, or leave it out"
        raise _error("The title of a playlist is no text.", where, _told(given.title), "text, or None", fix)
    if given.pid is not None and _whole(given.pid) is None:
        fix = "leave it out: it only stands in the answer"
        raise _error("The pid of a playlist is no number.", where, _told(given.pid), "an int, or None", fix)
    uri = _id if raw_ids else _uri
    tracks = tuple(
        track if isinstance(track, str) and is_known(track) else uri(track, f"{where}, track number {place}")
        for place, track in enumerate(given.tracks, 1)
    )
    return Playlist(tracks, given.title, given.pid)


def _uri(track: Any, where: str) -> str:
    if isinstance(track, str) and (uri := uri_or_id(track.strip())):
        return uri
    why = why_no_track(track.strip()) if isinstance(track, str) else None
    found = _told(track) + (f": {why}" if why else "")
    raise _error("A track is named by no uri.", where, found, A_URI, "leave it out")


def _id(track: Any, where: str) -> str:
    if isinstance(track, str) and track:
        return track
    fix = f"give it as text: {str(track)!r}" if isinstance(track, int) else "leave it out"
    raise _error("A track is named by no id.", where, _told(track), AN_ID, fix)


def _whole(value: Any) -> int | None:
    """``value`` as int, also where it is one of NumPy's; None where it is no whole number."""
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def _told(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return typed(value)


def _error(what: str, where: str, found: str, expected: str, fix: str) -> SegueError:
    return SegueError(what, where=where, found=found, expected=expected, fix=fix)


def none_left(where: str, num_tracks: int) -> SegueError:
    """Where a playlist has all ``num_tracks`` tracks that a model can propose."""
    return SegueError(
        "No track is left to recommend.",
        where=where,
        found=f"a playlist with all {counted(num_tracks, 'track')} that the model can propose",
        expected="a playlist that leaves one",
        fix="ask about fewer tracks, or train on a larger graph",
    )


def none_known(count: int) -> str:
    """What is found where none of ``count`` tracks is of use to a model."""
    given = "1 track, which is not" if count == 1 else f"{count} tracks, none of them"
    return f"{given} in the graph, nor any other of the same album or artist"
