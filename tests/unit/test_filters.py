import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_baselines import SEEDS, SHAPE, dense, fit, pattern, random_edges

from segue.nn.pattern import Pattern
from segue.scorers import filters
from segue.scorers.fit_filters import eigenpairs

CONVERGED = {"rank": 4, "iterations": 200}
EXPONENTS = st.sampled_from([-0.25, 0.0, 0.3, 0.5, 1.0])


def powers(degree, exponent):
    """As a diagonal, 0 where nothing is."""
    with np.errstate(divide="ignore"):
        return np.diag(np.where(degree > 0, degree**exponent, 0.0))


def normalised(matrix):
    return powers(matrix.sum(1), -0.5) @ matrix @ powers(matrix.sum(0), -0.5)


def spectrum(matrix, rank):
    values, vectors = np.linalg.eigh(normalised(matrix).T @ normalised(matrix))
    return values[::-1][:rank], vectors[:, ::-1][:, :rank]


def all_scores(model, edges):
    return model.scores(Pattern.from_edges(*edges, SHAPE)).numpy()


@given(EXPONENTS, EXPONENTS, st.sampled_from([0.0, 0.2]), st.sampled_from([0.3, 1.0]), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_filter_is_the_dense_formula(a, c, gain, cut, seed):
    edges = random_edges(seed)
    matrix = dense(edges)
    degree, hops = matrix.sum(0), normalised(matrix).T @ normalised(matrix)
    values, vectors = spectrum(matrix, 4)
    lifted = vectors @ np.diag(gain + np.minimum(values, cut) - values) @ vectors.T
    expected = matrix @ powers(degree, -a) @ (hops + lifted) @ powers(degree, c)
    model = fit("filter", edges, before=a, after=c, gain=gain, cut=cut, **CONVERGED)
    np.testing.assert_allclose(all_scores(model, edges), expected, rtol=1e-4, atol=1e-5)


def test_gf_cf_is_its_paper_s_formula():
    edges = random_edges()
    matrix = dense(edges)
    degree, (_, vectors) = matrix.sum(0), spectrum(matrix, 4)
    ideal = powers(degree, -0.5) @ vectors @ vectors.T @ powers(degree, 0.5)
    expected = matrix @ (normalised(matrix).T @ normalised(matrix) + 0.3 * ideal)
    np.testing.assert_allclose(
        all_scores(fit("gfcf", edges, **CONVERGED), edges), expected, rtol=1e-4, atol=1e-5
    )


def test_two_hops_alone_by_hand():
    """Playlists {0, 1} and {0, 2, 3}. From 1 at 1: to 0 and 1 over the first one, half each."""
    edges = torch.tensor([[0, 0, 1, 1, 1], [0, 1, 0, 2, 3]])
    two = {"rank": 0, "before": 0.5, "after": 0.5}
    scores = fit("filter", edges, (2, 5), **two).scores(pattern([1], [0], [], [4], num_tracks=5))
    expected = [
        [1 / 2, 1 / 2, 0, 0, 0],
        [(1 / 2 + 1 / 3) / 2, 1 / 4, 1 / 6, 1 / 6, 0],
        [0] * 5,
        [0] * 5,  # in no playlist
    ]
    assert scores.tolist() == [pytest.approx(row) for row in expected]


def test_a_filter_that_changes_no_frequency_is_two_hops_alone():
    edges = random_edges()
    plain, same = (fit("filter", edges, rank=rank, gain=0.0, cut=1.0) for rank in (0, 4))
    np.testing.assert_allclose(all_scores(plain, edges), all_scores(same, edges), rtol=1e-6)


def test_more_playlists_than_go_over_the_edges_at_a_time(monkeypatch):
    model = fit("filter")
    expected = model.scores(pattern(*SEEDS))
    monkeypatch.setattr(filters, "COLUMNS", 3)
    torch.testing.assert_close(model.scores(pattern(*SEEDS)), expected)


def test_eigenpairs_fall_and_are_orthonormal_before_they_converge():
    edges = random_edges()
    playlists = Pattern.from_edges(*edges, SHAPE)
    exact, _ = spectrum(dense(edges), 5)
    values, vectors = eigenpairs(playlists, 5, iterations=0, seed=3)
    torch.testing.assert_close(vectors.T @ vectors, torch.eye(5), rtol=0, atol=1e-5)
    assert (values.diff() <= 0).all()
    assert (values.numpy() <= exact + 1e-6).all()  # Ritz values are never above the eigenvalues
    later, _ = eigenpairs(playlists, 5, iterations=100, seed=3)
    np.testing.assert_allclose(later, exact, rtol=1e-5)
    assert later[0] == pytest.approx(1)  # of a connected graph's own frequency


def test_no_more_eigenpairs_than_tracks():
    edges = random_edges()
    values, vectors = eigenpairs(Pattern.from_edges(*edges, SHAPE), 99, iterations=1, seed=0)
    assert (values.shape, vectors.shape) == ((30,), (30, 30))
    np.testing.assert_allclose(values, spectrum(dense(edges), 30)[0], atol=1e-5)


def test_another_seed_starts_elsewhere():
    first, second = (fit("filter", iterations=0, seed=seed).right for seed in (1, 2))
    assert not torch.allclose(first, second)
