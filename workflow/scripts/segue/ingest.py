"""A batch of slices as tables with ids of its own."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from segue.errors import SegueError
from segue.mpd import (
    NOT_DECODED,
    PLAYLIST,
    PLAYLIST_SCHEMA,
    TRACK_SCHEMA,
    URIS,
    BadPlaylist,
    Entry,
    Playlist,
    decode_slice,
    file_error,
    require_uri,
    salvage_slice,
)
from segue.pieces import playlist_texts
from segue.quarantine import SCHEMA as QUARANTINE_SCHEMA
from segue.quarantine import rejected_row

EDGE_SCHEMA = dict.fromkeys(("playlist", "track", "position", "count"), pl.Int32)
TRACK_URI, ARTIST_URI, ALBUM_URI = (pattern.fullmatch for pattern, _ in URIS.values())
_FIELDS, _TRACK = attrgetter(*PLAYLIST_SCHEMA), attrgetter(*TRACK_SCHEMA)


class Tables(NamedTuple):
    """What a batch of slices holds; its playlists and tracks are numbered 0, 1, ... as they are first read.

    ``edges``: EDGE_SCHEMA: ``playlist`` (row of ``playlists``), ``track`` (row of ``tracks``), ``position``
    (the first, from 0) and ``count`` (how often the track stands on the playlist); each pair once; sorted by
    playlist, then position, then track.
    ``playlists``: PLAYLIST_SCHEMA with ``collaborative`` as Boolean, and ``slice`` String, the file name; in
    the order of the slices and their files, no pid twice.
    ``tracks``: TRACK_SCHEMA, each track_uri once, as it was first seen and in the order of that.
    ``quarantine``: `segue.quarantine.SCHEMA`, what was rejected.
    Times are as in the MPD: ``modified_at`` in s since 1970, ``duration_ms`` in ms. Only ``description`` may
    be null.
    """

    edges: pl.DataFrame
    playlists: pl.DataFrame
    tracks: pl.DataFrame
    quarantine: pl.DataFrame


@dataclass
class _Part:
    """One slice while it is read: its playlists' fields, its entries, and the tracks that are new."""

    rows: list[tuple] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    tracks: array = field(default_factory=lambda: array("i"))
    positions: array = field(default_factory=lambda: array("i"))
    new: list[tuple] = field(default_factory=list)


class Batch:
    """Takes slices one by one and keeps columns of them; only one slice's records are alive at a time.

    ``quarantine``: whether a bad playlist or slice is put aside with its reason, or raises SegueError.
    """

    def __init__(self, quarantine: bool) -> None:
        self.rejected: list[dict] = []  # rows of `segue.quarantine.SCHEMA`
        self._quarantine = quarantine
        self._ids: dict[str, int] = {}  # of tracks, by uri
        self._pids: dict[int, str] = {}  # where each stands
        # Well-formed uris: of each album the artist who stood beside it last. Nearly all albums have one
        # artist, so one look-up checks two uris.
        self._artist_of: dict[str, str] = {}
        self._edges: list[pl.DataFrame] = []
        self._playlists: list[pl.DataFrame] = []
        self._tracks: list[pl.DataFrame] = []

    def add(self, text: bytes, name: str, where: str) -> tuple[int, int]:
        """Reads a slice's ``text``; ``name`` is its file's name, ``where`` its path in messages.

        Returns the numbers of playlists and of entries that it adds. Raises SegueError, and takes nothing of
        the slice, when it is bad as a whole, and without quarantine when any of its playlists is.
        """
        tracks, playlists = len(self._ids), len(self._pids)
        part = self._read_in_pieces(text, where)
        if part is None:
            self._forget(tracks, playlists)
            try:
                part = self._read_as_a_whole(text, name, where)
            except SegueError:
                self._forget(tracks, playlists)
                raise
        self._keep(part, name, playlists)
        return len(part.rows), len(part.tracks)

    def reject(self, row: dict) -> None:
        """Puts aside a row of `segue.quarantine.SCHEMA`."""
        self.rejected.append(row)

    def tables(self) -> Tables:
        playlists = _concat(
            self._playlists, PLAYLIST_SCHEMA | {"collaborative": pl.Boolean, "slice": pl.String}
        )
        quarantine = pl.DataFrame(self.rejected, QUARANTINE_SCHEMA)
        return Tables(
            edges=_concat(self._edges, EDGE_SCHEMA),
            playlists=playlists,
            tracks=_concat(self._tracks, TRACK_SCHEMA),
            quarantine=_without_accepted_pids(quarantine, playlists),
        )

    def _read_in_pieces(self, text: bytes, where: str) -> _Part | None:
        """The quick way, for slices without a fault in the MPD's layout; None for any other."""
        pieces = playlist_texts(text)
        if pieces is None:
            return None
        part = _Part()
        try:
            for index, piece in enumerate(pieces):
                self._take(part, PLAYLIST.decode(piece), where, index)
        except (*NOT_DECODED, SegueError):
            return None
        return part

    def _read_as_a_whole(self, text: bytes, name: str, where: str) -> _Part:
        part = _Part()
        if not self._quarantine:
            for index, playlist in enumerate(decode_slice(text, where)):
                self._take(part, playlist, where, index)
            return part
        for index, playlist in enumerate(salvage_slice(text, where)):
            bad = playlist
            if isinstance(playlist, Playlist):
                try:
                    self._take(part, playlist, where, index)
                    continue
                except SegueError as error:
                    bad = BadPlaylist(playlist.pid, error)
            self.reject(rejected_row(name, bad.pid, 1, bad.reason))
        return part

    def _take(self, part: _Part, playlist: Playlist, where: str, index: int) -> None:
        """Puts the playlist at ``index`` of its slice into ``part``; a bad one raises SegueError."""
        entries, ids = playlist.tracks, self._ids
        place = f"$.playlists[{index}]"
        if playlist.pid in self._pids:
            raise _repeated_pid(playlist.pid, f"{where}: {place}.pid", self._pids[playlist.pid])
        # Most uris are known from before, and what is known is well formed.
        tracks = list(map(ids.get, [entry.track_uri for entry in entries]))
        unknown = [at for at, number in enumerate(tracks) if number is None] if None in tracks else ()
        artist_of = self._artist_of.get
        unseen = [entry for entry in entries if artist_of(entry.album_uri) != entry.artist_uri]
        if not (
            all(TRACK_URI(entries[at].track_uri) for at in unknown)
            and all(ARTIST_URI(entry.artist_uri) and ALBUM_URI(entry.album_uri) for entry in unseen)
        ):
            _require_uris(entries, where, place)
        self._artist_of.update([(entry.album_uri, entry.artist_uri) for entry in unseen])
        for at in unknown:
            number = len(ids)
            tracks[at] = ids.setdefault(entries[at].track_uri, number)
            if tracks[at] == number:
                part.new.append(_TRACK(entries[at]))  # now, while it is in the processor's caches
        self._pids[playlist.pid] = f"{where}: {place}.pid"
        part.rows.append(_FIELDS(playlist))
        part.lengths.append(len(entries))
        part.tracks.extend(tracks)
        part.positions.extend([entry.pos for entry in entries])

    def _keep(self, part: _Part, name: str, first: int) -> None:
        """Puts the columns of ``part`` behind those of earlier slices; its playlists count from ``first``."""
        playlist = np.repeat(np.arange(first, first + len(part.lengths), dtype=np.int32), part.lengths)
        columns = edge_columns(playlist, np.array(part.tracks), np.array(part.positions))
        self._edges.append(pl.DataFrame(dict(zip(EDGE_SCHEMA, columns, strict=True))))
        playlists = _frame(zip(*part.rows, strict=True), PLAYLIST_SCHEMA)
        self._playlists.append(
            playlists.with_columns(pl.col("collaborative") == "true", pl.lit(name, pl.String).alias("slice"))
        )
        self._tracks.append(_frame(zip(*part.new, strict=True), TRACK_SCHEMA))

    def _forget(self, tracks: int, playlists: int) -> None:
        """Back to the first ``tracks`` and ``playlists``; dicts give back the latest keys first."""
        while len(self._ids) > tracks:
            self._ids.popitem()
        while len(self._pids) > playlists:
            self._pids.popitem()


