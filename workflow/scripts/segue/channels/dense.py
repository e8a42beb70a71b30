"""Channels that score every candidate of the catalogue."""

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np

from segue.catalogue.queries import Queries
from segue.catalogue.titles import TitleIndex
from segue.channels.credits import Credits
from segue.channels.evidence import Witnesses
from segue.channels.factors import Factors
from segue.channels.neighbours import sums_of_tracks


class Channel(Protocol):
    """``signed``: whether scores below 0 mean something; ``group``: what it is left out with, in a test of
    what channels bring."""

    name: str
    group: str
    signed: bool

    def scores(self, queries: Queries) -> np.ndarray:
        """[n, C] float32, the higher the better; NaN where it has no say. A row does not depend on others."""


@dataclass(frozen=True)
class Shares:
    r"""The weighted share of a playlist's neighbours that have a track: :math:`s_t = \sum_q w_q R_{qt}`.

    ``name``: their kind, see ``Witnesses``. Zeros where there are none.
    """

    name: str
    group: str
    witnesses: Witnesses
    signed: ClassVar[bool] = False

    def scores(self, queries: Queries) -> np.ndarray:
        catalogue, found = self.witnesses.catalogue, self.witnesses.of(queries)
        shares = [sums_of_tracks(catalogue, *one.neighbours[self.name]) for one in found]
        return _stacked(shares, catalogue.num_candidates)


@dataclass
class Kept:
    """``of``, whose scores are kept until other queries come, since another channel asks for them too."""

    of: Channel
    _last: tuple[Queries, np.ndarray] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.of.name

    @property
    def group(self) -> str:
        return self.of.group

    @property
    def signed(self) -> bool:
        return self.of.signed

    def scores(self, queries: Queries) -> np.ndarray:
        """As of ``of``, not to be changed."""
        if self._last is None or self._last[0] is not queries:
            self._last = queries, self.of.scores(queries)
        return self._last[1]


@dataclass(frozen=True)
class CreditShares:
    r"""How many tracks of a track's artist (or album) a playlist's neighbours of a ``kind`` have:
    :math:`s_t = \sum_q w_q c_{q a(t)}`, c_qa the tracks of artist a on playlist q.
    """

    name: str
    group: str
    kind: str
    credits: Credits
    witnesses: Witnesses
    signed: ClassVar[bool] = False

    def scores(self, queries: Queries) -> np.ndarray:
        number = self.witnesses.catalogue.num_candidates
        shares = [self.credits.share(*one.neighbours[self.kind]) for one in self.witnesses.of(queries)]
        return _stacked([self.credits.to_tracks(share, number) for share in shares], number)


@dataclass(frozen=True)
class LowRank:
    """The given tracks, ``Factors.smoothed``; NaN where no given track is a candidate."""

    factors: Factors
    name: ClassVar[str] = "lowrank"
    group: ClassVar[str] = "tracks"
    signed: ClassVar[bool] = True

    def scores(self, queries: Queries) -> np.ndarray:
        scores = self.factors.of_given(queries)
        scores[queries.given(scores.shape[1]).rowptr.diff().numpy() == 0] = np.nan
        return scores


@dataclass(frozen=True)
class Smoothed:
    """``Factors.smoothed`` of another channel's scores: what a track of few playlists shares with others."""

    name: str
    group: str
    factors: Factors
    of: Channel
    signed: ClassVar[bool] = True

    def scores(self, queries: Queries) -> np.ndarray:
        return self.factors.smoothed(self.of.scores(queries))


@dataclass(frozen=True)
class NamedInTitle:
    """How much of the name of a track's artist the playlist's title has, 0 to 1: ``TitleIndex.shares``.

    ``names``: those of the artists, by their numbers in ``artists``. Zeros where there is no title.
    """

    names: TitleIndex
    artists: Credits
    num_candidates: int
    name: ClassVar[str] = "named"
    group: ClassVar[str] = "title"
    signed: ClassVar[bool] = False

    def scores(self, queries: Queries) -> np.ndarray:
        rows = np.zeros((len(queries), self.num_candidates), np.float32)
        for row, title in zip(rows, queries.titles, strict=True):
            if title:
                share = np.zeros(self.artists.number)
                found, values = self.names.shares(title)
                share[found] = values
                row[:] = self.artists.to_tracks(share, self.num_candidates)
        return rows


def _stacked(rows: list[np.ndarray], number: int) -> np.ndarray:
    return np.stack(rows) if rows else np.empty((0, number), np.float32)
