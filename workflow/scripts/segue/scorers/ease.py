"""EASE^R, a linear autoencoder in closed form (Steck 2019, Embarrassingly Shallow Autoencoders)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from segue.nn.sparse import Pattern, spmm
from segue.scorers.base import read_scorer, save_scorer

KIND = "ease"


@dataclass(frozen=True)
class EASE:
    r"""Scores a track by its weights from the tracks of a playlist, :math:`s_{pt} = \sum_{i \in S_p} B_{it}`.

    ``weights``: [T, T] float32, B, with a diagonal of zeros; see ``fit_ease``. ``facts``: as in
    ``scorer_files.Scorer``.
    """

    weights: Tensor
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.weights.size(0)

    def scores(self, seeds: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``."""
        return spmm(seeds, self.weights.new_ones(seeds.cols.numel()), self.weights)

    def save(self, path: str | Path) -> None:
        save_scorer(path, KIND, {"weights": self.weights}, self.facts)

    @classmethod
    def load(cls, path: str | Path) -> "EASE":
        tensors, facts = read_scorer(path)
        return cls(**tensors, facts=facts)
