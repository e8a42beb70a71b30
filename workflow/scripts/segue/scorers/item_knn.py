"""Item-kNN: the tracks that are most like a playlist's own (Deshpande and Karypis 2004)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from segue.nn.sparse import Pattern
from segue.scorers.base import read_scorer, save_scorer

KIND = "knn"
ENTRIES = 2**22  # of the seeds' rows of w that are held at a time, some 100 MB


@dataclass(frozen=True)
class ItemKNN:
    r"""Scores a track by its similarity to the tracks of a playlist, among each one's nearest only.

    .. math:: s_{pt} = \sum_{i \in S_p} w_{it}, \qquad
        w_{it} = \frac{n_{it}}{\sqrt{(n_i + \lambda)(n_t + \lambda)}}
        \text{ for the K largest of row } i, \text{ else } 0

    with S_p the seeds of p, n_it the playlists that have both tracks and n_i those that have i; of its K
    nearest a track itself is one. At shrinkage lambda = 0 that is the cosine; a larger one trusts
    similarities of rare tracks less, as if each track stood alone on so many playlists more. For n_i = n_t
    it is the common form n_it / (sqrt(n_i n_t) + lambda).

    CSR of w: ``rowptr`` [T + 1] int64; ``cols`` [E] int32, track indices, sorted within a row; ``values`` [E]
    float32. ``facts``: as in ``scorer_files.Scorer``.
    """

    rowptr: Tensor
    cols: Tensor
    values: Tensor
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.rowptr.numel() - 1

    def scores(self, seeds: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``; 0 for a track that is near none of the seeds."""
        scores = self.values.new_empty(seeds.shape)
        entries = torch.cat([self.rowptr.new_zeros(1), self._counts(seeds.cols).cumsum(0)])
        parts = entries[seeds.rowptr[1:].long()] // ENTRIES
        stop = 0
        for size in parts.unique_consecutive(return_counts=True)[1].tolist():
            start, stop = stop, stop + size
            scores[start:stop] = self._scores(seeds.block(start, stop))
        return scores

    def _counts(self, tracks: Tensor) -> Tensor:
        return self.rowptr[tracks.long() + 1] - self.rowptr[tracks.long()]

    def _scores(self, seeds: Pattern) -> Tensor:
        n, num_tracks = seeds.shape
        counts = self._counts(seeds.cols)
        # The entries of w of every seed, in the order of the seeds.
        shift = self.rowptr[seeds.cols.long()] - (counts.cumsum(0) - counts)
        entry = torch.arange(int(counts.sum())) + shift.repeat_interleave(counts)
        flat = (seeds.rows.long() * num_tracks).repeat_interleave(counts) + self.cols[entry]
        # On a CPU it adds one after the other, so that the sums are the same bits each time.
        return torch.bincount(flat, self.values[entry], minlength=n * num_tracks).view(n, num_tracks)

    def save(self, path: str | Path) -> None:
        tensors = {"rowptr": self.rowptr, "cols": self.cols, "values": self.values}
        save_scorer(path, KIND, tensors, self.facts)

    @classmethod
    def load(cls, path: str | Path) -> "ItemKNN":
        tensors, facts = read_scorer(path)
        return cls(**tensors, facts=facts)
