"""Fitting of the baselines: neighbours and factors by the library implicit, EASE in closed form.

Those that filter the graph are fitted in fit_filters."""

from typing import Any

import numpy as np
import torch
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits
from torch import Tensor

from segue.errors import SegueError
from segue.run.registry import BASELINES, named
from segue.scorers.base import Scorer
from segue.scorers.baselines import ALS, EASE, ItemKNN, Popularity, RP3b

# Of two thread pools in one another implicit warns, and rightly: its own shares the playlists, and BLAS gets
# one thread, whose sums have one order.
WITH_ONE_BLAS_THREAD = threadpool_limits.wrap(limits=1, user_api="blas")


def fit_baseline(
    name: str,
    edges: Tensor,
    shape: tuple[int, int],
    settings: dict[str, Any],
    facts: dict[str, Any],
    threads: int = 1,
) -> Scorer:
    """The baseline ``name`` of the registry, fitted to message-passing edges [2, E] int64, no pair twice.

    ``shape``: P and T. ``settings``: keyword arguments of its own, below; ``facts``: as in
    ``base.Scorer``. The same bytes each time; of EASE, for one number of ``threads``.
    """
    ones = np.ones(edges.size(1), np.float32)
    matrix = csr_matrix((ones, (edges[0].numpy(), edges[1].numpy())), shape)
    fit = named(BASELINES, name, "baseline").load()
    return fit(matrix, facts, threads=threads, **settings)


def fit_popularity(matrix: csr_matrix, facts: dict[str, Any], *, threads: int = 1) -> Popularity:
    """In one thread; equally popular tracks tie."""
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1])
    return Popularity(torch.from_numpy(counts.astype(np.float32)), facts)


@WITH_ONE_BLAS_THREAD
def fit_item_knn(
    matrix: csr_matrix, facts: dict[str, Any], *, neighbours: int, shrinkage: float, threads: int = 1
) -> ItemKNN:
    """``matrix``: [P, T] float32 of ones; ``neighbours``: K, ``shrinkage``: lambda in ``ItemKNN``.

    The entries factorise into a playlist x track matrix times itself, so that implicit's search of the K
    largest of each row is exact; at shrinkage 0 the matrix is that of its CosineRecommender.
    """
    degree = np.bincount(matrix.indices, minlength=matrix.shape[1])
    weights = 1 / np.sqrt(degree[matrix.indices] + shrinkage)
    return ItemKNN(*_nearest(matrix, weights, neighbours, threads), facts)


@WITH_ONE_BLAS_THREAD
def fit_rp3b(
    matrix: csr_matrix,
    facts: dict[str, Any],
    *,
    neighbours: int,
    power: float,
    penalty: float,
    threads: int = 1,
) -> RP3b:
    r"""RP3β (Paudel et al. 2017), the chance that a walk from a track over a playlist ends at another:

    .. math:: w_{it} = \frac{1}{d_t^\beta} \sum_{p \ni i, t} \Big(\frac{1}{d_i d_p}\Big)^\alpha
        \text{ for the K largest of row } i, \text{ else } 0

    less where the other one is popular. ``neighbours``: K, a track itself among them; ``power``: alpha;
    ``penalty``: beta. d are the degrees of tracks and of playlists in ``matrix``, [P, T] float32 of ones.
    """
    length, degree = np.diff(matrix.indptr), np.bincount(matrix.indices, minlength=matrix.shape[1])
    # The search wants a matrix times itself, in which row i has a factor d_i^-beta in place of d_i^-alpha:
    # that changes nothing of its order, and is put right below.
    weights = np.repeat(length, length) ** (-power / 2) * degree[matrix.indices] ** -float(penalty)
    rowptr, cols, values = _nearest(matrix, weights, neighbours, threads)
    row = torch.from_numpy(np.maximum(degree, 1) ** float(penalty - power)).float()
    return RP3b(rowptr, cols, values * row.repeat_interleave(rowptr.diff()), facts)