def edge_columns(
    playlist: np.ndarray, track: np.ndarray, position: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Entries to edges: the columns of EDGE_SCHEMA, each pair once, in its order.

    ``playlist``, ``track`` and ``position``: int32 [entries], ``playlist`` ascending. One track in 75 stands
    on its playlist before; only those are grouped.
    """
    count = np.ones_like(track)
    pair = playlist.astype(np.int64) * (int(track.max(initial=0)) + 1) + track
    ordered = np.sort(pair)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if len(repeated):
        among = repeated[np.minimum(np.searchsorted(repeated, pair), len(repeated) - 1)] == pair
        at = np.flatnonzero(among)
        at = at[
            np.lexsort((position[at], pair[at]))
        ]  # each pair's entries together, the first position first
        first = np.flatnonzero(np.diff(pair[at], prepend=-1))
        count[at[first]] = np.diff(first, append=len(at))
        kept = ~among
        kept[at[first]] = True
        playlist, track, position, count = (column[kept] for column in (playlist, track, position, count))
    place = (playlist.astype(np.int64) << 32) + position
    if (place[1:] <= place[:-1]).any():  # no order, or a tie that the track settles
        order = np.lexsort((track, place))
        playlist, track, position, count = (column[order] for column in (playlist, track, position, count))
    return playlist, track, position, count


def _frame(columns: Iterable[Iterable[Any]], schema: dict[str, Any]) -> pl.DataFrame:
    """``columns`` in the order of ``schema``, or none where there is no row."""
    values = dict(zip(schema, map(list, columns), strict=False))
    return pl.DataFrame({name: pl.Series(values.get(name, []), dtype=kind) for name, kind in schema.items()})


def _concat(parts: list[pl.DataFrame], schema: dict) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _without_accepted_pids(quarantine: pl.DataFrame, playlists: pl.DataFrame) -> pl.DataFrame:
    """``quarantine`` with no pid where that pid's other playlist, of the same slice, was accepted.

    What reads the tables drops playlists by slice and pid.
    """
    accepted = playlists.select("slice", "pid", accepted=True)
    joined = quarantine.join(accepted, on=("slice", "pid"), how="left", maintain_order="left")
    return joined.with_columns(pid=pl.when(pl.col("accepted").is_null()).then("pid")).drop("accepted")


def _require_uris(entries: Iterable[Entry], where: str, place: str) -> None:
    for column in URIS:
        for at, entry in enumerate(entries):
            require_uri(getattr(entry, column), column, where, f"{place}.tracks[{at}]")


def _repeated_pid(pid: int, place: str, first: str) -> SegueError:
    """``place`` and ``first``: file and JSON path of either; the file is left out where it is the same."""
    file, _, path = first.rpartition(": ")
    other = path if file == place.rpartition(": ")[0] else first
    what = (
        "A slice has a playlist number twice."
        if other == path
        else "Two slices have the same playlist number."
    )
    return file_error(what, place, f"{pid}, which is also {other}", "each pid once")
