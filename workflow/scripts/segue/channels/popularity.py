"""Channels of pairs that go by popularity: a candidate's own, and how much more it is to a playlist."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.channels.credits import Credits
from segue.channels.pairs import Found


@dataclass(frozen=True)
class Popularity:
    r"""What a candidate t is without any playlist, d its degree:

    ======================  =====================================================================
    popularity              ln d_t
    popularity/of_artist    ln D, the sum of the degrees of all tracks of its artist
    popularity/tracks       ln of their number
    popularity/in_artist    ln (d_t / D)
    popularity/in_album     the same of its album
    popularity/core         1 in the k-core, else 0
    ======================  =====================================================================
    """

    catalogue: Catalogue
    artists: Credits
    albums: Credits
    names: ClassVar[tuple[str, ...]] = (
        "popularity",
        "popularity/of_artist",
        "popularity/tracks",
        "popularity/in_artist",
        "popularity/in_album",
        "popularity/core",
    )
    group: ClassVar[str] = "popularity"

    @cached_property
    def _table(self) -> np.ndarray:
        """[6, C] float32."""
        number = self.catalogue.num_candidates
        degree, one = self.catalogue.degree.astype(np.float64), np.ones(self.catalogue.num_tracks)
        of_artist, of_album, tracks = (
            credits.summed(values)[:number]
            for credits, values in ((self.artists, degree), (self.albums, degree), (self.artists, one))
        )
        degree = degree[:number]
        logs = np.log([degree, of_artist, tracks, degree / of_artist, degree / of_album])
        return np.vstack([logs, self.catalogue.core[:number] >= 0]).astype(np.float32)

    def values(self, queries: Queries, candidates: np.ndarray, found: Found) -> Found:
        return dict(zip(self.names, self._table[:, candidates], strict=True))


@dataclass(frozen=True)
class Lifts:
    r"""How much more often a track is on the neighbours of a playlist than on all P playlists:

    .. math:: \ln\frac{s_t + 1/P}{(d_t + 1)/P}

    s is the score of ``channel``, which is a ``Shares``, and d_t the playlists that have the track. With
    ``credits`` it is a ``CreditShares`` of these, and d_t sums up the tracks of the artist.
    """

    group: str
    catalogue: Catalogue
    channel: str
    credits: Credits | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.channel}/lift",)

    @cached_property
    def _usual(self) -> np.ndarray:
        """[N] float64."""
        degree = self.catalogue.degree.astype(np.float64)
        sums = self.credits.summed(degree) if self.credits else degree
        return np.log((sums + 1) / self.catalogue.num_playlists)

    def values(self, queries: Queries, candidates: np.ndarray, found: Found) -> Found:
        share = np.log(found[self.channel] + 1 / self.catalogue.num_playlists)
        return {self.names[0]: (share - self._usual[candidates]).astype(np.float32)}


@dataclass(frozen=True)
class Within:
    r"""What falls to a track of what its artist (or album) gets, as it is popular there:

    .. math:: \ln\Big(s_t\,\frac{d_t}{D} + \frac 1P\Big)

    s is the score of ``channel``, alike for all tracks of an artist, d_t the track's degree and D the sum of
    all of them.
    """

    group: str
    catalogue: Catalogue
    channel: str
    credits: Credits

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.channel}/track",)

    @cached_property
    def _share(self) -> np.ndarray:
        """[N] float64."""
        degree = self.catalogue.degree.astype(np.float64)
        return degree / self.credits.summed(degree)

    def values(self, queries: Queries, candidates: np.ndarray, found: Found) -> Found:
        share = found[self.channel] * self._share[candidates]
        return {self.names[0]: np.log(share + 1 / self.catalogue.num_playlists).astype(np.float32)}
