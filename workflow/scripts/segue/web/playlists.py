"""The playlists of the run: found by title, with their tracks, and those that the test holds out."""

import functools
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from safetensors import safe_open
from scipy.sparse import csr_array

from segue.serve.names import key
from segue.web.refused import RefusedError
from segue.web.wire import TRACKS, PlaylistFound, PlaylistOfRun, Playlists, Track

# Of a pid as text and the graph's tracks, ``core_tracks``: why a playlist that the run has read is not in the
# graph, in words, or None where it has read none of this pid.
WhyDropped = Callable[..., str | None]
REASONS = 512  # that are remembered


class RunPlaylists:
    """Of the run in the folder ``results``; on edge lists a playlist's id is its title. ``why_dropped``: None
    where it cannot be told.

    Reads a playlist's tracks when it is asked for: the MPD's have 66 M.
    """

    def __init__(self, results: Path, why_dropped: WhyDropped | None = None):
        self._can_tell = why_dropped is not None
        tell = why_dropped or (lambda *_, **__: None)
        self._why_dropped = functools.lru_cache(REASONS)(lambda pid: tell(pid, core_tracks=self._tracks))
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

    def find(self, text: str, n: int) -> Playlists:
        """The ``n`` playlists of this pid, or with all words of ``text`` in the title: those of this very
        title first, then those that differ from it by case alone, then the shortest. Of no words ``n`` that
        are worth a try."""
        text = text.strip()
        words = [*zip(text.split(), _keys(text.split()), strict=True)]
        rows = self._table.with_row_index("playlist")
        if words:
            # An emoji is in no key, but in the title itself.
            rows = rows.filter(
                pl.col("key").str.contains(key, literal=True)
                | pl.col("name").str.contains(word, literal=True)
                for word, key in words
            )
            rows = rows.sort(*_how_far_from(text), "playlist")
        else:
            rows = _worth_a_try(rows, n)
        places, why = rows["playlist"].to_list(), None
        if text.isdecimal():
            pid = int(text[:18])
            if (place := self._of_pid.get(pid)) is not None:
                places = [place, *(one for one in places if one != place)]
            elif not (rows["name"] == text).any():
                why = self._missing(pid).what
        more, places = max(0, len(places) - n), places[:n]
        degrees = self._degrees(places)
        found = []
        for place, degree in zip(places, degrees, strict=True):
            pid, name, held_out, _ = self._table.row(place)
            found.append(PlaylistFound(pid, name, degree - held_out, held_out))
        return Playlists(found, more, why)

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
            raise self._missing(pid)
        return place

    def _missing(self, pid: int) -> RefusedError:
        if dropped := self._why_dropped(str(pid)):
            what, fix = (
                f"The playlist is not in the graph: {dropped}.",
                "ask for another, or lower graph.k_core",
            )
        else:
            of = "run" if self._can_tell else "graph"
            what, fix = (
                f"The {of} has no playlist with the number {pid}.",
                "look for it by words of its title",
            )
        first, last = self._table["pid"].min(), self._table["pid"].max()
        expected = f"a playlist of the graph, {first} to {last}"
        return RefusedError(what, status=404, where="pid", found=str(pid), expected=expected, fix=fix)

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


def _how_far_from(title: str) -> list[pl.Expr]:
    """What titles that have all words of ``title`` are sorted by."""
    name = pl.col("name").fill_null("").str.strip_chars()
    in_lower_case = pl.lit(title).str.to_lowercase()
    return [
        name != title,
        name.str.to_lowercase() != in_lower_case,
        pl.col("key").str.len_chars(),
        name.str.len_chars(),
    ]


def _keys(words: list[str]) -> list[str]:
    return pl.Series(words, dtype=pl.String).to_frame("word").select(key(pl.col("word")))["word"].to_list()
