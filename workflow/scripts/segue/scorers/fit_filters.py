r"""Fitting of the scorers that are filters of the graph: powers of degrees, and a few eigenpairs.

With R the [P, T] matrix of the edges, D_P and D the degrees of its playlists and tracks, they are made of

.. math:: \tilde R = D_P^{-1/2} R D^{-1/2}, \qquad \tilde P = \tilde R^\top \tilde R

whose eigenvalues lie in [0, 1]. A track without edges is never scored, and adds nothing: its powers are 0.
All run in torch's number of threads, whatever ``threads`` says.
"""

from typing import Any

import torch
from scipy.sparse import csr_matrix
from torch import Tensor

from segue.nn.pattern import Pattern
from segue.nn.sparse import spmm
from segue.scorers.filters import GFCF, GraphFilter

OVERSAMPLED = 16  # columns of the random start that are let go at the end (Halko et al. 2011, 4.2)


def fit_filter(
    matrix: csr_matrix,
    facts: dict[str, Any],
    *,
    before: float,
    after: float,
    rank: int,
    gain: float,
    cut: float,
    iterations: int,
    seed: int,
    threads: int = 1,
) -> GraphFilter:
    r"""Two hops, whose ``rank`` strongest frequencies (V, lambda) are cut and lifted:

    .. math:: s = x D^{-a} \big[\tilde P + V\, \mathrm{diag}(\beta + \min(\lambda, \lambda_c) - \lambda)\,
        V^\top\big] D^c

    ``before``: a, ``after``: c, ``gain``: beta, ``cut``: lambda_c. At rank 0 it is two hops alone, with
    a = c = 1/2 :math:`x D^{-1/2} \tilde P D^{1/2}`. ``iterations`` and ``seed``: of ``eigenpairs``, whose V
    and lambda a few iterations leave unconverged, so that their number is a setting like the others.
    """
    playlists = _playlists(matrix)
    degree = playlists.T.degree
    values, vectors = eigenpairs(playlists, rank, iterations=iterations, seed=seed)
    weights = gain + values.clamp(max=cut) - values
    return GraphFilter(
        playlists.rowptr,
        playlists.cols,
        _power(degree, -before - 0.5),
        _power(degree, after - 0.5),
        vectors * weights * _power(degree, -before)[:, None],
        vectors * _power(degree, after)[:, None],
        facts,
    )


def fit_gfcf(
    matrix: csr_matrix,
    facts: dict[str, Any],
    *,
    rank: int,
    gain: float,
    iterations: int,
    seed: int,
    threads: int = 1,
) -> GFCF:
    r"""GF-CF (Shen et al. 2021, "How powerful is graph convolution for recommendation?"):

    .. math:: s = x \big(\tilde P + \alpha D^{-1/2} V V^\top D^{1/2}\big)

    ``gain``: its alpha; ``rank``: columns of V, 256 in the paper.
    """
    playlists = _playlists(matrix)
    degree = playlists.T.degree
    _, vectors = eigenpairs(playlists, rank, iterations=iterations, seed=seed)
    return GFCF(
        playlists.rowptr,
        playlists.cols,
        _power(degree, -0.5),
        _power(degree, -0.5),
        vectors * gain * _power(degree, -0.5)[:, None],
        vectors * _power(degree, 0.5)[:, None],
        facts,
    )


def eigenpairs(playlists: Pattern, rank: int, *, iterations: int, seed: int) -> tuple[Tensor, Tensor]:
    r"""The ``rank`` largest eigenvalues of :math:`\tilde P`, [k] falling, and their vectors [T, k], float32.

    By subspace iteration from a random start (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.3):
    each of the ``iterations`` multiplies by it once and orthonormalises. k is at most T. ``playlists``: R.
    The same bits for one ``seed`` and one number of torch's threads.
    """
    num_tracks = playlists.shape[1]
    rank, width = min(rank, num_tracks), min(rank + OVERSAMPLED, num_tracks)
    if rank == 0:
        return torch.empty(0), torch.empty(num_tracks, 0)
    weights, transposed = (side.weights(0.5, 0.5, torch.float32) for side in (playlists, playlists.T))
    start = torch.randn(num_tracks, width, generator=torch.Generator().manual_seed(seed))
    basis = torch.linalg.qr(start).Q
    for _ in range(iterations):
        basis = torch.linalg.qr(spmm(playlists.T, transposed, spmm(playlists, weights, basis))).Q
    image = spmm(playlists, weights, basis).double()
    values, rotation = torch.linalg.eigh(image.T @ image)
    values, rotation = values.flip(0)[:rank], rotation.flip(1)[:, :rank]
    return values.float(), basis @ rotation.float()


def _playlists(matrix: csr_matrix) -> Pattern:
    rows, cols = (torch.from_numpy(indices) for indices in matrix.nonzero())
    return Pattern.from_edges(rows, cols, matrix.shape)


def _power(degree: Tensor, exponent: float) -> Tensor:
    """[n] float32, 0 for degree 0."""
    return degree.float().pow(exponent).where(degree > 0, 0)
