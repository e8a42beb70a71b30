"""Artists, or albums, in place of tracks: which playlist has how many tracks of each."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from segue.catalogue.catalogue import Catalogue
from segue.channels.neighbours import ranges, shared

SHRINKAGE = 20.0  # playlists that an artist or album is on besides its own, so that rare ones do not decide


@dataclass(frozen=True)
class Credits:
    """The artists of the catalogue's playlists, or the albums; ``Catalogue`` says it of tracks.

    ``of_track``: [N] int32, the artist of each track, -1 for none. In CSR: ``rowptr`` [P + 1] int64, ``cols``
    [E] int32, rising, and ``counts`` [E] int16, the artists of each playlist, and how many of its tracks are
    of each; ``t_rowptr`` [A + 1] int64 and ``t_cols`` [E] int32, the playlists of each artist.
    """

    of_track: np.ndarray
    rowptr: np.ndarray
    cols: np.ndarray
    counts: np.ndarray
    t_rowptr: np.ndarray
    t_cols: np.ndarray

    @classmethod
    def of(cls, catalogue: Catalogue, of_track: np.ndarray) -> "Credits":
        number = int(of_track.max(initial=-1)) + 1
        playlist = np.repeat(np.arange(catalogue.num_playlists), catalogue.size)
        credit = of_track[catalogue.cols]
        known = credit >= 0
        pairs, counts = np.unique(playlist[known] * max(number, 1) + credit[known], return_counts=True)
        playlist, credit = np.divmod(pairs, max(number, 1))
        by_credit = np.argsort(credit, kind="stable")
        return cls(
            of_track,
            _starts(playlist, catalogue.num_playlists),
            credit.astype(np.int32),
            np.minimum(counts, np.iinfo(np.int16).max).astype(np.int16),
            _starts(credit, number),
            playlist[by_credit].astype(np.int32),
        )

    @property
    def number(self) -> int:
        """A."""
        return len(self.t_rowptr) - 1

    @cached_property
    def size(self) -> np.ndarray:
        """[P] int64, artists of each playlist, 1 where there is none."""
        return np.maximum(np.diff(self.rowptr), 1)

    def similarity(self, tracks: np.ndarray) -> np.ndarray:
        r"""[P] float64, ``neighbours.shared`` with artists a for tracks, and the weights
        :math:`\ln(1 + c_a)\,(d_a + 20)^{-1/2}`: c_a of ``tracks`` are theirs, d_a playlists have them."""
        credit = self.of_track[tracks]
        entries, counts = np.unique(credit[credit >= 0], return_counts=True)
        weight = np.log1p(counts) / np.sqrt(np.diff(self.t_rowptr)[entries] + SHRINKAGE)
        return shared((self.t_rowptr, self.t_cols, self.size), entries, weight)

    def share(self, playlists: np.ndarray, weights: np.ndarray) -> np.ndarray:
        r"""[A] float64, :math:`\sum_q w_q c_{qa}`, c_qa the tracks of artist a on each of ``playlists`` q."""
        starts, stops = self.rowptr[playlists], self.rowptr[playlists + 1]
        entries = ranges(starts, stops)
        values = np.repeat(weights, stops - starts) * self.counts[entries]
        return np.bincount(self.cols[entries], values, self.number)

    def summed(self, values: np.ndarray) -> np.ndarray:
        """[N] float64, of each track the sum of ``values`` [N] over its artist's; its own without one."""
        known = self.of_track >= 0
        sums = np.bincount(self.of_track[known], values[known], self.number)
        return np.where(known, np.append(sums, 0)[self.of_track], values)

    def to_tracks(self, values: np.ndarray, num_tracks: int) -> np.ndarray:
        """[num_tracks] float32, of each of the first tracks what ``values`` [A] says of its artist; 0 where
        it has none."""
        return np.append(values, 0)[self.of_track[:num_tracks]].astype(np.float32)


def _starts(ids: np.ndarray, number: int) -> np.ndarray:
    """[number + 1] int64, the row pointers of ``ids`` below ``number``, once they are sorted."""
    return np.append(0, np.cumsum(np.bincount(ids, minlength=number))).astype(np.int64)
