"""What continues playlists that nobody trained on: questions, checked, and answers as a table."""

import functools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from segue.errors import SegueError
from segue.serve.asked import checked_count, checked_playlists, none_known, none_left
from segue.serve.forms import Playlist
from segue.serve.tracks import GivenTracks
from segue.serve.uris import URI

# What a ranking is by; the tables say so.
PATHS = ("tracks", "related", "title", "popularity", "both")
TRACKS, RELATED, TITLE, POPULARITY, BOTH = range(len(PATHS))


class Continuation(ABC):
    """A model that is ready to continue playlists, as ``load`` and ``add_tracks`` return it.

    ``name``: the model's; ``names(uris)``: name and artist of each track, as far as they are known. ``core``:
    a table of the tracks that it orders, by index: track Int32, track_uri, track_name, artist_name.
    ``tracks``: track_uri, track_name and artist_name of all tracks that playlists may name; ``index``: looks
    these up. ``scorer``: what orders the tracks, with its facts.
    """

    scorer: Any
    core: pl.DataFrame
    tracks: pl.DataFrame
    index: Any

    @abstractmethod
    def ranked(
        self, playlists: Sequence[Playlist], given: GivenTracks, n: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The ``n`` best tracks of each, best first, [p, n] int32, their scores [p, n] float32, and what each
        ranking is by, [p], an index of PATHS."""

    @property
    def name(self) -> str:
        """The model's."""
        return self.scorer.facts["model"]

    def __repr__(self) -> str:
        return f"<{self.name}: continues playlists with {self.scorer.num_tracks:,} tracks>"

    def names(self, uris: Sequence[str]) -> list[tuple[str | None, str | None]]:
        """Name and artist of each track, as far as they are known."""
        rows = self.index.rows(uris)
        some = pl.Series(rows[rows >= 0].astype(np.uint32))
        columns = (self.tracks[name][some].to_list() for name in ("track_name", "artist_name"))
        known = zip(*columns, strict=True)
        return [next(known) if row >= 0 else (None, None) for row in rows]

    def continue_playlists(self, playlists: Sequence[Playlist | Sequence[str]], n: int = 500) -> pl.DataFrame:
        """As ``segue.continue_playlists``."""
        checked = checked_playlists(playlists, self.raw_ids, self.index.__contains__)
        n = checked_count(n)
        require_something(checked)
        given = self.index.find([playlist.tracks for playlist in checked])
        require_known(checked, given)
        return self.continue_given(checked, given, n)

    @functools.cached_property
    def raw_ids(self) -> bool:
        """Whether tracks are ids of edge lists, and no uris."""
        return not self.core["track_uri"].str.contains(f"^(?:{URI.pattern})$").all()

    def continue_given(self, playlists: Sequence[Playlist], given: GivenTracks, n: int) -> pl.DataFrame:
        """``continue_playlists`` for what ``index.find`` found of the playlists."""
        self.require_enough(playlists, given, n)
        return self._table(playlists, *self.ranked(playlists, given, n))

    def _table(
        self, playlists: Sequence[Playlist], best: np.ndarray, scores: np.ndarray, by: np.ndarray
    ) -> pl.DataFrame:
        n = best.shape[1]
        of_row = pl.DataFrame(
            {
                "playlist": pl.int_range(len(playlists), dtype=pl.Int32, eager=True),
                "pid": pl.Series([playlist.pid for playlist in playlists], dtype=pl.Int64),
                "path": pl.Series(by).replace_strict(range(len(PATHS)), PATHS, return_dtype=pl.String),
            }
        )
        rows = pl.Series(np.repeat(np.arange(len(playlists), dtype=np.uint32), n))
        names = self.core[pl.Series(best.ravel()).cast(pl.UInt32)]
        rank = pl.Series(np.tile(np.arange(1, n + 1, dtype=np.int32), len(playlists)))
        table = of_row[rows].with_columns(names.get_columns()).with_columns(rank=rank, score=scores.ravel())
        columns = ("playlist", "pid", "rank", *names.columns, "score", "path")
        return table.select(columns)

    def require_enough(self, playlists: Sequence[Playlist], given: GivenTracks, n: int) -> None:
        """Raises SegueError where one leaves fewer than ``n`` tracks."""
        left = self.scorer.num_tracks - given.known.rowptr.diff()
        if len(playlists) and n > (fewest := int(left.min())):
            row = int(left.argmin())
            if not fewest:
                raise none_left(_named(playlists[row], row), self.scorer.num_tracks)
            raise SegueError(
                "There are not that many tracks to recommend.",
                where=_named(playlists[row], row),
                found=f"{n} asked for; {self.scorer.num_tracks - fewest} of the graph's "
                f"{self.scorer.num_tracks} tracks are on the playlist",
                expected=f"at most {fewest}",
                fix="ask for fewer, or train on a larger graph",
            )


def _named(playlist: Playlist, row: int) -> str:
    if playlist.pid is not None:
        return f"playlist {playlist.pid}"
    return f"playlist “{playlist.title}”" if playlist.title else f"playlist number {row + 1}"


def require_something(playlists: Sequence[Playlist]) -> None:
    """Raises SegueError where one has neither a track nor a title."""
    for row, playlist in enumerate(playlists):
        if not playlist.tracks and not (playlist.title or "").strip():
            raise SegueError(
                "A playlist is empty and has no title.",
                where=_named(playlist, row),
                found="nothing to go by",
                expected="a track or a title",
            )


def require_known(playlists: Sequence[Playlist], given: GivenTracks) -> None:
    """As the command: popular tracks, where nothing at all is known, would answer nobody."""
    if given.attached.cols.numel() or any(one.title or one.pid is not None for one in playlists):
        return
    if playlists:
        raise SegueError(
            "No track of the playlists is known.",
            where="continue_playlists",
            found=none_known(int(given.uses.sum_horizontal().sum())),
            expected="a track that stands on enough playlists of the run, or a title",
            fix="add such tracks, or a title",
        )
