"""Joint neighbours: one formula for a title, tracks, or both."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.channels.neighbours import by_title, by_tracks, scores_of_neighbours


@dataclass(frozen=True)
class Joint:
    r"""Scores a track by the playlists that are like the one to be continued, in tracks and title.

    .. math::
        y_q = \mathrm{norm}\Big(\sum_{t \in S \cap q} (d_t + \lambda)^{-1/2}\, |q|^{-1/2}\Big)
            + \tau \cos(\mathrm{title}, \mathrm{title}_q), \qquad
        s_t = \sum_{q \in K} y_q^{\gamma} R_{qt}

    with norm dividing by the largest, K the ``neighbours`` playlists with the highest y, d_t the playlists
    that have track t; lambda is ``shrinkage``, tau ``title``, gamma ``power``. A playlist of a title only, of
    tracks only and of both go by the one formula; nothing is trained. ``position`` above 0 gives the last
    tracks more weight, see ``neighbours.by_tracks``.

    ``facts``: model, its name, and catalogue, the digest of the candidates.
    """

    catalogue: Catalogue
    shrinkage: float
    title: float
    neighbours: int
    power: float
    position: float

    @property
    def facts(self) -> dict[str, Any]:
        return {"model": "joint", "catalogue": self.catalogue.digest}

    @property
    def num_tracks(self) -> int:
        """C."""
        return self.catalogue.num_candidates

    def similarity(self, tracks: np.ndarray, title: str | None) -> np.ndarray:
        """[P] float64, y."""
        shared = by_tracks(self.catalogue, tracks, self.shrinkage, self.position)
        return shared + self.title * by_title(self.catalogue, title) if self.title else shared

    def scores(self, queries: Queries) -> Tensor:
        """[n, C] float32, the higher the better; zeros where nothing is known of a playlist."""
        rows = np.empty((len(queries), self.num_tracks), np.float32)
        for row, (tracks, title) in zip(rows, queries, strict=True):
            row[:] = scores_of_neighbours(
                self.catalogue, self.similarity(tracks, title), self.neighbours, self.power
            )
        return torch.from_numpy(rows)
