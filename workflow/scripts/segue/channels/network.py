"""Graph networks that answer from all candidates, those outside the k-core too."""

from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.channels.models import ModelScores
from segue.channels.neighbours import by_title, scores_of_neighbours
from segue.scorers.frozen import Frozen

# Of a playlist without a track to go by: joint neighbours by title alone, as they are by default.
NEIGHBOURS, POWER = 1000, 2.0


class Network:
    """``frozen``: a network over the candidates of ``catalogue``, of ``extension.extended_model``."""

    def __init__(self, frozen: Frozen, catalogue: Catalogue):
        self.frozen, self._catalogue = frozen, catalogue

    @property
    def facts(self) -> dict[str, Any]:
        return self.frozen.facts

    @property
    def num_tracks(self) -> int:
        """C."""
        return self.frozen.num_tracks

    @cached_property
    def _by_tracks(self) -> ModelScores:
        return ModelScores(self.frozen, self._catalogue, "networks")

    def attached(self, tracks: np.ndarray) -> np.ndarray:
        """int32, what each of ``tracks``, of the catalogue, is attached by: the index of a candidate, its own
        or that of one that stands for it; -1 where there is none, or the track is -1."""
        return np.append(self._by_tracks.stand_in, np.int32(-1))[tracks]

    def scores(self, queries: Queries) -> Tensor:
        """[n, C] float32: ``ModelScores``. Where it has none, the playlists with the title answer, by
        ``scores_of_neighbours``; without any zeros."""
        scores = torch.from_numpy(self._by_tracks.scores(queries))
        for row in scores[:, 0].isnan().nonzero()[:, 0].tolist():
            alike = by_title(self._catalogue, queries.titles[row])
            shares = scores_of_neighbours(self._catalogue, alike, NEIGHBOURS, POWER)
            scores[row] = torch.from_numpy(shares)
        return scores
