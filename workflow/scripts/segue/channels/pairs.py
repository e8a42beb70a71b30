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
    r"""A candidate's artist (or album) among the given tracks and the other candidates:

    ==========  =============================================================================
    /given      ln(1 + c), c given tracks of its artist
    /share      c / n, n given tracks; 0 of none
    /lift       :math:`\ln\frac{c + 1/2}{n D / \sum_t d_t + 1/2}`, D the degrees d of its artist's tracks
    /others     the sum of what the candidates of its artist but itself score in ``channel``
    /place      ln(1 + how many of them come before it), by the order of candidates
    ==========  =============================================================================
    """

    name: str  # artist or album
    catalogue: Catalogue
    credits: Credits
    channel: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.name}/{part}" for part in ("given", "share", "lift", "others", "place"))

    @property
    def group(self) -> str:
        return f"{self.name}s"

    @cached_property
    def _usual(self) -> np.ndarray:
        """[N] float64, D as a share of all degrees."""
        degree = self.catalogue.degree.astype(np.float64)
        return self.credits.summed(degree) / degree.sum()

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
            lift = (given + 0.5) / (len(tracks) * self._usual[candidates[row]] + 0.5)
            share = given / max(len(tracks), 1)
            values[:, row] = np.log1p(given), share, np.log(lift), others, np.log1p(_places(own))
        return dict(zip(self.names, values, strict=True))


def _places(values: np.ndarray) -> np.ndarray:
    """How many equal ones come before each of ``values`` [K]."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    places = np.empty(len(values), np.int64)
    places[order] = np.arange(len(values)) - np.searchsorted(ranked, ranked)
    return places


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
