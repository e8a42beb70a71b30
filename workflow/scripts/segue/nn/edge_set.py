"""A set of playlist-track edges, ordered so that all playlists can be looked up at once."""

import torch
from torch import Tensor

GOLDEN_RATIO = -7046029254386353131  # 2^64 / phi, odd, as int64: Fibonacci hashing (Knuth, volume 3, 6.4)
WINDOW_BITS = 13  # of slots that a playlist's tracks are hashed to, 8 KiB
WINDOW = 2**WINDOW_BITS


class EdgeSet:
    """For each playlist its tracks, as a CSR pattern.

    ``edges``: [2, E] int64, playlist index 0..P-1 and track index 0..T-1, no pair twice, in any order.

    ``rowptr``: [P + 1] int64. ``playlists``, ``tracks``: [E] int64, sorted by playlist, then track.
    ``degree``: [P] int64, tracks of each playlist. ``num_others``: [P] int64, all other tracks.
    """

    def __init__(self, edges: Tensor, num_playlists: int, num_tracks: int):
        self.num_playlists, self.num_tracks = num_playlists, num_tracks
        self.keys = (edges[0] * num_tracks + edges[1]).sort().values
        self.playlists, self.tracks = self.keys // num_tracks, self.keys % num_tracks
        self.degree = torch.bincount(edges[0], minlength=num_playlists)
        self.num_others = num_tracks - self.degree
        self.rowptr = torch.cat([self.degree.new_zeros(1), self.degree.cumsum(0)])
        # The j-th track t_j of a playlist (from 0) has t_j - j other tracks before it. Other track number r
        # is therefore r + #{j: t_j - j <= r}, found for all playlists at once in one sorted array.
        rank = torch.arange(self.keys.numel(), device=edges.device) - self.rowptr[self.playlists]
        self._others_before = self.playlists * (num_tracks + 1) + self.tracks - rank
        # A table of hashed edges, a 16th full, spares most lookups of absent edges the search. The slots of a
        # playlist lie in one window, and the windows follow each other, so that lookups sorted by playlist
        # stay in the cache.
        self._stride = max(1, 16 * self.keys.numel() // num_playlists)
        self._taken = torch.zeros(
            num_playlists * self._stride + WINDOW, dtype=torch.bool, device=edges.device
        )
        self._taken[self._slot(self.playlists, self.tracks)] = True

    def contains(self, playlists: Tensor, tracks: Tensor) -> Tensor:
        """[n] bool, whether each pair of ``playlists`` and ``tracks``, [n] int64, is an edge."""
        found = self._taken[self._slot(playlists, tracks)]
        doubtful = found.nonzero()[:, 0]
        keys = playlists[doubtful] * self.num_tracks + tracks[doubtful]
        place = torch.searchsorted(self.keys, keys).clamp(max=max(self.keys.numel() - 1, 0))
        found[doubtful] = self.keys[place] == keys
        return found

    def _slot(self, playlists: Tensor, tracks: Tensor) -> Tensor:
        return (
            tracks.mul(GOLDEN_RATIO)
            .bitwise_right_shift_(64 - WINDOW_BITS)
            .bitwise_and_(WINDOW - 1)
            .add_(playlists, alpha=self._stride)
        )

    def other_track(self, playlists: Tensor, r: Tensor) -> Tensor:
        """The ``r``-th track, from 0 and by index, that is not on the playlist; [n] int64 each."""
        keys = playlists * (self.num_tracks + 1) + r
        return r + torch.searchsorted(self._others_before, keys, right=True) - self.rowptr[playlists]

    def block(self, start: int, stop: int) -> tuple[Tensor, Tensor]:
        """Indices (playlist - start, track) of the edges of playlists start..stop-1."""
        part = slice(int(self.rowptr[start]), int(self.rowptr[stop]))
        return self.playlists[part] - start, self.tracks[part]
