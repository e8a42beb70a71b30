"""A batch of slices as tables with ids of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from segue.data.entries import Parts, SeenTexts, take_apart
from segue.data.mpd import (
    ENTRY,
    MEND,
    NOT_DECODED,
    PLAYLIST_SCHEMA,
    PLAYLIST_TABLE,
    TRACK_SCHEMA,
    URIS,
    Entry,
    SlicePlaylist,
    are_uris,
    decode_slice,
    file_error,
    require_uri,
)
from segue.data.quarantine import SCHEMA as QUARANTINE_SCHEMA
from segue.data.quarantine import rejected_row
from segue.data.salvage import BadPlaylist, Salvaged, salvage_slice
from segue.errors import SegueError

EDGE_SCHEMA = dict.fromkeys(("playlist", "track", "position", "count"), pl.Int32)
_ANY_POSITION = 2**31 - 1  # stands for the position of an entry whose text is decoded without it
_ENTRY_START = b'{"pos": %d' % _ANY_POSITION


class Tables(NamedTuple):
    """What a batch of slices holds; its playlists and tracks are numbered 0, 1, ... as they are first read.

    ``edges``: EDGE_SCHEMA: ``playlist`` (row of ``playlists``), ``track`` (row of ``tracks``), ``position``
    (the first, from 0) and ``count`` (how often the track stands on the playlist); each pair once; sorted by
    playlist, then position, then track.
    ``playlists``: PLAYLIST_TABLE; ``slice`` is the file name; in the order of the slices and their files, no
    pid twice.
    ``tracks``: TRACK_SCHEMA, each track_uri once, as it was first seen and in the order of that.
    ``quarantine``: `segue.data.quarantine.SCHEMA`, what was rejected.
    Times are as in the MPD: ``modified_at`` in s since 1970, ``duration_ms`` in ms. Only ``description`` may
    be null.
    """

    edges: pl.DataFrame
    playlists: pl.DataFrame
    tracks: pl.DataFrame
    quarantine: pl.DataFrame


@dataclass
class _Part:
    """One slice while it is read: its playlists, its entries, and the first entry of each new track."""

    playlists: list[SlicePlaylist] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    tracks: list[int] | np.ndarray = field(default_factory=list)
    positions: list[int] | np.ndarray = field(default_factory=list)
    new: list[Entry] = field(default_factory=list)


class Batch:
    """Takes slices one by one and keeps columns of them; only one slice's records are alive at a time.

    ``quarantine``: whether a bad playlist or slice is put aside with its reason, or raises SegueError.
    """

    def __init__(self, quarantine: bool) -> None:
        self.rejected: list[dict] = []  # rows of `segue.data.quarantine.SCHEMA`
        self._quarantine = quarantine
        self._ids: dict[str, int] = {}  # of tracks, by uri
        self._pids: dict[int, str] = {}  # where each stands
        self._artists: set[str] = set()  # well-formed uris
        self._albums: set[str] = set()
        self._texts = SeenTexts()
        self._edges: list[pl.DataFrame] = []
        self._playlists: list[pl.DataFrame] = []
        self._tracks: list[pl.DataFrame] = []

    def add(self, text: bytes, name: str, where: str) -> tuple[int, int]:
        """Reads a slice's ``text``; ``name`` is its file's name, ``where`` its path in messages.

        Returns the numbers of playlists and of entries that it adds. Raises SegueError, and takes nothing of
        the slice, when it is bad as a whole, and without quarantine when any of its playlists is.
        """
        before = self._sizes()
        parts = take_apart(text)
        part = None if parts is None else self._read_parts(text, parts, where)
        if part is None:
            self._forget(before)
            try:
                part = self._read_as_a_whole(text, name, where)
            except SegueError:
                self._forget(before)
                raise
        self._keep(part, name)
        return len(part.playlists), len(part.tracks)

    def reject(self, row: dict) -> None:
        """Puts aside a row of `segue.data.quarantine.SCHEMA`."""
        self.rejected.append(row)

    def tables(self) -> Tables:
        playlists = _concat(self._playlists, PLAYLIST_TABLE)
        quarantine = pl.DataFrame(self.rejected, QUARANTINE_SCHEMA)
        return Tables(
            edges=_concat(self._edges, EDGE_SCHEMA),
            playlists=playlists,
            tracks=_concat(self._tracks, TRACK_SCHEMA),
            quarantine=_without_accepted_pids(quarantine, playlists),
        )

    def _read_parts(self, text: bytes, parts: Parts, where: str) -> _Part | None:
        """The quick way, for slices without a fault in the MPD's layout; None for any other.

        An entry whose text was there before is the same entry but for its position, and as well formed.
        That two texts have both of two hashes of 64 bits in common by chance is not to be expected, ever.
        """
        part = _Part()
        for index, playlist in enumerate(parts.playlists):
            if playlist.pid in self._pids:
                return None
            self._pids[playlist.pid] = f"{where}: $.playlists[{index}].pid"
            part.playlists.append(playlist)
            part.lengths.append(len(playlist.tracks))
        hashes, checks = parts.hashes(text)
        keys, first, of_entry = np.unique(hashes, return_index=True, return_inverse=True)
        at, seen = self._texts.find(keys)
        if (checks[first][of_entry] != checks).any() or (
            self._texts.checks[at[seen]] != checks[first[seen]]
        ).any():
            return None
        tracks = np.empty(len(keys), np.int32)
        tracks[seen] = self._texts.tracks[at[seen]]
        fresh = np.flatnonzero(~seen)
        by_first_use = fresh[np.argsort(first[fresh])]
        entries = self._decode(text, parts.starts[first[by_first_use]], parts.ends[first[by_first_use]])
        if entries is None:
            return None
        tracks[by_first_use] = self._numbers_of(entries, part)
        self._texts = self._texts.with_more(keys[fresh], checks[first[fresh]], tracks[fresh])
        part.tracks, part.positions = tracks[of_entry], parts.positions
        return part

    def _decode(self, text: bytes, starts: np.ndarray, ends: np.ndarray) -> list[Entry] | None:
        """Entries from their texts behind their positions; None where one is not as it must be."""
        try:
            entries = [
                ENTRY.decode(_ENTRY_START + text[start:end])
                for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
            ]
        except NOT_DECODED:
            return None
        whole = all(entry.pos == _ANY_POSITION for entry in entries)  # or there is a second one
        return entries if whole and self._well_formed(entries) else None

    def _read_as_a_whole(self, text: bytes, name: str, where: str) -> _Part:
        part = _Part()
        if not self._quarantine:
            for index, playlist in enumerate(decode_slice(text, where)):
                self._take(part, playlist, where, index)
            return part
        for index, found in enumerate(salvage_slice(text, where)):
            bad = found
            if isinstance(found, Salvaged):
                try:
                    self._take(part, found.playlist, where, index)
                except SegueError as error:
                    bad = BadPlaylist(found.playlist.pid, error)
                else:
                    for reason in found.left_out:
                        self.reject(rejected_row(name, None, 0, reason, entries=1))
                    continue
            self.reject(rejected_row(name, bad.pid, 1, bad.reason))
        return part

    def _take(self, part: _Part, playlist: SlicePlaylist, where: str, index: int) -> None:
        """Puts the playlist at ``index`` of its slice into ``part``; a bad one raises SegueError."""
        entries = playlist.tracks
        place = f"$.playlists[{index}]"
        if playlist.pid in self._pids:
            raise _repeated_pid(playlist.pid, f"{where}: {place}.pid", self._pids[playlist.pid])
        _require_uris(entries, where, place)
        self._pids[playlist.pid] = f"{where}: {place}.pid"
        part.playlists.append(playlist)
        part.lengths.append(len(entries))
        part.tracks += self._numbers_of(entries, part).tolist()
        part.positions += [entry.pos for entry in entries]

    def _well_formed(self, entries: list[Entry]) -> bool:
        """Whether all uris of ``entries`` have their form; of artists and albums each is looked at once."""
        artists = {entry.artist_uri for entry in entries} - self._artists
        albums = {entry.album_uri for entry in entries} - self._albums
        if not (
            are_uris("track_uri", [entry.track_uri for entry in entries])
            and are_uris("artist_uri", artists)
            and are_uris("album_uri", albums)
        ):
            return False
        self._artists |= artists
        self._albums |= albums
        return True

    def _numbers_of(self, entries: list[Entry], part: _Part) -> np.ndarray:
        """The number of each entry's track, int32; those that are new to the batch go into ``part``."""
        ids = self._ids
        before = len(ids)
        numbers = np.array([ids.setdefault(entry.track_uri, len(ids)) for entry in entries], np.int32)
        highest = np.maximum.accumulate(np.append(np.int32(before - 1), numbers))
        part.new += [entries[at] for at in np.flatnonzero(highest[1:] > highest[:-1]).tolist()]
        return numbers

    def _keep(self, part: _Part, name: str) -> None:
        """Puts the columns of ``part`` behind those of earlier slices."""
        first = len(self._pids) - len(part.lengths)
        playlist = np.repeat(np.arange(first, first + len(part.lengths), dtype=np.int32), part.lengths)
        columns = edge_columns(playlist, np.array(part.tracks, np.int32), np.array(part.positions, np.int32))
        self._edges.append(pl.DataFrame(dict(zip(EDGE_SCHEMA, columns, strict=True))))
        playlists = _frame(part.playlists, PLAYLIST_SCHEMA)
        self._playlists.append(
            playlists.with_columns(pl.col("collaborative") == "true", pl.lit(name, pl.String).alias("slice"))
        )
        self._tracks.append(_frame(part.new, TRACK_SCHEMA))

    def _sizes(self) -> tuple[int, int]:
        return len(self._ids), len(self._pids)

    def _forget(self, sizes: tuple[int, int]) -> None:
        """Back to these `_sizes`; dicts give back the latest keys first."""
        for known, size in zip((self._ids, self._pids), sizes, strict=True):
            while len(known) > size:
                known.popitem()


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
        # Each pair's entries together, the first position first.
        at = at[np.lexsort((position[at], pair[at]))]
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


def _frame(records: list[SlicePlaylist] | list[Entry], schema: dict[str, Any]) -> pl.DataFrame:
    """The fields of ``records`` that are in ``schema``."""
    return pl.DataFrame(
        {name: pl.Series(list(map(attrgetter(name), records)), dtype=kind) for name, kind in schema.items()}
    )


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
    return file_error(what, place, f"{pid}, which is also {other}", "each pid once", MEND)
