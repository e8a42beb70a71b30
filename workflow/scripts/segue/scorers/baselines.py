"""Matrix factorisation for implicit feedback by alternating least squares (Hu, Koren and Volinsky 2008)."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from segue.nn.sparse import Pattern
from segue.nn.topk import rows_per_block
from segue.scorers.base import read_scorer, save_scorer

KIND = "als"
BLOCK_MB = 16  # of systems of equations held at a time


@dataclass(frozen=True)
class ALS:
    r"""Scores by the dot product of a track's factor and the playlist's, which follows from its seeds.

    With the tracks' factors Y fixed, the factor of a playlist with seeds S is the least-squares solution,
    whether it was trained on or not:

    .. math:: \Big(Y^\top Y + \lambda I + (\alpha - 1) \sum_{i \in S} y_i y_i^\top\Big) x
        = \alpha \sum_{i \in S} y_i

    as in ``implicit``, where a pair that is there has confidence alpha, and one that is not, 1.

    ``tracks``: [T, d] float32, Y. ``regularization``: lambda; ``alpha``. ``facts``: as in
    ``scorer_files.Scorer``.
    """

    tracks: Tensor
    regularization: float
    alpha: float
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.tracks.size(0)

    def embed(self, seeds: Pattern) -> Tensor:
        """[n, d] float32, the factors of n playlists; 0 for one without seeds. Solved in float64."""
        block = rows_per_block(2 * self.tracks.size(1) ** 2, BLOCK_MB)
        factors = self.tracks.new_empty(seeds.shape[0], self.tracks.size(1))
        for start in range(0, len(factors), block):
            stop = min(start + block, len(factors))
            factors[start:stop] = self._solve(seeds.block(start, stop))
        return factors

    def scores(self, seeds: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``."""
        return self.embed(seeds) @ self.tracks.T

    @functools.cached_property
    def _shared(self) -> Tensor:
        """[d, d] float64, what all playlists' equations have in common."""
        tracks = self.tracks.double()
        return tracks.T @ tracks + self.regularization * torch.eye(tracks.size(1))

    def _solve(self, seeds: Pattern) -> Tensor:
        left = self._shared.repeat(seeds.shape[0], 1, 1)
        right = left.new_zeros(left.shape[:2])
        # One by one: in a padded batch the sums of a playlist would follow the length of its neighbours.
        of_rows = self.tracks.index_select(0, seeds.cols).double().split(seeds.rowptr.diff().tolist())
        for row, factors in enumerate(of_rows):
            left[row].addmm_(factors.T, factors, alpha=self.alpha - 1)
            right[row] = self.alpha * factors.sum(0)
        return torch.cholesky_solve(right[:, :, None], torch.linalg.cholesky(left))[:, :, 0].float()

    def save(self, path: str | Path) -> None:
        about = {"regularization": self.regularization, "alpha": self.alpha, **self.facts}
        save_scorer(path, KIND, {"tracks": self.tracks}, about)

    @classmethod
    def load(cls, path: str | Path) -> "ALS":
        tensors, about = read_scorer(path)
        regularization, alpha = about.pop("regularization"), about.pop("alpha")
        return cls(**tensors, regularization=regularization, alpha=alpha, facts=about)
