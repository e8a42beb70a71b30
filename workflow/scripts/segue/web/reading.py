"""Playlists in files that people have, read and named for the page."""

import functools
import itertools
from collections.abc import Sequence

import polars as pl

from segue.serve.answering import Continuation
from segue.serve.exact import ExactNames
from segue.serve.forms import NamedTrack, ReadPlaylists, place_order
from segue.serve.ids import IdColumns
from segue.serve.match import Matched, artists_to_match, match_names
from segue.serve.read import read_bytes
from segue.web.refused import RefusedError
from segue.web.wire import FILE_TRACKS, TITLE, TRACKS, LeftOut, PlaylistRead, Read, Track

QUICK_BYTES = 2**13  # of a file that may be read at once
UNPACKED_BYTES = 2**22  # of which the worst takes seconds and 400 MB
NAMED = 2_000  # tracks by name, that are looked for
LISTED = 200  # rows that are left out: the first


class Reader:
    """Reads for ``model``, whose tracks they are; ``ids``: of a run on edge lists."""

    def __init__(self, model: Continuation, ids: IdColumns | None):
        self._model, self._ids = model, ids
        self._exact = ExactNames(model.tracks)

    def at_once(self, file: tuple[bytes, str]) -> Read | None:
        """What ``together`` says of a file of up to QUICK_BYTES, of which all names are known exactly; None
        of another."""
        try:
            read = read_bytes(*file, QUICK_BYTES, self._ids)
        except Exception:  # of which ``together`` tells
            return None
        uris = self._exact.find(read.named)
        return None if None in uris else self._answer(read, uris, [(row, None) for row in read.named])

    def together(self, files: Sequence[tuple[bytes, str]]) -> list[Read | Exception]:
        """``files``: content and name of each. Names of all are looked for at once: that takes little longer
        than those of one."""
        read = [self._read_or_why(*file) for file in files]
        named = [[] if isinstance(one, Exception) else one.named[:NAMED] for one in read]
        everything = [*itertools.chain(*named)]
        matched = match_names(everything, self._model.tracks, self._artists) if everything else Matched()
        uris = iter(matched.uris)
        why = {id(one): f"could be {' or '.join(several)}" for one, several in matched.ambiguous}
        why |= {id(one): "; ".join(["not found", *_near(near)]) for one, near in matched.unknown}
        return [
            one
            if isinstance(one, Exception)
            else self._answer(
                one, [*itertools.islice(uris, len(mine))], [(row, why.get(id(row))) for row in mine]
            )
            for one, mine in zip(read, named, strict=True)
        ]

    def _read_or_why(self, data: bytes, name: str) -> ReadPlaylists | Exception:
        try:
            return read_bytes(data, name, UNPACKED_BYTES, self._ids)
        except MemoryError:  # of an unpacker, before it unpacks
            return RefusedError("The file takes more memory than there is.", status=413, where=name)
        except Exception as error:
            return error

    def _answer(
        self, read: ReadPlaylists, uris: list[str | None], named: Sequence[tuple[NamedTrack, str | None]]
    ) -> Read:
        """``uris`` of the tracks by name, those that were looked for, and why some were not found."""
        left_out = [LeftOut(one.place, one.found, one.why) for one in (*read.skipped, *read.left_out)]
        left_out += [LeftOut(one.place, f"{one.artist} - {one.title}", why) for one, why in named if why]
        left_out.sort(key=lambda one: place_order(one.place))
        notes = [*read.notes]
        if (more := len(read.named) - len(named)) > 0:
            notes.append(f"of {len(read.named):,} tracks by name the first {NAMED:,} were looked for")
            uris += [None] * more
        playlists, room = [], FILE_TRACKS
        for one in read.with_names(uris):
            distinct = [*dict.fromkeys(one.tracks)]
            kept = distinct[: min(TRACKS, room)]
            room -= len(kept)
            if distinct or one.title:
                title = one.title and one.title[:TITLE]
                playlists.append(PlaylistRead(title, tracks_of(self._model, kept), len(distinct) - len(kept)))
        return Read(playlists, left_out[:LISTED], len(left_out), notes)

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
