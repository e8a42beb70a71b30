"""Playlists as tables: columns told by what stands in them, or by what exporters call them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from segue.errors import SegueError, shown
from segue.serve.cells import SEPARATORS, Cells, rows_of_text, split_line
from segue.serve.forms import LeftOut, Listed, NamedTrack, Row
from segue.serve.headers import ARTISTS, KNOWN, OF_OTHERS, PLAYLISTS, TITLES, URIS, normal, place_of
from segue.serve.lists import names_of, read_list
from segue.serve.uris import ID, is_of_spotify, track_uri, uri_or_id, why_no_track


@dataclass(frozen=True)
class Columns:
    """The places of columns, None for those that a table lacks. ``header``: whether the first row is one."""

    uri: int | None
    artist: int | None
    title: int | None
    playlist: int | None
    header: bool

    def row(self, line: int, cells: Sequence[str]) -> Row:
        """The track of a row: by its uri, or else by its names."""
        uri, artist, title = (cell(cells, place) for place in (self.uri, self.artist, self.title))
        if found := uri_or_id(uri):
            return found
        if is_of_spotify(uri):
            return LeftOut(f"line {line}", shown(uri), why_no_track(uri) or "no track")
        names = (artist, title) if self.artist is not None else names_of(title)
        if names and all(names):
            return NamedTrack(*names, line)
        found = ", ".join(one for one in cells if one)
        return LeftOut(f"line {line}", shown(found), "names no track: no uri, and no artist with a title")


def read_table(text: str, where: str, likely: str = ",") -> list[Listed]:
    """The playlists of a table, a row a track: one, or where a column names the playlist, each of them.

    Its separator is ``likely`` unless another makes more of it. The column of tracks is the one whose cells
    are uris, web addresses or bare ids of tracks, with a header or without; else those of artist and title,
    by their names in the header. A row that names no track is listed. Where the first row is no header that
    is known, and most lines name tracks as those of a list do, more than rows, it is a list. Raises
    SegueError where it is neither.
    """
    title, rows = rows_of_text(text, likely, _named)
    if not rows:
        return [Listed((), title)]
    columns, is_known = columns_of(rows), _is_known(rows[0][1])
    found = by_playlist(rows[columns.header :], columns.row, columns.playlist, title) if columns else []
    if not is_known:
        plain = read_list(text)  # such as "artist - title", with a comma in some
        if _usable([plain]) > max(_usable(found), len(plain.rows) / 2):
            return [plain]
    if columns is None:
        raise SegueError(
            "The table has no column of tracks.",
            where=f"{where}: line {rows[0][0]}",
            found=shown(", ".join(rows[0][1])),
            expected="a column of uris, addresses or ids of tracks; or a header with track_uri, or with "
            "artist and title",
            fix="write such a header above the columns",
        )
    if columns.uri is None and columns.artist is None and not _usable(found) and len(rows) > columns.header:
        raise SegueError(
            "The table has no column of artists.",
            where=f"{where}: line {rows[0][0]}",
            found=f"{shown(', '.join(rows[0][1]))}, of which {shown(rows[0][1][columns.title])} has titles",
            expected='a column artist beside it, or "artist - title" in its cells; or a column of uris, '
            "addresses or ids of tracks",
            fix="write artist above the column of artists",
        )
    if columns.header and not is_known:  # it may have been a row
        line, cells = rows[0]
        first = LeftOut(f"line {line}", shown(", ".join(cells)), "taken for the names of the columns")
        found[0] = replace(found[0], rows=(first, *found[0].rows))
    return found


def _usable(playlists: Sequence[Listed]) -> int:
    return sum(not isinstance(row, LeftOut) for one in playlists for row in one.rows)


def _is_known(cells: Sequence[str]) -> bool:
    """Whether a row has names of columns in it."""
    return not KNOWN.isdisjoint(map(normal, cells))


def is_header(line: str) -> bool:
    """Whether a line is the header of a table of tracks, by the names in it."""
    return any(_is_header(split_line(line, separator)) for separator in SEPARATORS)


def _is_header(cells: Sequence[str]) -> bool:
    head = [normal(one) for one in cells]
    by_names = all(place_of(names, head) is not None for names in (ARTISTS, TITLES))
    return len(head) > 1 and (by_names or (KNOWN.issuperset(head) and place_of(URIS, head) is not None))


def by_playlist(
    rows: Sequence[Cells],
    row_of: Callable[[int, Sequence[str]], Row],
    playlist: int | None,
    title: str | None,
) -> list[Listed]:
    """The playlists that the cells of the column ``playlist`` name, in the order in which they begin; the one
    of ``title``, where there is no such column."""
    parts: dict[str | None, list[Row]] = {}
    for line, cells in rows:
        parts.setdefault(cell(cells, playlist) or title, []).append(row_of(line, cells))
    # Rows that name neither a playlist nor a track are no playlist of their own: the first lists them.
    if len(parts) > 1 and all(isinstance(row, LeftOut) for row in parts.get(None, ())):
        stray = parts.pop(None, [])
        first = next(iter(parts.values()))
        first[:0] = stray
    return [Listed(tuple(found), name) for name, found in parts.items()] or [Listed((), title)]


def cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _named(rows: Sequence[Cells]) -> int:
    """How many tracks rows name, and how many columns are known."""
    columns = columns_of(rows) if rows else None
    if columns is None:
        return 0
    known = KNOWN.intersection(map(normal, rows[0][1]))
    return 1 + len(known) + sum(not isinstance(columns.row(*row), LeftOut) for row in rows[columns.header :])


def columns_of(rows: Sequence[Cells]) -> Columns | None:
    """Where the tracks stand; None where no column has any."""
    head = [normal(one) for one in rows[0][1]]
    uri = _uri_column(rows, head)
    known = not KNOWN.isdisjoint(head)
    if uri is None:
        header = known
    else:
        first = cell(rows[0][1], uri)
        header = not (uri_or_id(first) or is_of_spotify(first)) and (bool(first) or known)
    names = (ARTISTS, TITLES, PLAYLISTS) if header else ([], [], [])
    artist, title, playlist = (place_of(one, head) for one in names)
    if uri is None and title is None:
        return None
    return Columns(uri, artist, title, playlist, header)


def _uri_column(rows: Sequence[Cells], head: Sequence[str]) -> int | None:
    """The column with the most uris and addresses of tracks; else one of nothing but ids; else one of other
    uris of Spotify, none of which is a track."""
    columns = range(max(len(cells) for _, cells in rows))
    filled = [[text for _, cells in rows if len(text := cell(cells, place)) >= SHORTEST] for place in columns]
    uris = [sum(track_uri(text) is not None for text in texts) for texts in filled]
    if any(uris):
        return uris.index(max(uris))
    own = [place for place in columns if not OF_OTHERS.search(cell(head, place))]
    ids = [place for place in own if _are_ids(rows, head, place)]
    if ids:
        return max(ids, key=lambda place: (cell(head, place) in URIS, len(set(filled[place])), -place))
    others = [sum(map(is_of_spotify, filled[place])) for place in own]
    return own[others.index(max(others))] if any(others) else None


SHORTEST = len("spotify:local:")


def _are_ids(rows: Sequence[Cells], head: Sequence[str], place: int) -> bool:
    """Whether a column has bare ids: one or more where the header says so, else several and nothing else."""
    texts = [text for _, cells in rows[1:] if (text := cell(cells, place))]
    ids = sum(ID.fullmatch(text) is not None for text in texts)
    if cell(head, place) in URIS:
        return ids > 0
    ids_first = ID.fullmatch(cell(rows[0][1], place)) is not None
    return ids == len(texts) and ids + ids_first > 1
