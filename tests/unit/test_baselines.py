import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from safetensors.torch import save_file
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from segue.errors import SegueError
from segue.nn.pattern import Pattern
from segue.run.registry import BASELINES
from segue.scorers import baselines as item_knn
from segue.scorers.baselines import ALS
from segue.scorers.fit import fit_baseline
from segue.scorers.load import load_scorer

SETTINGS = {
    "popularity": {},
    "knn": {"neighbours": 6, "shrinkage": 3.0},
    "als": {"factors": 5, "regularization": 0.5, "confidence": 4.0, "iterations": 3, "seed": 1},
    "ease": {"l2": 2.5, "max_tracks": 30},
    "rp3b": {"neighbours": 6, "power": 0.8, "penalty": 0.3},
    "gfcf": {"rank": 4, "gain": 0.3, "iterations": 2, "seed": 1},
    "filter": {
        "before": 0.2,
        "after": 0.4,
        "rank": 4,
        "gain": 0.1,
        "cut": 0.5,
        "iterations": 2,
        "seed": 1,
    },
}
SHAPE = 40, 30
FACTS = {"model": "x", "catalogue": "abc"}


def random_edges(seed=0, shape=SHAPE, density=0.2):
    """Track 7 and playlist 3 are on no edge."""
    keep = torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < density
    keep[3] = keep[:, 7] = False
    return keep.nonzero().T.contiguous()


def dense(edges, shape=SHAPE):
    matrix = np.zeros(shape)
    matrix[tuple(edges.numpy())] = 1
    return matrix


def fit(name, edges=None, shape=SHAPE, threads=1, **changes):
    edges = random_edges() if edges is None else edges
    return fit_baseline(name, edges, shape, SETTINGS[name] | changes, FACTS, threads)


def pattern(*given, num_tracks=SHAPE[1]):
    rows = [row for row, tracks in enumerate(given) for _ in tracks]
    cols = [track for tracks in given for track in tracks]
    shape = len(given), num_tracks
    return Pattern.from_edges(torch.tensor(rows).long(), torch.tensor(cols).long(), shape)


SEEDS = [2, 9, 21], [], [9], list(range(0, 30, 2))


def test_popularity_counts_edges_and_equals_tie():
    edges = torch.tensor([[0, 1, 2, 0, 1, 2], [2, 2, 2, 1, 0, 1]])
    scores = fit("popularity", edges, (3, 5)).scores(pattern([2], [], num_tracks=5))
    # Whatever the given; that nobody has 3 and 4 makes neither the better.
    assert scores.tolist() == [[1, 2, 3, 0, 0]] * 2


