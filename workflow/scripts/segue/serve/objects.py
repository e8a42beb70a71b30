"""Playlists as JSON objects of other makers: Spotify's own export, its Web API, lists of tracks."""

from collections.abc import Callable, Sequence
from typing import Any

from segue.errors import SegueError, as_json, shown
from segue.serve.forms import FIX, LeftOut, Listed, NamedTrack, Row
from segue.serve.headers import ARTISTS, TITLES, URIS, normal
from segue.serve.lists import NO_TRACK, row_of_text
from segue.serve.uris import WHY_NOT, is_of_spotify, uri_or_id, why_no_track

WRAPPERS = ("track", "item")  # of a track, with the date when it was added
GONE = "the track is there no more"

RowOf = Callable[[Any, int, str], Row]  # of an entry of a list, its number from 1, and its JSON path


def row_of_object(track: Any, number: int, path: str) -> Row:
    """What an entry of a list of tracks is: a text, or an object with a uri or id, or else with names, whose
    keys are as the columns of a table are called."""
    if isinstance(track, str):
        return row_of_text(track.strip(), number, path)
    if not isinstance(track, dict):
        return LeftOut(path, as_json(track), GONE if track is None else NO_TRACK)
    for key in WRAPPERS:
        if isinstance(track.get(key), dict):
            return row_of_object(track[key], number, f"{path}.{key}")
    if why := _other(track):
        return LeftOut(path, as_json(track), why)
    fields = {normal(key): value for key, value in track.items()}
    uris = [uri.strip() for key in URIS if isinstance(uri := fields.get(key), str)]
    for uri in uris:
        if found := uri_or_id(uri):
            return found
        if is_of_spotify(uri):
            return LeftOut(path, shown(uri), why_no_track(uri) or NO_TRACK)
    artist, title = _artist(fields), _text(fields, TITLES)
    if artist and title:
        return NamedTrack(artist, title, number, path)
    is_gone = any(key in track and track[key] is None for key in WRAPPERS)
    return LeftOut(path, as_json(track), GONE if is_gone else NO_TRACK)


def object_playlists(
    document: Any, where: str, row_of: RowOf = row_of_object
) -> list[Listed | SegueError] | None:
    """The playlists of a JSON document; None where it is of no form that is known here.

    Known are Spotify's account export (playlists, each with items), the Web API's playlist object and its
    pages of items, an object with tracks, and a list of tracks. A playlist without such a list is an error in
    its place; ``where``: the file in messages.
    """
    if isinstance(document, list):
        return [Listed(rows_of(document, "$", row_of))]
    if not isinstance(document, dict):
        return None
    playlists = document.get("playlists")
    if not isinstance(playlists, list):
        found = _playlist(document, "$", row_of)
        return None if found is None else [found]
    return [
        _playlist(one, f"$.playlists[{place}]", row_of)
        or SegueError(
            "A playlist has no list of tracks.",
            where=f"{where}: $.playlists[{place}]",
            found=as_json(one),
            expected="tracks or items",
            fix=FIX,
        )
        for place, one in enumerate(playlists)
    ]


def _playlist(playlist: Any, path: str, row_of: RowOf) -> Listed | None:
    """A playlist of an object with a list of tracks, or of pages of them."""
    if not isinstance(playlist, dict):
        return None
    title, pid = _text(playlist, ("name", "title")), playlist.get("pid")
    pid = pid if type(pid) is int and 0 <= pid < 2**63 else None
    for key in ("tracks", "items"):
        tracks, inside = playlist.get(key), f"{path}.{key}"
        if isinstance(tracks, dict):
            tracks, inside = tracks.get("items"), f"{inside}.items"
        if isinstance(tracks, list):
            return Listed(rows_of(tracks, inside, row_of), title, pid, path)
    return None


def rows_of(tracks: Sequence[Any], path: str, row_of: RowOf = row_of_object) -> list[Row]:
    return [row_of(track, number, f"{path}[{number - 1}]") for number, track in enumerate(tracks, 1)]


def _other(track: dict[str, Any]) -> str | None:
    """What an entry is that its maker marks as no track of Spotify's."""
    if track.get("is_local") is True or track.get("localTrack"):
        return WHY_NOT["local"]
    if track.get("episode") or track.get("type") == "episode":
        return WHY_NOT["episode"]
    return None


def _text(value: dict[str, Any], keys: Sequence[str]) -> str | None:
    """The first of ``keys`` that has a text that is not empty."""
    texts = (value[key].strip() for key in keys if isinstance(value.get(key), str))
    return next(filter(None, texts), None)


def _artist(fields: dict[str, Any]) -> str | None:
    """The artist's name; several, as the Web API gives them, joined by commas."""
    for key in ARTISTS:
        artists = fields.get(key)
        several = artists if isinstance(artists, list) else [artists]
        names = [_text(one, ("name",)) if isinstance(one, dict) else one for one in several]
        if joined := ", ".join(name.strip() for name in names if isinstance(name, str) and name.strip()):
            return joined
    return None
