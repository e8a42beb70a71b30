"""The baselines: popularity, item-kNN, RP3β, ALS and EASE. Each knows a playlist by its tracks alone."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from segue.nn.pattern import Pattern
from segue.nn.sparse import spmm
from segue.nn.topk import rows_per_block
from segue.scorers.base import save_scorer


@dataclass(frozen=True)
class Popularity:
    """Scores tracks by the number of playlists that have them, the same for every playlist.

    ``counts``: [T] float32, that number, exact up to 2^24 playlists. ``facts``: as in ``base.Scorer``.
    """

    KIND: ClassVar[str] = "popularity"
    counts: Tensor
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.counts.numel()

    def scores(self, given: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``; what the given tracks are does not matter."""
        return self.counts.repeat(given.shape[0], 1)

    def save(self, path: str | Path) -> None:
        save_scorer(path, self.KIND, {"counts": self.counts}, self.facts)

    @classmethod
    def of(cls, tensors: dict[str, Tensor], about: dict[str, Any]) -> "Popularity":
        return cls(**tensors, facts=about)


ENTRIES = 2**22  # of the given tracks' rows of w that are held at a time, some 100 MB


@dataclass(frozen=True)
class ItemKNN:
    r"""Scores a track by its similarity to the tracks of a playlist, among each one's nearest only.

    .. math:: s_{pt} = \sum_{i \in S_p} w_{it}, \qquad
        w_{it} = \frac{n_{it}}{\sqrt{(n_i + \lambda)(n_t + \lambda)}}
        \text{ for the K largest of row } i, \text{ else } 0

    with S_p the given tracks of p, n_it the playlists that have both and n_i those that have i; of its K
    nearest a track itself is one. At shrinkage lambda = 0 that is the cosine; a larger one trusts
    similarities of rare tracks less, as if each track stood alone on so many playlists more. For n_i = n_t
    it is the common form n_it / (sqrt(n_i n_t) + lambda).

    CSR of w: ``rowptr`` [T + 1] int64; ``cols`` [E] int32, track indices, sorted within a row; ``values`` [E]
    float32. ``facts``: as in ``base.Scorer``.
    """

    KIND: ClassVar[str] = "knn"
    rowptr: Tensor
    cols: Tensor
    values: Tensor
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.rowptr.numel() - 1

    def scores(self, given: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``; 0 for a track that is near none of the given tracks."""
        scores = self.values.new_empty(given.shape)
        entries = torch.cat([self.rowptr.new_zeros(1), self._counts(given.cols).cumsum(0)])
        parts = entries[given.rowptr[1:].long()] // ENTRIES
        stop = 0
        for size in parts.unique_consecutive(return_counts=True)[1].tolist():
            start, stop = stop, stop + size
            scores[start:stop] = self._scores(given.block(start, stop))
        return scores

    def _counts(self, tracks: Tensor) -> Tensor:
        return self.rowptr[tracks.long() + 1] - self.rowptr[tracks.long()]

    def entries(self, tracks: Tensor) -> tuple[Tensor, Tensor]:
        """How many entries of w each of ``tracks`` [k] has, [k] int64, and the places of all, in order."""
        counts = self._counts(tracks)
        shift = self.rowptr[tracks.long()] - (counts.cumsum(0) - counts)
        return counts, torch.arange(int(counts.sum())) + shift.repeat_interleave(counts)

    def _scores(self, given: Pattern) -> Tensor:
        n, num_tracks = given.shape
        counts, entry = self.entries(given.cols)
        flat = (given.rows.long() * num_tracks).repeat_interleave(counts) + self.cols[entry]
        # On a CPU it adds one after the other, so that the sums are the same bits each time.
        return torch.bincount(flat, self.values[entry], minlength=n * num_tracks).view(n, num_tracks)

    def save(self, path: str | Path) -> None:
        tensors = {"rowptr": self.rowptr, "cols": self.cols, "values": self.values}
        save_scorer(path, self.KIND, tensors, self.facts)

    @classmethod
    def of(cls, tensors: dict[str, Tensor], about: dict[str, Any]) -> "ItemKNN":
        return cls(**tensors, facts=about)


class RP3b(ItemKNN):
    """RP3β (Paudel et al. 2017): scores as ``ItemKNN``, with the w of ``fit_rp3b``."""

    KIND = "rp3b"


BLOCK_MB = 16  # of systems of equations held at a time


@dataclass(frozen=True)
class ALS:
    r"""Scores by the dot product of a track's factor and the playlist's, which follows from its given tracks.

    With the tracks' factors Y fixed, that of a playlist with given tracks S is the least-squares solution,
    whether it was trained on or not:

    .. math:: \Big(Y^\top Y + \lambda I + (c - 1) \sum_{i \in S} y_i y_i^\top\Big) x
        = c \sum_{i \in S} y_i

    as in ``implicit``, where a pair that is there has ``confidence`` c, and one that is not, 1.

    ``tracks``: [T, d] float32, Y. ``regularization``: lambda. ``facts``: as in
    ``base.Scorer``.
    """

    KIND: ClassVar[str] = "als"
    tracks: Tensor
    regularization: float
    confidence: float
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.tracks.size(0)

    def embed(self, given: Pattern) -> Tensor:
        """[n, d] float32, the factors of n playlists; 0 for one without given tracks. Solved in float64."""
        block = rows_per_block(2 * self.tracks.size(1) ** 2, BLOCK_MB)
        factors = self.tracks.new_empty(given.shape[0], self.tracks.size(1))
        for start in range(0, len(factors), block):
            stop = min(start + block, len(factors))
            factors[start:stop] = self._solve(given.block(start, stop))
        return factors

    def scores(self, given: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``."""
        return self.embed(given) @ self.tracks.T

    @functools.cached_property
    def shared(self) -> Tensor:
        """[d, d] float64, what all playlists' equations have in common."""
        tracks = self.tracks.double()
        return tracks.T @ tracks + self.regularization * torch.eye(tracks.size(1))

    def _solve(self, given: Pattern) -> Tensor:
        left = self.shared.repeat(given.shape[0], 1, 1)
        right = left.new_zeros(left.shape[:2])
        # One by one: in a padded batch the sums of a playlist would follow the length of its neighbours.
        of_rows = self.tracks.index_select(0, given.cols).double().split(given.rowptr.diff().tolist())
        for row, factors in enumerate(of_rows):
            left[row].addmm_(factors.T, factors, alpha=self.confidence - 1)
            right[row] = self.confidence * factors.sum(0)
        return torch.cholesky_solve(right[:, :, None], torch.linalg.cholesky(left))[:, :, 0].float()

    def save(self, path: str | Path) -> None:
        about = {"regularization": self.regularization, "confidence": self.confidence, **self.facts}
        save_scorer(path, self.KIND, {"tracks": self.tracks}, about)

    @classmethod
    def of(cls, tensors: dict[str, Tensor], about: dict[str, Any]) -> "ALS":
        settings = {name: about.pop(name) for name in ("regularization", "confidence")}
        return cls(**tensors, **settings, facts=about)


@dataclass(frozen=True)
class EASE:
    r"""Scores a track by its weights from the tracks of a playlist, :math:`s_{pt} = \sum_{i \in S_p} B_{it}`.

    ``weights``: [T, T] float32, B, with a diagonal of zeros; see ``fit_ease``. ``facts``: as in
    ``base.Scorer``.
    """

    KIND: ClassVar[str] = "ease"
    weights: Tensor
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.weights.size(0)

    def scores(self, given: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``."""
        return spmm(given, self.weights.new_ones(given.cols.numel()), self.weights)

    def save(self, path: str | Path) -> None:
        save_scorer(path, self.KIND, {"weights": self.weights}, self.facts)

    @classmethod
    def of(cls, tensors: dict[str, Tensor], about: dict[str, Any]) -> "EASE":
        return cls(**tensors, facts=about)
