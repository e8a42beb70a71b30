"""Graph networks that rank every candidate, those outside the k-core too."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.channels.neighbours import by_title, scores_of_neighbours
from segue.nn.pattern import Pattern
from segue.scorers.frozen import Frozen

# Of a playlist without a track to go by: joint neighbours by title alone, as they are by default.
NEIGHBOURS, POWER = 1000, 2.0


@dataclass(frozen=True)
class Network:
    """``frozen``: a network over the candidates of ``catalogue``, of ``extension.extended_model``.

    It goes by a playlist's tracks. For one of them that is no candidate stands the candidate of the most
    playlists on its album, or else by its artist, as in the k-core; where there is none, it says nothing.
    """

    frozen: Frozen
    catalogue: Catalogue

    @property
    def facts(self) -> dict[str, Any]:
        return self.frozen.facts

    @property
    def num_tracks(self) -> int:
        """C."""
        return self.frozen.num_tracks

    def scores(self, queries: Queries) -> Tensor:
        """[n, C] float32, the higher the better. Where no track says anything, the playlists with the title
        do, by ``scores_of_neighbours``; without any zeros."""
        scores = self.by_tracks(queries)
        for row in scores[:, 0].isnan().nonzero()[:, 0].tolist():
            alike = by_title(self.catalogue, queries.titles[row])
            shares = scores_of_neighbours(self.catalogue, alike, NEIGHBOURS, POWER)
            scores[row] = torch.from_numpy(shares)
        return scores

    def by_tracks(self, queries: Queries) -> Tensor:
        """[n, C] float32, the network's own scores; NaN in the rows of playlists of which no track says
        anything."""
        given = self._given(queries)
        scores = self.frozen.scores(given)
        scores[given.degree == 0] = torch.nan
        return scores

    def _given(self, queries: Queries) -> Pattern:
        tracks = self._stand_in[queries.tracks]
        rows = np.repeat(np.arange(len(queries)), queries.sizes)
        # Several tracks may have one stand-in, or one that is on the playlist itself.
        keys = np.unique((rows * self.num_tracks + tracks)[tracks >= 0])
        rows, cols = (torch.from_numpy(part) for part in np.divmod(keys, self.num_tracks))
        return Pattern.from_edges(rows, cols, (len(queries), self.num_tracks))

    @functools.cached_property
    def _stand_in(self) -> np.ndarray:
        """[N] int32, each track's candidate: itself, one of its album, or of its artist; -1 for none."""
        catalogue, candidates = self.catalogue, np.arange(self.num_tracks, dtype=np.int32)
        found = np.full(catalogue.num_tracks, -1, dtype=np.int32)
        for group in (catalogue.artist, catalogue.album):
            first = np.full(group.max(initial=-1) + 2, -1, dtype=np.int32)  # the last for -1, of no group
            first[group[candidates[::-1]]] = candidates[::-1]  # candidates are numbered by popularity
            first[-1] = -1
            found = np.where(first[group] >= 0, first[group], found)
        found[candidates] = candidates
        return found
