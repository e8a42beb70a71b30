"""Playlists in files that people have, read and named for the page."""

import functools
from collections.abc import Sequence

import polars as pl

from segue.serve.answering import Continuation
from segue.serve.ids import IdColumns
from segue.serve.match import Matched, artists_to_match, match_names
from segue.serve.read import read_bytes
from segue.web.refused import RefusedError
from segue.web.wire import TITLE, TRACKS, LeftOut, PlaylistRead, Read, Track

UNPACKED_BYTES = 2**24
READ_TRACKS = 5_000  # of all playlists of a file
NAMED = 2_000  # tracks by name, that are looked for
LISTED = 200  # rows that are left out


class Reader:
    """Reads for ``model``, whose tracks they are; ``ids``: of a run on edge lists."""

    def __init__(self, model: Continuation, ids: IdColumns | None):
        self._model, self._ids = model, ids

    def read(self, file: tuple[bytes, str]) -> Read:
        """``file``: content and name. Raises SegueError where it cannot be read."""
        data, name = file
        try:
            read = read_bytes(data, name, UNPACKED_BYTES, self._ids)
        except MemoryError as error:  # of an unpacker, before it unpacks
            said = "The file takes more memory than there is."
            raise RefusedError(said, status=413, where=name) from error
        named = read.named[:NAMED]
        matched = match_names(named, self._model.tracks, self._artists) if named else Matched()
        left_out = [LeftOut(one.place, one.found, one.why) for one in (*read.skipped, *read.left_out)]
        left_out += [
            LeftOut(one.place, f"{one.artist} - {one.title}", f"could be {' or '.join(several)}")
            for one, several in matched.ambiguous
        ]
        left_out += [
            LeftOut(one.place, f"{one.artist} - {one.title}", "; ".join(["not found", *_near(near)]))
            for one, near in matched.unknown
        ]
        if (more := len(read.named) - len(named)) > 0:
            left_out.append(LeftOut("", "", f"{more:,} tracks by name more: {NAMED:,} are looked for"))
        playlists, room = [], READ_TRACKS
        for one in read.with_names([*matched.uris, *[None] * (len(read.named) - len(named))]):
            distinct = [*dict.fromkeys(one.tracks)]
            kept = distinct[: min(TRACKS, room)]
            room -= len(kept)
            if len(kept) < len(distinct):
                why = f"{len(distinct) - len(kept):,} tracks more: a playlist has {TRACKS:,} at most, "
                left_out.append(LeftOut("", one.title or "", f"{why}a file {READ_TRACKS:,}"))
            if kept or one.title:
                title = one.title and one.title[:TITLE]
                playlists.append(PlaylistRead(title, tracks_of(self._model, kept)))
        if (more := len(left_out) - LISTED) > 0:
            left_out[LISTED:] = [LeftOut("", "", f"{more:,} rows more")]
        return Read(playlists, [*(LeftOut("", "", note) for note in read.notes), *left_out])

    @functools.cached_property
    def _artists(self) -> pl.DataFrame:
        return artists_to_match(self._model.tracks)


def tracks_of(model: Continuation, uris: Sequence[str]) -> list[Track]:
    """With what ``model`` knows of them."""
    uses = model.index.uses_of(uris)
    return [
        Track(uri, *names, use == "in_graph")
        for uri, names, use in zip(uris, model.names(uris), uses, strict=True)
    ]


def _near(near: Sequence[str]) -> list[str]:
    return [f"near it: {', '.join(near)}"] if near else []