def _nearest(
    matrix: csr_matrix, weights: np.ndarray, neighbours: int, threads: int
) -> tuple[Tensor, Tensor, Tensor]:
    """CSR, as in ``ItemKNN``, of the largest of each row of X^T X, where X has ``weights`` for the ones."""
    from implicit.nearest_neighbours import ItemItemRecommender  # slow to import, and not needed to score

    model = ItemItemRecommender(K=min(neighbours, matrix.shape[1]), num_threads=threads)
    model.fit(csr_matrix((weights, matrix.indices, matrix.indptr), matrix.shape), show_progress=False)
    similar = model.similarity
    similar.eliminate_zeros()
    similar.sort_indices()
    return (
        torch.from_numpy(similar.indptr.astype(np.int64)),
        torch.from_numpy(similar.indices.astype(np.int32)),
        torch.from_numpy(similar.data.astype(np.float32)),
    )


@WITH_ONE_BLAS_THREAD
def fit_als(
    matrix: csr_matrix,
    facts: dict[str, Any],
    *,
    factors: int,
    regularization: float,
    confidence: float,
    iterations: int,
    seed: int,
    threads: int = 1,
) -> ALS:
    """``matrix``: [P, T] float32 of ones; ``seed``: of the first factors; the others as implicit's own."""
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=factors,
        regularization=regularization,
        alpha=confidence,
        iterations=iterations,
        num_threads=threads,
        random_state=seed,
    )
    model.fit(matrix, show_progress=False)
    return ALS(torch.from_numpy(model.item_factors), regularization, confidence, facts)


def fit_ease(
    matrix: csr_matrix, facts: dict[str, Any], *, l2: float, max_tracks: int, threads: int = 1
) -> EASE:
    r"""The weights that reconstruct ``matrix`` X, [P, T] of ones, best with an L2 penalty and no diagonal:

    .. math:: G = X^\top X + \lambda I, \quad P = G^{-1}, \quad B_{ij} = -P_{ij} / P_{jj}, \quad B_{ii} = 0

    In float64, 8 bytes for each pair of tracks. Raises SegueError for more than ``max_tracks`` tracks.
    """
    num_tracks = matrix.shape[1]
    if num_tracks > max_tracks:
        raise SegueError(
            "EASE is a dense matrix of tracks x tracks, and the graph has too many.",
            where="baselines.ease.max_tracks",
            found=f"{num_tracks:,} tracks, {12 * num_tracks**2 / 1e9:,.0f} GB of memory",
            expected=f"at most {max_tracks:,}",
            fix="take ease out of baselines.names, raise the limit, or raise graph.k_core",
        )
    gram = _gram(matrix)
    np.fill_diagonal(gram, gram.diagonal() + l2)
    # In place: LAPACK reads by columns, so the transpose of the rows is what it wants.
    with threadpool_limits(threads, "blas"):
        factor, failed = dpotrf(gram.T, lower=1, clean=0, overwrite_a=1)
        inverse, singular = dpotri(factor, lower=1, overwrite_c=1)
    if failed or singular:
        raise SegueError(
            "EASE has no solution.",
            where="baselines.ease.l2",
            found=f"{l2:g}, with which the matrix is singular",
            expected="a larger penalty",
        )
    diagonal = inverse.diagonal()
    weights = np.empty(gram.shape, np.float32)
    for row in range(num_tracks):  # of the lower triangle that LAPACK gives, both halves
        weights[row, :row] = inverse[row, :row]
        weights[row, row:] = inverse[row:, row]
    weights /= -diagonal.astype(np.float32)
    np.fill_diagonal(weights, 0)
    return EASE(torch.from_numpy(weights), facts)


def _gram(matrix: csr_matrix) -> np.ndarray:
    """[T, T] float64, X^T X, made of as many rows at a time as keep the sparse product small."""
    transpose, gram = matrix.T.tocsr(), np.empty((matrix.shape[1],) * 2)
    for start in range(0, len(gram), 256):
        gram[start : start + 256] = (transpose[start : start + 256] @ matrix).toarray()
    return gram
