"""Channels that score the candidates of a second stage alone: what they are to the given tracks, and among
each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.channels.credits import Credits
from segue.channels.evidence import Witnesses
from segue.channels.factors import Factors

Float32 = NDArray[np.float32]
Found = Mapping[str, Float32]  # [n, K] of each dense channel, as it is
NEAREST = 3


class Pair(Protocol):
    """One channel or several of the same work; ``group``: as of ``dense.Channel``."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of its values; what stands before a slash names the channel."""

    @property
    def group(self) -> str: ...

    def values(self, queries: Queries, candidates: np.ndarray, found: Found) -> Found:
        """[n, K] float32 by name, NaN where it has no say. ``candidates``: [n, K] int64, catalogue indices;
        ``found``: what the dense channels say of them."""


@dataclass(frozen=True)
class Near:
    """Cosines of a candidate with the given tracks that are candidates, in the space of ``factors``: their
    mean, the largest, the mean of the three largest, and that with the last given; NaN where there is none.
    """

    factors: Factors
    names: ClassVar[tuple[str, ...]] = ("near/mean", "near/most", "near/three", "near/last")
    group: ClassVar[str] = "tracks"

    def values(self, queries: Queries, candidates: np.ndarray, found: Found) -> Found:
        values = np.full((len(self.names), *candidates.shape), np.nan, np.float32)
        for row, (tracks, _) in enumerate(queries):
            inside = tracks[tracks < len(self.factors.degree)]
            if len(inside):
                cosine = self.factors.cosines(candidates[row], inside)
                few = min(NEAREST, len(inside))
                three = np.partition(cosine, len(inside) - few, axis=1)[:, len(inside) - few :]
                parts = cosine.mean(1), cosine.max(1), three.mean(1), cosine[:, -1]
                values[:, row] = parts
        return dict(zip(self.names, values, strict=True))


@dataclass(frozen=True)
class SameCredit:
    """How many given tracks are of a candidate's artist (or album), and their share of the given, 0 of none;
    the sum of what the candidates of its artist but itself score in ``channel``; and how many of them come
    before it, by the order of ``candidates``.
    """

    name: str  # artist or album
    credits: Credits
    channel: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.name}/{part}" for part in ("given", "share", "others", "place"))

    @property
    def group(self) -> str:
        return f"{self.name}s"

    def values(self, queries: Queries, candidates: np.ndarray, found: Found) -> Found:
        values = np.zeros((len(self.names), *candidates.shape), np.float32)
        credit = self.credits.of_track[candidates]
        for row, (tracks, _) in enumerate(queries):
            own = credit[row]
            known = own >= 0
            theirs = self.credits.of_track[tracks]
            given = np.bincount(theirs[theirs >= 0], minlength=self.credits.number)[own] * known
            scores = found[self.channel][row]
            sums = np.bincount(own[known], scores[known], self.credits.number)[own]
            others = np.where(known, np.maximum(sums - scores, 0), 0)
            values[:, row] = given, given / max(len(tracks), 1), others, _places(own)
        return dict(zip(self.names, values, strict=True))


def _places(values: np.ndarray) -> np.ndarray:
    """How many equal ones come before each of ``values`` [K]."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    places = np.empty(len(values), np.int64)
    places[order] = np.arange(len(values)) - np.searchsorted(ranked, ranked)
    return places


@dataclass(frozen=True)
class Popularity:
    """What a candidate is without any playlist: ln of its degree, that as a share of the largest of its
    artist's and of its album's tracks, ln of the sum over its artist's candidates, their number, and 1 in
    the k-core, else 0.
    """

    catalogue: Catalogue
    artists: Credits
    albums: Credits
    names: ClassVar[tuple[str, ...]] = (
        "popularity",
        "popularity/artist",
        "popularity/album",
        "popularity/of_artist",
        "popularity/tracks",
        "popularity/core",
    )
    group: ClassVar[str] = "popularity"

    @cached_property
    def _table(self) -> np.ndarray:
        """[6, C] float32."""
        number = self.catalogue.num_candidates
        degree = self.catalogue.degree[:number].astype(np.float64)
        artist, album = (one.of_track[:number] for one in (self.artists, self.albums))
        known = artist >= 0
        sums = np.where(known, np.bincount(artist[known], degree[known], self.artists.number)[artist], degree)
        tracks = np.where(known, np.bincount(artist[known], minlength=self.artists.number)[artist], 1)
        return np.stack(
            [
                np.log(degree),
                degree / _largest(degree, artist, self.artists.number),
                degree / _largest(degree, album, self.albums.number),
                np.log(sums),
                tracks,
                self.catalogue.core[:number] >= 0,
            ]
        ).astype(np.float32)

    def values(self, queries: Queries, candidates: np.ndarray, found: Found) -> Found:
        return dict(zip(self.names, self._table[:, candidates], strict=True))


def _largest(values: np.ndarray, group: np.ndarray, number: int) -> np.ndarray:
    """The largest of the ``values`` of each one's ``group``; its own where that is -1."""
    most = np.zeros(number + 1)
    np.maximum.at(most, group, values)
    return np.where(group >= 0, most[group], values)


@dataclass(frozen=True)
class Lifts:
    r"""How much more often a track is on the neighbours of a playlist than on all playlists:
    :math:`\ln\frac{s_t + 1/P}{d_t / P + 1/P}`, s the score of each of ``channels``, which are ``Shares``.
    """

    catalogue: Catalogue
    channels: tuple[str, ...]
    group: ClassVar[str] = "popularity"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{channel}/lift" for channel in self.channels)

    def values(self, queries: Queries, candidates: np.ndarray, found: Found) -> Found:
        playlists = self.catalogue.num_playlists
        usual = np.log((self.catalogue.degree[candidates] + 1) / playlists)
        return {
            f"{channel}/lift": (np.log(found[channel] + 1 / playlists) - usual).astype(np.float32)
            for channel in self.channels
        }


@dataclass(frozen=True)
class Asked:
    """What all candidates of a playlist share: artists for each given track, mean ln degree of the given,
    both NaN without one; the likest title's cosine, and ln of 1 + the playlists that bear the same.
    """

    catalogue: Catalogue
    artists: Credits
    witnesses: Witnesses
    names: ClassVar[tuple[str, ...]] = (
        "given/artists",
        "given/popularity",
        "titled/likest",
        "titled/namesakes",
    )
    group: ClassVar[str] = "asked"

    def values(self, queries: Queries, candidates: np.ndarray, found: Found) -> Found:
        values = np.full((len(self.names), *candidates.shape), np.nan, np.float32)
        for row, ((tracks, _), evidence) in enumerate(zip(queries, self.witnesses.of(queries), strict=True)):
            if len(tracks):
                values[0, row] = len(np.unique(self.artists.of_track[tracks])) / len(tracks)
                values[1, row] = np.log(self.catalogue.degree[tracks]).mean()
            values[2, row] = evidence.likest
            values[3, row] = np.log1p(evidence.namesakes)
        return dict(zip(self.names, values, strict=True))
