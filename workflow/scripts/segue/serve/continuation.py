"""Tracks for playlists that nobody trained on: by their tracks, else by title, else by popularity."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import torch

from segue.catalogue.titles import TitleIndex
from segue.errors import SegueError
from segue.graph.split import load_split
from segue.graph.tables import core_digest
from segue.nn.pattern import Pattern
from segue.nn.topk import rows_per_block, top_k
from segue.run.results import served_files
from segue.scorers.base import Scorer
from segue.scorers.load import load_scorer
from segue.serve.asked import checked_count, checked_playlists
from segue.serve.forms import Playlist
from segue.serve.tracks import GivenTracks, TrackIndex
from segue.serve.uris import URI

PATHS = ("tracks", "related", "title", "popularity")
TRACKS, RELATED, TITLE, POPULARITY = range(len(PATHS))
BLOCK_MB = 16  # of scores held at a time


def load(results: str | Path, model: str | None = None) -> "Continuation":
    """A model of the run in the folder ``results``, ready to continue playlists.

    ``model``: conv-sampler-alpha, or a baseline's name; None for the best by validation. Reads its
    scorer.safetensors and the folder serving, and split/split.safetensors when a playlist without a known
    track is asked about. Raises SegueError where one is missing, naming the command that makes it.
    """
    results = Path(results)
    paths = [results / name for name in served_files(model)]
    for path in paths:
        if not path.is_file():
            raise SegueError(
                "The run is not ready to continue playlists.",
                where=str(results),
                found=f"no file {path}",
                expected="what `segue continue FILE --make` makes before it answers",
                fix="snakemake --cores 8 -- " + " ".join(map(str, paths)),
            )
    return read_continuation(*paths)


def read_continuation(
    scorer: str | Path, tracks: str | Path, titles: str | Path, split: str | Path
) -> "Continuation":
    """The model of these files, in the order of ``served_files``; the split is read when it is needed."""
    return Continuation(
        load_scorer(scorer),
        pl.read_parquet(tracks),
        TitleIndex.load(titles),
        lambda: load_split(split).train_and_validation,
    )


def continue_playlists(
    model: "Continuation", playlists: Sequence[Playlist | Sequence[str]], n: int = 500
) -> pl.DataFrame:
    """The ``n`` best tracks of each playlist that are not on it; see ``Continuation.continue_playlists``."""
    if not isinstance(model, Continuation):
        raise SegueError(
            "There is no model to continue playlists with.",
            where="continue_playlists",
            found=f"{model!r}, a {type(model).__name__}",
            expected="what segue.load returns",
            fix='model = segue.load("results")',
        )
    return model.continue_playlists(playlists, n)


class Continuation:
    """A loaded model, with what it takes to name playlists' tracks and its own.

    ``scorer``: a model or baseline. ``tracks``: the table of ``known_tracks``. ``titles``:
    the index of the graph's titles. ``listed``: a function that gives the playlists of the graph as
    message-passing edges [2, E] int64; called once, for the first playlist without a known track. Raises
    SegueError when the model scores other tracks than ``tracks`` holds.
    """

    def __init__(
        self, scorer: Scorer, tracks: pl.DataFrame, titles: TitleIndex, listed: Callable[[], torch.Tensor]
    ):
        core = tracks.drop_nulls("track").sort("track")
        self.scorer = scorer
        self.core = core.select("track", "track_uri", "track_name", "artist_name")
        self.index = TrackIndex(tracks)
        self.tracks, self._titles, self._listed = tracks, titles, listed
        _require_same_tracks(scorer, core)

    @property
    def name(self) -> str:
        """The model's."""
        return self.scorer.facts["model"]

    def names(self, uris: Sequence[str]) -> list[tuple[str | None, str | None]]:
        """Name and artist of each track, as far as they are known."""
        rows = self.index.rows(uris)
        known = self.tracks.select("track_name", "artist_name")[rows[rows >= 0].tolist()].iter_rows()
        return [next(known) if row >= 0 else (None, None) for row in rows]

    def continue_playlists(self, playlists: Sequence[Playlist | Sequence[str]], n: int = 500) -> pl.DataFrame:
        """The ``n`` best tracks of each playlist that are not on it, best first.

        ``playlists``: each a ``Playlist``, or just its tracks: uris, web addresses or bare ids of Spotify's;
        in a run on edge lists their ids.

        Columns: playlist Int32, its place in ``playlists``; pid Int64, null where it has none; rank Int32
        from 1; track Int32, the index in the graph; track_uri, track_name, artist_name String; score
        Float32; path String, what the ranking is by: the playlist's ``tracks``, only ``related`` ones in the
        graph (of the albums or artists of its tracks), its ``title``, or ``popularity``. A score by tracks
        is the model's; by title it is the share of the playlists of such titles that have the track, by
        popularity the share of all playlists.

        Raises SegueError when these are no playlists, a track is no uri, ``n`` no number from 1 on, when a
        playlist has no track and no title, or leaves fewer than ``n`` tracks, and when of none a track is
        known, and none has a title, nor a pid, as a challenge's have.
        """
        checked = checked_playlists(playlists, self._raw_ids, self.index.__contains__)
        n = checked_count(n)
        _require_something(checked)
        given = self.index.find([playlist.tracks for playlist in checked])
        _require_known(checked, given)
        return self.continue_given(checked, given, n)

    @functools.cached_property
    def _raw_ids(self) -> bool:
        """Whether tracks are ids of edge lists, and no uris."""
        return not self.core["track_uri"].str.contains(f"^(?:{URI.pattern})$").all()

    def continue_given(self, playlists: Sequence[Playlist], given: GivenTracks, n: int) -> pl.DataFrame:
        """``continue_playlists`` for what ``index.find`` found of the playlists."""
        self._require_enough(playlists, given, n)
        best = np.empty((len(playlists), n), np.int32)
        scores = np.empty((len(playlists), n), np.float32)
        by = np.where(given.known.rowptr.diff().numpy() > 0, TRACKS, RELATED)
        block = rows_per_block(self.scorer.num_tracks, BLOCK_MB)
        for start in range(0, len(playlists), block):
            stop = min(start + block, len(playlists))
            best[start:stop], scores[start:stop] = self._by_tracks(
                given.attached.block(start, stop), given.known.block(start, stop), n
            )
        for row in np.flatnonzero(given.attached.rowptr.diff().numpy() == 0):
            by[row], best[row], scores[row] = self._by_title(playlists[row].title, n)
        return self._table(playlists, best, scores, by)

    @torch.inference_mode()
    def _by_tracks(self, given: Pattern, known: Pattern, n: int) -> tuple[np.ndarray, np.ndarray]:
        scores = self.scorer.scores(given)
        scores[known.rows.long(), known.cols.long()] = -torch.inf
        best = top_k(scores, n)
        return best.numpy(), scores.gather(1, best).numpy()

    def _by_title(self, title: str | None, n: int) -> tuple[int, np.ndarray, np.ndarray]:
        rowptr, tracks, popularity, order = self._playlists
        playlists, weights = (self._titles.lookup(title) if title else None) or ((), ())
        theirs = [tracks[rowptr[p] : rowptr[p + 1]] for p in playlists]
        if not any(map(len, theirs)):  # no such playlist, or all that such ones have is held out
            return POPULARITY, order[:n], popularity[order[:n]]
        share = np.bincount(np.concatenate(theirs), np.repeat(weights, [*map(len, theirs)]), len(order))
        share /= weights.sum()
        # Of tracks with the same share the more popular ones.
        best = order[np.argsort(-share[order].astype(np.float32), kind="stable")[:n]]
        return TITLE, best, share[best]

    @functools.cached_property
    def _playlists(self) -> tuple[np.ndarray, ...]:
        """CSR of the graph's playlists, the share of them that a track is on [T], and tracks by it [T]."""
        playlist, track = self._listed()
        num_playlists = self._titles.num_playlists  # the last of them may have no edge here
        listed = Pattern.from_edges(playlist, track, (num_playlists, self.scorer.num_tracks))
        degree = np.bincount(track.numpy(), minlength=self.scorer.num_tracks)
        order = np.argsort(-degree, kind="stable").astype(np.int32)
        return listed.rowptr.numpy(), listed.cols.numpy(), degree / num_playlists, order

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

    def _require_enough(self, playlists: Sequence[Playlist], given: GivenTracks, n: int) -> None:
        left = self.scorer.num_tracks - given.known.rowptr.diff()
        if len(playlists) and n > (fewest := int(left.min())):
            row = int(left.argmin())
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


