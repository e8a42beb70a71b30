"""Which playlists speak for a playlist that is to be continued, by its tracks, title, artists and albums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.channels.credits import Credits
from segue.channels.joint import Joint
from segue.channels.neighbours import by_title, by_tracks, nearest

ARTISTS, ALBUMS = 0.15, 0.10  # weights of their similarities beside that of the tracks, 1
FEW = 100  # playlists, of the nearest alone


class Neighbours(NamedTuple):
    """``playlists``: [k] int64, rising; ``weights``: [k] float64, that sum to 1."""

    playlists: np.ndarray
    weights: np.ndarray


class Evidence(NamedTuple):
    """Of one playlist: its ``neighbours`` by what they are alike in, a name of ``Witnesses``; ``likest``: the
    largest cosine of a title with its own, and ``namesakes``, how many playlists bear it; 0 without one."""

    neighbours: Mapping[str, Neighbours]
    likest: float
    namesakes: int


@dataclass
class Witnesses:
    r"""Finds the neighbours of playlists in several ways, once for all channels that ask.

    =======  ========================================================================================
    tracks   y = ``by_tracks``
    title    y = ``by_title``
    artists  y = ``Credits.similarity`` of artists
    albums   the same of albums
    joint    y = tracks + tau title, as ``Joint`` with its settings
    all      y = joint + 0.15 artists + 0.1 albums
    few      y = all, of its 100 nearest
    =======  ========================================================================================

    The weights are :math:`w_q = y_q^\gamma / \sum_K y^\gamma` over the nearest playlists K, with the number
    of neighbours and the power gamma of ``joint``. What was found is kept until other queries come.
    """

    joint: Joint
    artists: Credits
    albums: Credits
    _last: tuple[Queries, list[Evidence]] | None = field(default=None, repr=False)

    @property
    def catalogue(self) -> Catalogue:
        return self.joint.catalogue

    def of(self, queries: Queries) -> list[Evidence]:
        """Of each of ``queries``."""
        if self._last is None or self._last[0] is not queries:
            self._last = queries, [self._of(tracks, title) for tracks, title in queries]
        return self._last[1]

    def _of(self, tracks: np.ndarray, title: str | None) -> Evidence:
        joint, count = self.joint, self.joint.neighbours
        alike = {
            "tracks": by_tracks(self.catalogue, tracks, joint.shrinkage, joint.position),
            "title": by_title(self.catalogue, title),
            "artists": self.artists.similarity(tracks),
            "albums": self.albums.similarity(tracks),
        }
        alike["joint"] = alike["tracks"] + joint.title * alike["title"]
        alike["all"] = alike["joint"] + ARTISTS * alike["artists"] + ALBUMS * alike["albums"]
        found = {name: weighted(y, count, joint.power) for name, y in alike.items()}
        found["few"] = weighted(alike["all"], FEW, joint.power)
        cosine = alike["title"]
        return Evidence(found, float(cosine.max(initial=0)), int((cosine == 1).sum()))


def weighted(similarity: np.ndarray, count: int, power: float) -> Neighbours:
    """The ``count`` nearest playlists by ``similarity`` [P]; none where nothing is above 0."""
    near = nearest(similarity, count)
    weights = similarity[near] ** power
    return Neighbours(near, weights / weights.sum() if len(near) else weights)
