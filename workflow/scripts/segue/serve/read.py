"""Playlists to be continued, read from a file of any of the forms that people have them in."""

import zlib
from dataclasses import dataclass
from pathlib import Path

from segue.data.sources import decompressed, without_mark
from segue.errors import SegueError
from segue.serve.forms import NamedTrack, Playlist, given_playlists, read_lines

JSON = (".json", ".json.gz", ".json.zst")
SEPARATORS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True)
class ReadPlaylists:
    """``named``: tracks of the only playlist that are given by name, to be found by ``match_names``."""

    playlists: list[Playlist]
    named: tuple[NamedTrack, ...] = ()


def read_playlists(path: str | Path, raw_ids: bool = False) -> ReadPlaylists:
    """The playlists of a file, by its suffix.

    ``.json``, also with ``.gz`` or ``.zst``: a challenge set or an MPD slice. ``.csv``, ``.tsv``: one
    playlist, a row a track, with a header. Any other: one playlist, a line a track. ``raw_ids``: tracks are
    ids of edge lists. Raises SegueError, with the place in the file, where it cannot be read as that.
    """
    path = Path(path)
    text = _read(path)
    if path.name.endswith(JSON):
        return ReadPlaylists(given_playlists(text, str(path)))
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        raise SegueError(
            "The playlist is not UTF-8 text.",
            where=f"{path}: line {line}",
            found=f"the byte 0x{text[error.start]:02x}",
            expected="UTF-8; a challenge set or a slice is told by the suffix .json",
            fix="save the file as UTF-8",
        ) from error
    lines = read_lines(decoded, str(path), SEPARATORS.get(path.suffix.lower()), raw_ids)
    return ReadPlaylists([lines.playlist], lines.named)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return without_mark(decompressed(file, path.name))
    except (OSError, EOFError, zlib.error) as error:
        raise SegueError(
            "The file of playlists cannot be read.",
            where=str(path),
            found=getattr(error, "strerror", None) or str(error),
            expected="a text file, a .csv, an MPD slice or a challenge set",
            fix="correct the name; for a playlist of the run, `segue recommend` asks by title or pid",
        ) from error
