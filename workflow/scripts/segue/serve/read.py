"""Playlists to be continued, read from a file of any of the forms that people have them in."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from segue.data.mpd import NOT_DECODED
from segue.data.sources import without_mark
from segue.errors import SegueError, as_json
from segue.serve.cells import SAID
from segue.serve.challenge_json import challenge_playlists
from segue.serve.forms import FIX, Listed, ReadPlaylists, settled
from segue.serve.ids import IdColumns, id_row, read_id_table
from segue.serve.lists import LINE_END, TITLE, is_m3u, read_list, read_m3u
from segue.serve.objects import object_playlists, row_of_object
from segue.serve.tables import is_header, read_table
from segue.serve.unpack import TABLES, as_utf8, suffix_of, unpacked, unpacked_bytes

JSON = ".json"
M3U = (".m3u", ".m3u8")
FIRST = (b"{", b"[")  # of JSON, where the suffix does not say so


def read_playlists(path: str | Path, skip_bad: bool = False, ids: IdColumns | None = None) -> ReadPlaylists:
    """The playlists of a file, by its suffix and by what is in it.

    JSON: a challenge set, an MPD slice, Spotify's account export, a playlist of its Web API, a list of
    tracks. A table (``.csv``, ``.tsv``, or text whose first line is such a header): a row a track, by uri or
    by artist and title; several playlists where a column names them. M3U. Any other text: one playlist, a
    line a track. Each also in ``.gz``, ``.zst``, or alone in a zip archive. ``ids``: of a run on edge lists,
    whose tracks are ids as they are.

    Rows that name no track are in ``left_out``. ``skip_bad``: go on without playlists that are bad, which
    are then in ``skipped``. Raises SegueError, with the place in the file, where it cannot be read, a
    playlist is bad, or a pid is there twice.
    """
    return _read(*unpacked(Path(path)), str(path), skip_bad, ids)


def read_bytes(data: bytes, name: str, most: int, ids: IdColumns | None = None) -> ReadPlaylists:
    """As ``read_playlists``, of a file with the name ``name`` and the content ``data``, of at most ``most``
    bytes when it is unpacked. It goes on without playlists that are bad."""
    return _read(*unpacked_bytes(data, name, most), name, True, ids)


def _read(name: str, data: bytes, where: str, skip_bad: bool, ids: IdColumns | None) -> ReadPlaylists:
    suffix = suffix_of(name)
    if suffix == JSON and ids is None and (found := _at_once(data, where)):
        return settled(found, where, skip_bad)
    text, notes = as_utf8(data, where)
    return settled(_playlists(text, suffix, where, ids), where, skip_bad, notes)


def _at_once(data: bytes, where: str) -> Sequence[Listed | SegueError] | None:
    """The playlists of a challenge set or a slice, whose encoding is not looked at twice; else None."""
    try:
        return challenge_playlists(without_mark(data), where)
    except NOT_DECODED:
        return None


def _playlists(text: bytes, suffix: str, where: str, ids: IdColumns | None) -> Sequence[Listed | SegueError]:
    if suffix == JSON or (text.lstrip().startswith(FIRST) and _is_json(text)):
        return _read_json(text, where, ids)
    decoded = text.decode()
    likely = TABLES.get(suffix, ",")
    if ids:
        is_table = suffix in TABLES or ids.are_in(_first_line(decoded))
        return read_id_table(decoded, where, likely, ids) if is_table else [read_list(decoded, id_row)]
    if suffix in M3U or is_m3u(decoded):
        return [read_m3u(decoded)]
    if suffix in TABLES or is_header(_first_line(decoded)):
        return read_table(decoded, where, likely)
    return [read_list(decoded)]


def _first_line(text: str) -> str:
    """The first line that may be a table's header."""
    lines = (line.strip() for line in LINE_END.split(text[:10_000]))
    return next((one for one in lines if one and not (TITLE.match(one) or SAID.fullmatch(one))), "")


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except NOT_DECODED:
        return False
    return True


def _read_json(text: bytes, where: str, ids: IdColumns | None) -> list[Listed | SegueError]:
    found, problem = None, ""
    try:
        if ids is None:
            found = challenge_playlists(text, where)
        if found is None:
            document = msgspec.json.decode(text)
            found = object_playlists(document, where, ids.row_of_object if ids else row_of_object)
            problem = as_json(document)
    except NOT_DECODED as error:
        problem = str(error)
    if not found:
        raise SegueError(
            "The playlists to be continued cannot be read.",
            where=where,
            found=problem,
            expected="a challenge set or an MPD slice, Spotify's export, or a list of tracks",
            fix=FIX,
        )
    return found
