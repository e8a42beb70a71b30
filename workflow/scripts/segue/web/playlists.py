"""The playlists of the run: found by title, with their tracks, and those that the test holds out."""

import itertools
from pathlib import Path

import numpy as np
import polars as pl
from safetensors import safe_open
from scipy.sparse import csr_array

from segue.serve.names import key
from segue.web.refused import RefusedError
from segue.web.wire import TRACKS, PlaylistFound, PlaylistOfRun, Track


class RunPlaylists:
    """Of the run in the folder ``results``; on edge lists a playlist's id is its title.

    Reads a playlist's tracks when it is asked for: the MPD's have 66 M.
    """

    def __init__(self, results: Path):
        self._edges = results / "graph/edges.parquet"
        self._tracks = pl.read_parquet(
            results / "graph/tracks.parquet", columns=["track_uri", "track_name", "artist_name"]
        )
        table = pl.read_parquet(results / "graph/playlists.parquet", columns=["playlist", "pid", "name"])
        with safe_open(str(results / "split/split.safetensors"), framework="np") as file:
            edges = file.get_tensor("test")
        shape = table.height, self._tracks.height
        self._held_out = csr_array((np.ones(edges.shape[1], np.int8), (edges[0], edges[1])), shape)
        table = table.sort("playlist").with_columns(
            held_out=np.diff(self._held_out.indptr), key=key(pl.col("name").fill_null(""))
        )
        self._table = table.select("pid", "name", "held_out", "key")
        self._of_pid = dict(zip(table["pid"], range(table.height), strict=True))

    @property
    def count(self) -> int:
        return self._table.height

    def find(self, text: str, n: int) -> list[PlaylistFound]:
        """The ``n`` playlists of this pid, or with all words of ``text`` in the title, the shortest titles
        first; of no words ``n`` that are worth a try."""
        words = [word for word in _keys(text.split()) if word]
        rows = self._table.with_row_index("playlist")
        if words:
            rows = rows.filter(
                pl.all_horizontal(pl.col("key").str.contains(word, literal=True) for word in words)
            )
            rows = rows.sort(pl.col("key").str.len_chars(), "playlist")
        else:
            rows = _worth_a_try(rows, n)
        places = rows["playlist"].head(n).to_list()
        if text.strip().isdecimal() and (place := self._of_pid.get(int(text.strip()[:18]))) is not None:
            places = [place, *(one for one in places if one != place)][:n]
        degrees = self._degrees(places)
        found = []
        for place, degree in zip(places, degrees, strict=True):
            pid, name, held_out, _ = self._table.row(place)
            found.append(PlaylistFound(pid, name, degree - held_out, held_out))
        return found

    def of(self, pid: int) -> PlaylistOfRun:
        """Of more than TRACKS, as edge lists may have, the first. Raises RefusedError where there is none of
        this pid."""
        place = self._place(pid)
        rows = pl.scan_parquet(self._edges).filter(pl.col("playlist") == place).collect()
        held_out = self._held_out_of(place)
        mine = rows.sort("position", "track").filter(~pl.col("track").is_in(held_out))["track"]
        names = self._tracks[mine.cast(pl.UInt32)].iter_rows()
        tracks = [Track(*row, in_graph=True) for row in itertools.islice(names, TRACKS)]
        return PlaylistOfRun(pid, self._table["name"][place], tracks, len(held_out))

    def held_out(self, pid: int) -> frozenset[str]:
        """The uris of the tracks that are held out of it. Raises RefusedError as ``of`` does."""
        held_out = self._held_out_of(self._place(pid))
        return frozenset(self._tracks["track_uri"][held_out.tolist()])

    def _place(self, pid: int) -> int:
        place = self._of_pid.get(pid)
        if place is None:
            raise RefusedError(
                "The run has no playlist of this pid.",
                status=404,
                where="pid",
                found=str(pid),
                expected="one that /api/playlists finds",
            )
        return place

    def _held_out_of(self, place: int) -> np.ndarray:
        first, last = self._held_out.indptr[place : place + 2]
        return self._held_out.indices[first:last]

    def _degrees(self, places: list[int]) -> list[int]:
        """Tracks of each in the graph."""
        rows = pl.scan_parquet(self._edges).filter(pl.col("playlist").is_in(places))
        counts = dict(rows.group_by("playlist").len().collect().iter_rows())
        return [counts.get(place, 0) for place in places]


def _worth_a_try(rows: pl.DataFrame, n: int) -> pl.DataFrame:
    """Of each of ``n`` stretches of the run one playlist of middle length, with a title where there is one.

    Their lengths are told by how many tracks are held out, the same share of each; all have some.
    """
    rows = rows.filter(pl.col("held_out") > 0)
    off = (pl.col("held_out") - rows["held_out"].median()).abs()
    rows = rows.with_columns(stretch=pl.int_range(pl.len()) * n // pl.len(), off=off)
    rows = rows.sort(pl.col("key") == "", "off", "playlist")
    return rows.unique("stretch", keep="first", maintain_order=True).sort("playlist")


def _keys(words: list[str]) -> list[str]:
    return pl.Series(words, dtype=pl.String).to_frame("word").select(key(pl.col("word")))["word"].to_list()
