"""Graph filters: a playlist's tracks as a signal on the graph, smoothed in closed form, without training."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from scipy.sparse import csr_array
from torch import Tensor

from segue.nn.pattern import Pattern
from segue.nn.sparse import spmm
from segue.scorers.base import save_scorer

COLUMNS = 32  # playlists that go over the edges at a time: more leave the cache, and take longer


@dataclass(frozen=True)
class GraphFilter:
    r"""Scores tracks by two hops over the graph, there and back, and by a part of low rank.

    .. math:: s = x\, B\, R^\top D_P^{-1} R\, A + x\, L\, N^\top

    with x the 0/1 row of the given tracks, R the [P, T] pattern of the graph's edges, D_P the lengths of its
    playlists, and A and B diagonal. A playlist needs no edges in the graph. What the weights mean is up to
    ``fit_filters``: there are its formulas.

    ``rowptr`` [P + 1] and ``cols`` [E] int32: R. ``before``, ``after``: [T] float32, B and A. ``left``,
    ``right``: [T, k] float32, L and N; k may be 0. ``facts``: as in ``base.Scorer``.
    """

    KIND: ClassVar[str] = "filter"
    rowptr: Tensor
    cols: Tensor
    before: Tensor
    after: Tensor
    left: Tensor
    right: Tensor
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.before.numel()

    def scores(self, given: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``; 0 for a playlist without given tracks."""
        scores = spmm(given, self.left.new_ones(given.cols.numel()), self.left) @ self.right.T
        for start in range(0, given.shape[0], COLUMNS):
            stop = min(start + COLUMNS, given.shape[0])
            scores[start:stop] += self._two_hops(given.block(start, stop))
        return scores

    def _two_hops(self, given: Pattern) -> Tensor:
        playlists, ones = self.playlists, self._ones
        signal = self.before.new_zeros(self.num_tracks, given.shape[0])
        signal[given.cols.long(), given.rows.long()] = self.before.index_select(0, given.cols)
        of_playlists = spmm(playlists, ones, signal).div_(playlists.degree.clamp(min=1)[:, None])
        return spmm(playlists.T, ones, of_playlists).mul_(self.after[:, None]).T

    @functools.cached_property
    def playlists(self) -> Pattern:
        """[P, T], the tracks of each playlist of the graph."""
        degree = self.rowptr.diff()
        rows = torch.arange(degree.numel(), dtype=self.cols.dtype).repeat_interleave(degree)
        return Pattern(self.rowptr, rows, self.cols, (degree.numel(), self.num_tracks))

    @functools.cached_property
    def holders(self) -> csr_array:
        """[T, P] float32, the playlists of each track."""
        of_track = self.playlists.T
        return csr_array((self._ones.numpy(), of_track.cols.numpy(), of_track.rowptr.numpy()), of_track.shape)

    @functools.cached_property
    def shares(self) -> csr_array:
        """[T, P] float32, in place of 1 for each its share of the playlist."""
        return (self.holders / self.playlists.degree.clamp(min=1).float().numpy()).tocsr()

    @functools.cached_property
    def _ones(self) -> Tensor:
        return self.before.new_ones(self.cols.numel())

    def save(self, path: str | Path) -> None:
        names = ("rowptr", "cols", "before", "after", "left", "right")
        save_scorer(path, self.KIND, {name: getattr(self, name) for name in names}, self.facts)

    @classmethod
    def of(cls, tensors: dict[str, Tensor], about: dict[str, Any]) -> "GraphFilter":
        return cls(**tensors, facts=about)


class GFCF(GraphFilter):
    """GF-CF (Shen et al. 2021), a ``GraphFilter`` of its own weights."""

    KIND = "gfcf"