def _require_something(playlists: Sequence[Playlist]) -> None:
    for row, playlist in enumerate(playlists):
        if not playlist.tracks and not (playlist.title or "").strip():
            raise SegueError(
                "A playlist is empty and has no title.",
                where=_named(playlist, row),
                found="nothing to go by",
                expected="a track or a title",
            )


def _require_known(playlists: Sequence[Playlist], given: GivenTracks) -> None:
    """As the command: popular tracks, where nothing at all is known, would answer nobody."""
    if given.attached.cols.numel() or any(one.title or one.pid is not None for one in playlists):
        return
    if playlists:
        raise SegueError(
            "No track of the playlists is known.",
            where="continue_playlists",
            found=f"{int(given.uses.sum_horizontal().sum())} tracks, none of them in the graph, nor others "
            "of their albums or artists",
            expected="a track that stands on enough playlists of the run, or a title",
            fix="add such tracks, or a title",
        )


def _require_same_tracks(scorer: Scorer, core: pl.DataFrame) -> None:
    digest = core_digest(core["track_uri"])
    if (scorer.num_tracks, scorer.facts["catalogue"]) != (core.height, digest):
        raise SegueError(
            "The model was trained on another graph than the tracks given.",
            where="scorer.safetensors and serving/tracks.parquet",
            found=f"a model of {scorer.num_tracks:,} tracks, digest {scorer.facts['catalogue'][:12]}; "
            f"a graph of {core.height:,}, digest {digest[:12]}",
            expected="a model and tracks of one run",
            fix="make both again with one configuration: snakemake makes only what is stale",
        )
