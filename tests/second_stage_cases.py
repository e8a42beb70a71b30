"""Channels of tests for the second stage."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Fixed:
    """The same scores for every playlist: [C], NaN where it has no say."""

    name: str
    row: tuple[float, ...]
    signed: bool = False
    group: str = "fixed"

    def scores(self, queries):
        return np.repeat(np.array([self.row], dtype=np.float32), len(queries), axis=0)


@dataclass(frozen=True)
class Hashed:
    """Numbers that depend on the playlist's tracks and title alone."""

    name: str
    num_tracks: int
    signed: bool = False
    group: str = "hashed"

    def scores(self, queries):
        rows = []
        for tracks, title in queries:
            seed = [len(self.name), len(title or ""), *tracks.tolist()]
            rows.append(np.random.default_rng(seed).random(self.num_tracks))
        return np.array(rows, dtype=np.float32).reshape(len(queries), self.num_tracks)


@dataclass(frozen=True)
class Parity:
    """Whether the candidate's index is even, and whether it is the playlist's first by the channel ``of``."""

    of: str
    names: tuple[str, ...] = ("parity/even", "parity/first")
    group: str = "parity"

    def values(self, queries, candidates, found):
        largest = np.fmax.reduce(found[self.of], axis=1, keepdims=True)
        return {
            "parity/even": (candidates % 2 == 0).astype(np.float32),
            "parity/first": (found[self.of] == largest).astype(np.float32),
        }
