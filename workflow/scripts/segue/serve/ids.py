"""Playlists of runs on edge lists, whose tracks are ids as they are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from segue.errors import SegueError, as_json, shown
from segue.serve.cells import SEPARATORS, Cells, rows_of_text, split_line
from segue.serve.forms import LeftOut, Listed, Row
from segue.serve.tables import by_playlist, cell

TRACKS = ("track", "item", "track_id", "item_id", "track_uri", "uri")
PLAYLISTS = ("playlist", "user", "playlist_id", "user_id", "pid")
TYPED = re.compile(":(token|float)(_seq)?$")  # as RecBole writes the names of columns
NO_ID = "has no id of a track"


def id_row(text: str, line: int) -> Row:
    """A line of a list is a track's id."""
    return text


@dataclass(frozen=True)
class IdColumns:
    """What the run's edge lists call their columns: names, or numbers from 1. ``header``: whether they have
    a row of names."""

    track: str | int
    playlist: str | int | None = None
    header: bool = True

    def are_in(self, line: str) -> bool:
        """Whether a line is the header of a table with a column of tracks."""
        rows = [split_line(line, separator) for separator in SEPARATORS]
        return any(len(head) > 1 and self._named(head, self.track, TRACKS) is not None for head in rows)

    def places(self, head: Sequence[str]) -> tuple[int | None, int | None, bool]:
        """The columns of tracks and of playlists in a table whose first row is ``head``, and whether that row
        is a header. None: there is no such column."""
        track, playlist = self._named(head, self.track, TRACKS), self._named(head, self.playlist, PLAYLISTS)
        if track is not None:
            return track, playlist, True
        if len(head) == 1:
            return 0, None, False
        if isinstance(self.track, int) and self.track <= len(head):
            return self.track - 1, self.playlist - 1 if isinstance(self.playlist, int) else None, self.header
        return None, None, False

    def _named(self, head: Sequence[str], wanted: str | int | None, names: Sequence[str]) -> int | None:
        if wanted in head:
            return head.index(wanted)
        plain = [TYPED.sub("", name.strip()).lower() for name in head]
        return next((plain.index(name) for name in names if name in plain), None)

    def row_of_object(self, track: Any, number: int, path: str) -> Row:
        """What an entry of a list in JSON is: an id, or an object with one."""
        if isinstance(track, dict):
            given = (track.get(key) for key in (self.track, *TRACKS, "id"))
            track = next((one for one in given if isinstance(one, str | int)), None)
        if isinstance(track, bool) or not isinstance(track, str | int) or not str(track).strip():
            return LeftOut(path, as_json(track), NO_ID)
        return str(track).strip()


def read_id_table(text: str, where: str, likely: str, columns: IdColumns) -> list[Listed]:
    """The playlists of a table, a row an id: of the run's column of tracks, or of one of TRACKS.

    A column of playlists parts them, and their ids are the titles. Rows without an id are listed. Raises
    SegueError where there is no such column.
    """

    def named(rows: Sequence[Cells]) -> int:
        head = rows[0][1] if rows else []
        return int(len(head) > 1 and columns.places(head)[0] is not None)

    title, rows = rows_of_text(text, likely, named)
    if not rows:
        return [Listed((), title)]
    track, playlist, header = columns.places(rows[0][1])
    if track is None:
        raise SegueError(
            "The table has no column of tracks.",
            where=f"{where}: line {rows[0][0]}",
            found=shown(", ".join(rows[0][1])),
            expected=f"the column {columns.track!r}, as data.edges.columns.track says, or one of "
            + ", ".join(TRACKS),
            fix="name the column in the first row",
        )

    def row_of(line: int, cells: Sequence[str]) -> Row:
        return cell(cells, track) or LeftOut(f"line {line}", shown(", ".join(cells)), NO_ID)

    return by_playlist(rows[header:], row_of, playlist, title)
