"""Slices of the Million Playlist Dataset (MPD): JSON, checked field by field, as polars tables."""

import codecs
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np
import polars as pl
from msgspec import Meta

from segue.errors import SegueError

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]  # dates and durations: any number that fits
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Position = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class Entry(msgspec.Struct, gc=False):
    """A track where it stands on a playlist."""

    pos: Position
    track_uri: str
    track_name: str
    artist_uri: str
    artist_name: str
    album_uri: str
    album_name: str
    duration_ms: Int64


class Playlist(msgspec.Struct):
    pid: Count
    name: str
    collaborative: Literal["true", "false"]
    modified_at: Int64
    num_tracks: Count
    num_albums: Count
    num_artists: Count
    num_followers: Count
    num_edits: Count
    duration_ms: Int64
    tracks: list[Entry]
    description: str | None = None


class Contents(msgspec.Struct):
    """A slice file as far as Segue reads it; further fields, here and below, are skipped."""

    playlists: Annotated[list[Playlist], Meta(min_length=1)]


COUNTS = ("num_tracks", "num_albums", "num_artists", "num_followers", "num_edits")
PLAYLIST_SCHEMA = {
    "pid": pl.Int64,
    **dict.fromkeys(("name", "description", "collaborative"), pl.String),
    **dict.fromkeys(("modified_at", *COUNTS, "duration_ms"), pl.Int64),
}
NAMES = ("track_uri", "track_name", "artist_uri", "artist_name", "album_uri", "album_name")
TRACK_SCHEMA = {**dict.fromkeys(NAMES, pl.String), "duration_ms": pl.Int64}
URIS = {
    "track_uri": ("^spotify:track:[0-9A-Za-z]{22}$", "spotify:track: and 22 of the characters 0-9A-Za-z"),
    "artist_uri": ("^spotify:artist:[0-9A-Za-z]+$", "spotify:artist: and characters 0-9A-Za-z"),
    "album_uri": ("^spotify:album:[0-9A-Za-z]+$", "spotify:album: and characters 0-9A-Za-z"),
}
FIX = "fetch the file again from where you have the MPD, or take it out of data.dir"

DECODER = msgspec.json.Decoder(Contents)


@dataclass(frozen=True)
class Slice:
    """The checked records of one slice, in the order of the file.

    ``playlists``: PLAYLIST_SCHEMA, ``collaborative`` as Boolean; one row a playlist, no pid twice.
    ``entries``: ``pid`` Int64, ``pos`` Int32 and TRACK_SCHEMA; one row for each track on each playlist.
    """

    playlists: pl.DataFrame
    entries: pl.DataFrame


class Tables(NamedTuple):
    """What a batch of slices holds, in raw ids (pid and uri).

    ``edges``: ``pid`` Int64, ``track_uri`` String, ``position`` Int32 (the first, from 0) and ``count`` Int32
    (how often the track stands on the playlist); each pair once; sorted by pid, then position.
    ``playlists``: the columns of Slice.playlists and ``slice`` String, the file name; sorted by pid.
    ``tracks``: TRACK_SCHEMA, each track_uri once, as it was first seen; sorted by track_uri.
    Times are as in the MPD: ``modified_at`` in s since 1970, ``duration_ms`` in ms. Only ``description`` may
    be null.
    """

    edges: pl.DataFrame
    playlists: pl.DataFrame
    tracks: pl.DataFrame


def read_slice(path: str | Path) -> Slice:
    """Reads and checks the slice file ``path``.

    Raises SegueError, with the file and the JSON path of the field, when the file cannot be read, is no
    whole UTF-8 JSON text, lacks a field or has one of a wrong type or range, has no playlists, has a pid
    twice, or has a uri of a wrong form.
    """
    data = _bytes_of(path)
    try:
        playlists = DECODER.decode(data).playlists
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _decode_error(path, data, error) from error
    lengths = np.array([len(playlist.tracks) for playlist in playlists])
    table = _frame(playlists, PLAYLIST_SCHEMA)
    pids = pl.Series("pid", np.repeat(table["pid"].to_numpy(), lengths), dtype=pl.Int64)
    entries = [entry for playlist in playlists for entry in playlist.tracks]
    entries = _frame(entries, {"pos": pl.Int32} | TRACK_SCHEMA).insert_column(0, pids)
    _require_distinct_pids(path, table["pid"])
    _require_uris(path, entries, lengths)
    return Slice(table.with_columns(pl.col("collaborative") == "true"), entries)


def tables(slices: Iterable[Slice], names: Iterable[str]) -> Tables:
    """The tables of a batch; ``names`` are the file names of ``slices``, in the same order.

    ``slices`` may be a generator: each is reduced to its tables before the next is asked for. That no pid
    stands in two slices, of this batch or another, is for `segue.graph.merge` to see.
    """
    parts = [_tables_of(part, name) for part, name in zip(slices, names, strict=True)]
    edges, playlists, tracks = (pl.concat(column) for column in zip(*parts, strict=True))
    # Positions are not checked to be distinct, so the uri settles ties.
    return Tables(
        edges=edges.sort("pid", "position", "track_uri"),
        playlists=playlists.sort("pid"),
        tracks=_first_seen(tracks).sort("track_uri"),
    )


