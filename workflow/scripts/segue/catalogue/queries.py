"""Playlists to be continued: the tracks that they start from, in order, and their titles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from segue.nn.pattern import Pattern


@dataclass(frozen=True)
class Queries:
    """n playlists. ``tracks``: [S] int32, catalogue indices 0..num_tracks-1, playlist by playlist in the
    order of each, none twice in a playlist; ``rowptr``: [n + 1] int64, where each starts; ``titles``: n, None
    for none."""

    rowptr: np.ndarray
    tracks: np.ndarray
    titles: list[str | None]
    num_tracks: int

    @classmethod
    def of(cls, tracks: Sequence[np.ndarray], titles: Sequence[str | None], num_tracks: int) -> "Queries":
        """``tracks``: the indices of each playlist; negative ones, of unknown tracks, are left out."""
        known = [one[one >= 0] for one in tracks]
        rowptr = np.cumsum([0, *map(len, known)], dtype=np.int64)
        joined = np.concatenate(known) if known else np.empty(0)
        return cls(rowptr, joined.astype(np.int32), list(titles), num_tracks)

    def __len__(self) -> int:
        return len(self.titles)

    def __iter__(self) -> Iterator[tuple[np.ndarray, str | None]]:
        """The tracks and the title of each."""
        for start, stop, title in zip(self.rowptr[:-1], self.rowptr[1:], self.titles, strict=True):
            yield self.tracks[start:stop], title

    @property
    def sizes(self) -> np.ndarray:
        """[n] int64, known tracks of each."""
        return np.diff(self.rowptr)

    def block(self, start: int, stop: int) -> "Queries":
        """The playlists start..stop-1."""
        first, last = self.rowptr[start], self.rowptr[stop]
        rowptr = self.rowptr[start : stop + 1] - first
        return Queries(rowptr, self.tracks[first:last], self.titles[start:stop], self.num_tracks)

    def given(self, num_tracks: int | None = None) -> Pattern:
        """[n, num_tracks] the tracks of each, sorted; those below ``num_tracks`` alone where it is said."""
        shape = len(self), self.num_tracks if num_tracks is None else num_tracks
        rows = np.repeat(np.arange(len(self)), self.sizes)
        inside = self.tracks < shape[1]
        rows, cols = torch.from_numpy(rows[inside]), torch.from_numpy(self.tracks[inside])
        return Pattern.from_edges(rows, cols, shape)
