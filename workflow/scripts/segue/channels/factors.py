"""The catalogue's candidates in a space of few dimensions, where those of like playlists lie together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.nn.pattern import Pattern
from segue.nn.sparse import spmm
from segue.scorers.fit_filters import eigenpairs

ITERATIONS = 6  # of the subspace iteration: the vectors are filters, which need not have converged


@dataclass(frozen=True)
class Factors:
    r"""The strongest eigenvectors V of :math:`D^{-1/2} R^\top D_P^{-1} R D^{-1/2}`, [C, k] float32.

    R are the playlists' candidates, D their degrees, D_P how many of them each playlist has. ``degree``: [C].
    """

    vectors: np.ndarray
    degree: np.ndarray

    @classmethod
    def of(cls, catalogue: Catalogue, rank: int, seed: int) -> "Factors":
        """The same bits for one ``seed`` and number of torch's threads; see ``eigenpairs``."""
        number = catalogue.num_candidates
        inside = catalogue.cols < number
        playlist = np.repeat(np.arange(catalogue.num_playlists), catalogue.size)
        edges = (torch.from_numpy(ids[inside]) for ids in (playlist, catalogue.cols))
        listed = Pattern.from_edges(*edges, (catalogue.num_playlists, number))
        _, vectors = eigenpairs(listed, rank, iterations=ITERATIONS, seed=seed)
        return cls(vectors.numpy(), catalogue.degree[:number])

    def smoothed(self, scores: np.ndarray) -> np.ndarray:
        r"""[n, C] float32, :math:`s D^{-1/2} V V^\top D^{1/2}` of ``scores`` s [n, C]: what of them is common
        to many playlists."""
        scores = ((scores / self._root) @ self.vectors) @ self.vectors.T
        scores *= self._root
        return scores

    def of_given(self, queries: Queries) -> np.ndarray:
        """[n, C] float32, ``smoothed`` of rows of ones at the given tracks that are candidates."""
        given = queries.given(len(self.degree))
        weights = torch.from_numpy(self._root)[given.cols.long()].reciprocal()
        return (spmm(given, weights, torch.from_numpy(self.vectors)).numpy() @ self.vectors.T) * self._root

    def cosines(self, tracks: np.ndarray, others: np.ndarray) -> np.ndarray:
        """[m, k] float32, of candidates ``tracks`` [m] with candidates ``others`` [k]; 0 where one has no
        length."""
        left, right = self._unit(tracks), self._unit(others)
        return left @ right.T

    @cached_property
    def _root(self) -> np.ndarray:
        return np.sqrt(self.degree).astype(np.float32)

    def _unit(self, tracks: np.ndarray) -> np.ndarray:
        rows = self.vectors[tracks]
        length = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        return np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
