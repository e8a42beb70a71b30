"""Answers from the k-core: by a playlist's tracks, else by its title, else by popularity."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import torch
from torch import Tensor

from segue.catalogue.titles import TitleIndex
from segue.errors import SegueError
from segue.graph.split import load_split
from segue.graph.tables import core_digest
from segue.nn.pattern import Pattern
from segue.nn.topk import rows_per_block, top_k
from segue.scorers.base import Scorer
from segue.scorers.cold import with_cold
from segue.scorers.frozen import Frozen
from segue.scorers.load import load_scorer
from segue.serve.answering import POPULARITY, RELATED, TITLE, TRACKS, Continuation
from segue.serve.forms import KNOWN_BY, Playlist
from segue.serve.tracks import GivenTracks, TrackIndex

BLOCK_MB = 16  # of scores held at a time


def from_core(scorer: str | Path, tracks: str | Path, titles: str | Path, split: str | Path) -> "FromCore":
    """The model of these files, in the order of ``served_files``; the split is read when it is needed."""
    return FromCore(
        load_scorer(scorer),
        pl.read_parquet(tracks),
        TitleIndex.load(titles),
        lambda: load_split(split).train_and_validation,
    )


class FromCore(Continuation):
    """A loaded model, with what it takes to name playlists' tracks and its own.

    ``scorer``: a model or baseline. ``tracks``: the table of ``known_tracks``, and where tracks were added
    (``additions.add_tracks``), known_by. ``titles``: the index of the graph's titles. ``listed``: a function
    that gives the playlists of the graph as message-passing edges [2, E] int64; called once, for the first
    playlist without a known track. ``left_out``: uris of tracks that could not be added. ``index``: of
    ``tracks`` by the nodes that the model knows, where there is one already. Raises SegueError when the model
    scores other tracks than ``tracks`` holds.
    """

    def __init__(
        self,
        scorer: Scorer,
        tracks: pl.DataFrame,
        titles: TitleIndex,
        listed: Callable[[], Tensor],
        left_out: Sequence[str] = (),
        index: TrackIndex | None = None,
    ):
        core = tracks.drop_nulls("track").sort("track")
        self.scorer = scorer
        known_by = [name for name in core.columns if name == KNOWN_BY]
        self.core = core.select("track", "track_uri", "track_name", "artist_name", *known_by)
        self.index = index or TrackIndex(tracks, _kinds_of(scorer, tracks))
        self.tracks, self.titles, self.listed, self.left_out = tracks, titles, listed, left_out
        _require_same_tracks(scorer, core)

    def beside(self, scorer: Scorer) -> "FromCore":
        """Another model of the same run, with the same tables in memory."""
        same = _kinds_of(scorer, self.tracks) == self.index.kinds
        index = self.index if same else None
        return FromCore(scorer, self.tracks, self.titles, self.listed, self.left_out, index)

    def ranked(
        self, playlists: Sequence[Playlist], given: GivenTracks, n: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
        return best, scores, by

    @torch.inference_mode()
    def _by_tracks(self, given: Pattern, known: Pattern, n: int) -> tuple[np.ndarray, np.ndarray]:
        scores = self._scores(given)
        scores[known.rows.long(), known.cols.long()] = -torch.inf
        best = top_k(scores, n)
        return best.numpy(), scores.gather(1, best).numpy()

    def _scores(self, given: Pattern) -> Tensor:
        """[n, T]; ``given``: [n, T + O], as in ``GivenTracks``."""
        if not (given.cols >= self.scorer.num_tracks).any():
            return self.scorer.scores(given)
        return self.embed(given) @ self.scorer.tracks.T

    def embed(self, given: Pattern) -> Tensor:
        """[n, d'] ``Frozen.embed`` of a network; ``given``: [n, T + O], as in ``GivenTracks``."""
        number = self.scorer.num_tracks
        if not (given.cols >= number).any():
            return self.scorer.embed(given)
        used = given.cols.unique()
        inside, outside = used[used < number].long(), used[used >= number].long()
        # Of the graph's tracks those alone that are given: a question is not to copy the features of all.
        asked = with_cold(self.scorer.part(inside), *self.index.nodes(outside - number), self.scorer.facts)
        cols = torch.searchsorted(used, given.cols).to(given.cols.dtype)
        shape = given.shape[0], asked.num_tracks
        return asked.embed(Pattern(given.rowptr, given.rows, cols, shape))

    def _by_title(self, title: str | None, n: int) -> tuple[int, np.ndarray, np.ndarray]:
        rowptr, tracks, popularity, order = self._playlists
        playlists, weights = (self.titles.lookup(title) if title else None) or ((), ())
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
        playlist, track = self.listed()
        num_playlists = self.titles.num_playlists  # the last of them may have no edge here
        listed = Pattern.from_edges(playlist, track, (num_playlists, self.scorer.num_tracks))
        degree = np.bincount(track.numpy(), minlength=self.scorer.num_tracks)
        order = np.argsort(-degree, kind="stable").astype(np.int32)
        return listed.rowptr.numpy(), listed.cols.numpy(), degree / num_playlists, order


def knows_nodes(scorer: Scorer) -> bool:
    """Whether it embeds tracks by their artists or albums."""
    return isinstance(scorer, Frozen) and scorer.nodes is not None


def _kinds_of(scorer: Scorer, tracks: pl.DataFrame) -> list[str]:
    """Of the nodes that it embeds tracks by."""
    kinds = [*scorer.nodes.kinds] if knows_nodes(scorer) else []
    if missing := [kind for kind in kinds if kind not in tracks.columns]:
        raise SegueError(
            f"The tracks are listed without their {' and '.join(missing)}, which the model knows.",
            where="serving/tracks.parquet",
            found="columns " + ", ".join(tracks.columns),
            expected=", ".join(kinds) + " among them",
            fix="make it again with the configuration of the model: snakemake makes only what is stale",
        )
    return kinds


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