def _tables_of(part: Slice, name: str) -> Tables:
    edges = part.entries.group_by("pid", "track_uri").agg(
        pl.col("pos").min().alias("position"), pl.len().cast(pl.Int32).alias("count")
    )
    playlists = part.playlists.with_columns(pl.lit(name).alias("slice"))
    return Tables(edges, playlists, _first_seen(part.entries.select(TRACK_SCHEMA.keys())))


def _first_seen(tracks: pl.DataFrame) -> pl.DataFrame:
    return tracks.unique("track_uri", keep="first", maintain_order=True)


def _frame(records: list[Any], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame({name: list(map(attrgetter(name), records)) for name in schema}, schema=schema)


def _bytes_of(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SegueError(
            "A slice cannot be read.",
            where=str(path),
            found=error.strerror,
            expected="a file that this user may read",
            fix="check the path, its permissions and the disk",
        ) from error


def _require_distinct_pids(path: str | Path, pids: pl.Series) -> None:
    repeated = (~pids.is_first_distinct()).arg_true()
    if len(repeated):
        second = repeated[0]
        first = pids.index_of(pids[second])
        raise _file_error(
            "A slice has a playlist number twice.",
            f"{path}: $.playlists[{second}].pid",
            f"{pids[second]}, which is also $.playlists[{first}].pid",
            "each pid once",
        )


def _require_uris(path: str | Path, entries: pl.DataFrame, lengths: np.ndarray) -> None:
    """``lengths``: entries of each playlist, [P] int64."""
    for column, (pattern, form) in URIS.items():
        bad = (~entries[column].str.contains(pattern)).arg_true()
        if len(bad):
            ends = lengths.cumsum()
            playlist = np.searchsorted(ends, bad[0], side="right")
            entry = bad[0] - (ends[playlist] - lengths[playlist])
            raise _file_error(
                f"A slice has a {column} of a wrong form ({len(bad):,} in all).",
                f"{path}: $.playlists[{playlist}].tracks[{entry}].{column}",
                _shown(entries[column][bad[0]]),
                form,
            )


def _decode_error(path: str | Path, data: bytes, error: Exception) -> SegueError:
    """What is wrong with ``data``, the most basic fault first: empty, not UTF-8, not JSON, a bad field.

    msgspec stops at the first fault of any kind, so a file that is cut off may first show a bad field.
    """
    if not data.strip():
        return _file_error("A slice is empty.", path, f"{len(data)} bytes", "a JSON object")
    try:
        codecs.utf_8_decode(data, "strict", False)  # False: the last character may be cut off
    except UnicodeDecodeError as fault:
        place, around = f"{path}: byte {fault.start}", data[max(fault.start - 20, 0) : fault.start + 20]
        return _file_error("A slice is not UTF-8.", place, repr(around), "UTF-8 text")
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as fault:
        return _syntax_error(path, data, str(fault))
    problem, _, location = str(error).partition(" - at ")
    location = location.strip("`") or "$"
    return _file_error(
        "A slice has a field that is missing or has a wrong value.",
        f"{path}: {location}",
        _shown(_at(document, location)),
        _expected(problem),
    )


def _syntax_error(path: str | Path, data: bytes, problem: str) -> SegueError:
    if "truncated" in problem:
        found = f"{len(data):,} bytes that end with {_text(data[-40:])}"
        return _file_error("A slice is cut off.", path, found, "JSON that is closed")
    place = re.search(r" \(byte (\d+)\)", problem)
    if not place:
        return _file_error("A slice is not JSON that can be read.", path, problem, "a JSON object")
    byte = int(place[1])
    line, column = data.count(b"\n", 0, byte) + 1, byte - data.rfind(b"\n", 0, byte)
    return _file_error(
        "A slice is not JSON.",
        f"{path}: line {line}, byte {column} of the line",
        f"{problem[: place.start()]}, near {_text(data[max(byte - 20, 0) : byte + 20])}",
        "a JSON object",
    )


def _file_error(what: str, where: str | Path, found: str, expected: str) -> SegueError:
    return SegueError(what, where=str(where), found=found, expected=expected, fix=FIX)


def _expected(problem: str) -> str:
    """What a message of msgspec expects, without its account of what it got."""
    if missing := re.fullmatch(r"Object missing required field `(\w+)`", problem):
        return f'a field "{missing[1]}"'
    if problem.startswith("Invalid enum value"):
        return '"true" or "false"'  # `collaborative` is the only field with a list of values
    return problem.removeprefix("Expected ").partition(", got ")[0].replace("`", "")


def _at(document: Any, location: str) -> Any:
    """The value at a JSON path such as ``$.playlists[3].tracks[0].pos``."""
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", location):
        document = document[key] if key else document[int(index)]
    return document


def _text(data: bytes) -> str:
    """An excerpt with quotes round it and invisible characters escaped."""
    return repr(data.decode("utf-8", errors="replace"))


def _shown(value: Any, width: int = 60) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= width else f"{text[: width - 1]}…"
