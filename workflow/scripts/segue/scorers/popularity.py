"""The ranking by popularity, which any model has to beat."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from segue.nn.sparse import Pattern
from segue.scorers.base import read_scorer, save_scorer

KIND = "popularity"


@dataclass(frozen=True)
class Popularity:
    """Ranks tracks by the number of playlists that have them, in the same order for every playlist.

    ``place``: [T] float32, a track's place in that order from 0, exact up to 2^24 tracks. Its score is minus
    that, so that no two tie. ``facts``: as in ``scorer_files.Scorer``.
    """

    place: Tensor
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.place.numel()

    def scores(self, seeds: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``; what the seeds are does not matter."""
        return (-self.place).repeat(seeds.shape[0], 1)

    def save(self, path: str | Path) -> None:
        save_scorer(path, KIND, {"place": self.place}, self.facts)

    @classmethod
    def load(cls, path: str | Path) -> "Popularity":
        tensors, facts = read_scorer(path)
        return cls(**tensors, facts=facts)