@given(shrinkage=st.sampled_from([0.0, 1.0, 20.0]), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_neighbours_are_the_most_similar_by_the_dense_formula(shrinkage, seed):
    edges = random_edges(seed)
    matrix = dense(edges)
    common, degree = matrix.T @ matrix, matrix.sum(0) + shrinkage
    with np.errstate(invalid="ignore"):
        similar = np.nan_to_num(common / np.sqrt(np.outer(degree, degree)))
    model = fit("knn", edges, neighbours=6, shrinkage=shrinkage)
    rows = model.scores(pattern(*([track] for track in range(30)))).numpy()
    assert (rows > 0).sum(axis=1).tolist() == np.minimum((similar > 0).sum(axis=1), 6).tolist()
    kept = rows > 0
    np.testing.assert_allclose(rows[kept], similar[kept], rtol=1e-6)
    # Which of equal ones are kept is open; how similar the K nearest are is not.
    np.testing.assert_allclose(np.sort(rows)[:, -6:], np.sort(similar)[:, -6:], rtol=1e-6)


def test_shrinkage_lets_common_tracks_overtake_rare_ones():
    """Track 1 is on the one playlist that it shares with 0; track 2 on 3 of 4 with 0."""
    edges = torch.tensor([[0, 1, 2, 3, 0, 1, 2, 3], [0, 0, 0, 0, 1, 2, 2, 2]])
    near = pattern([0], num_tracks=3)
    for shrinkage, expected in ((0, [1, 1 / 2, 3 / 12**0.5]), (5, [4 / 9, 1 / 54**0.5, 3 / 72**0.5])):
        scores = fit("knn", edges, (4, 3), neighbours=3, shrinkage=shrinkage).scores(near)
        assert scores[0].tolist() == pytest.approx(expected)


def test_similarities_of_the_seeds_are_added(monkeypatch):
    model = fit("knn")
    single = model.scores(pattern(*([track] for track in range(30))))
    expected = torch.stack([single[tracks].sum(0) for tracks in SEEDS])
    scores = model.scores(pattern(*SEEDS))
    torch.testing.assert_close(scores, expected)
    assert scores[1].tolist() == [0] * 30
    monkeypatch.setattr(item_knn, "ENTRIES", 5)  # a row at a time, as on a large graph
    assert torch.equal(model.scores(pattern(*SEEDS)), scores)


@given(
    power=st.sampled_from([0.5, 1.0, 1.7]), penalty=st.sampled_from([0.0, 0.4, 1.0]), seed=st.integers(0, 99)
)
@settings(max_examples=20, deadline=None)
def test_rp3b_is_the_walk_by_the_dense_formula(power, penalty, seed):
    edges = random_edges(seed)
    matrix = dense(edges)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_tracks = np.nan_to_num(matrix.T / matrix.sum(0)[:, None]) ** power
        of_playlists = np.nan_to_num(matrix / matrix.sum(1)[:, None]) ** power
        walk = np.nan_to_num(of_tracks @ of_playlists / matrix.sum(0) ** penalty)
    rows = fit("rp3b", edges, power=power, penalty=penalty).scores(pattern(*([track] for track in range(30))))
    kept = rows.numpy() > 0
    np.testing.assert_allclose(rows[kept], walk[kept], rtol=1e-5)
    np.testing.assert_allclose(np.sort(rows)[:, -6:], np.sort(walk)[:, -6:], rtol=1e-5)


def test_popular_tracks_lose_by_the_penalty():
    """From 0 a walk ends at 1 or 2 as often; 2 has four playlists, 1 has one."""
    edges = torch.tensor([[0, 0, 1, 1, 2, 3, 4], [0, 1, 0, 2, 2, 2, 2]])
    for penalty, expected in ((0.0, [1 / 2, 1 / 4, 1 / 4]), (1.0, [1 / 4, 1 / 4, 1 / 16])):
        scores = fit("rp3b", edges, (5, 3), power=1.0, penalty=penalty).scores(pattern([0], num_tracks=3))
        assert scores[0].tolist() == pytest.approx(expected)


@pytest.mark.filterwarnings("ignore:Method expects CSR input")  # of what it makes itself
def test_without_shrinkage_the_scores_are_those_of_implicit():
    edges = random_edges()
    matrix = csr_matrix(dense(edges))
    theirs = CosineRecommender(K=6, num_threads=1)
    with threadpool_limits(1, "blas"):
        theirs.fit(matrix, show_progress=False)
    ids, scores = theirs.recommend(np.arange(40), matrix, N=5)
    ours = fit("knn", edges, shrinkage=0.0).scores(Pattern.from_edges(*edges, SHAPE)).numpy()
    real = ids >= 0
    real &= scores > 0
    assert real.sum() > 150
    np.testing.assert_allclose(ours[np.nonzero(real)[0], ids[real]], scores[real], rtol=1e-5)


@pytest.mark.parametrize("confidence", [1.0, 4.0])
def test_als_folds_playlists_in_as_implicit_does(confidence):
    edges = random_edges()
    matrix = csr_matrix(dense(edges).astype(np.float32))
    with threadpool_limits(1, "blas"):
        theirs = AlternatingLeastSquares(5, 0.5, confidence, iterations=3, num_threads=1, random_state=1)
        theirs.fit(matrix, show_progress=False)
        expected = theirs.recalculate_user(np.arange(40), matrix)
    ours = fit("als", edges, confidence=confidence)
    given = Pattern.from_edges(*edges, SHAPE)
    np.testing.assert_array_equal(ours.tracks, theirs.item_factors)
    np.testing.assert_allclose(ours.embed(given), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours.scores(given), expected @ theirs.item_factors.T, rtol=1e-4, atol=1e-5)
    assert ours.scores(pattern([]))[0].tolist() == [0] * 30


def test_als_of_one_factor_by_hand():
    """Tracks 1 and 2; with confidence 3 and lambda 1: (1 + 4 + 1 + 2 * 4) x = 3 * 2 for the second alone."""
    model = ALS(torch.tensor([[1.0], [2.0]]), 1.0, 3.0, FACTS)
    assert model.embed(pattern([1], num_tracks=2)).item() == pytest.approx(6 / 14)
    assert model.scores(pattern([1], num_tracks=2))[0].tolist() == pytest.approx([6 / 14, 12 / 14])


def test_ease_is_steck_s_closed_form():
    edges = random_edges()
    matrix = dense(edges)
    inverse = np.linalg.inv(matrix.T @ matrix + 2.5 * np.eye(30))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    model = fit("ease", edges)
    np.testing.assert_allclose(model.weights, weights, rtol=1e-5, atol=1e-7)
    given = Pattern.from_edges(*edges, SHAPE)
    np.testing.assert_allclose(model.scores(given), matrix @ weights, rtol=1e-4, atol=1e-6)
    assert model.scores(pattern([]))[0].tolist() == [0] * 30


def test_ease_of_more_tracks_than_one_block_of_the_product():
    edges = random_edges(shape=(50, 600), density=0.1)
    matrix = dense(edges, (50, 600))
    inverse = np.linalg.inv(matrix.T @ matrix + 2.5 * np.eye(600))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    model = fit("ease", edges, (50, 600), max_tracks=600)
    np.testing.assert_allclose(model.weights, weights, rtol=1e-4, atol=1e-6)


def test_ease_of_too_many_tracks_names_the_settings():
    with pytest.raises(SegueError, match=r"max_tracks\n.*30 tracks.*\n.*at most 29\n.*baselines\.names"):
        fit("ease", max_tracks=29)


@pytest.mark.parametrize("name", BASELINES)
def test_a_playlist_s_scores_do_not_depend_on_the_others(name):
    model = fit(name)
    together = model.scores(pattern(*SEEDS))
    assert together.dtype == torch.float32
    for row, tracks in enumerate(SEEDS):
        torch.testing.assert_close(model.scores(pattern(tracks)), together[row : row + 1])
    together.fill_(-7)
    assert not (model.scores(pattern(*SEEDS)) == -7).any()  # the caller's to change


@pytest.mark.parametrize("name", BASELINES)
def test_files_are_the_same_bytes_each_time_and_hold_all(name, tmp_path):
    files = [tmp_path / f"{i}.safetensors" for i in range(3)]
    for path, threads in zip(files, (1, 1, 2), strict=True):
        fit(name, threads=threads).save(path)
    first, again, more_threads = (path.read_bytes() for path in files)
    assert first == again
    assert first == more_threads or name == "ease"
    loaded = load_scorer(files[0])
    assert type(loaded) is BASELINES[name].load_scorer()
    assert name == type(loaded).KIND
    assert (loaded.num_tracks, loaded.facts) == (30, FACTS)
    assert torch.equal(loaded.scores(pattern(*SEEDS)), fit(name).scores(pattern(*SEEDS)))


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ({"segue": json.dumps({"kind": "slim"})}, "'slim'"),
        ({"segue": json.dumps({})}, "KeyError: 'kind'"),
        ({"counts": "{}"}, "KeyError: 'segue'"),
        (None, "KeyError: 'segue'"),
    ],
)
def test_files_that_hold_no_scorer_are_named(about, found, tmp_path):
    path = tmp_path / "scorer.safetensors"
    save_file({"x": torch.zeros(1)}, path, metadata=about)
    with pytest.raises(SegueError) as error:
        load_scorer(path)
    assert (error.value.where, error.value.found) == (str(path), found)


def test_no_file_and_other_bytes_are_named(tmp_path):
    path = tmp_path / "scorer.safetensors"
    with pytest.raises(SegueError, match=r"no file of a scorer"):
        load_scorer(path)
    path.write_bytes(b"no tensors at all")
    with pytest.raises(SegueError, match=r"no file of a scorer"):
        load_scorer(path)
