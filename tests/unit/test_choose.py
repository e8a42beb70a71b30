import dataclasses

import pytest
import torch

from segue.evaluate.choose import candidates, choose_settings
from segue.evaluate.protocol import evaluate, evaluate_scorer
from segue.graph.split import Split, split_edges
from segue.nn.pattern import Pattern
from segue.scorers.fit import fit_baseline

GRID = {"neighbours": [1, 4, 25], "shrinkage": [0, 5.0]}


def blocks(seed=0):
    """Playlists of two tastes, each with half of the tracks, and a little noise."""
    generator = torch.Generator().manual_seed(seed)
    own = torch.arange(60)[:, None] % 2 == torch.arange(30)[None] % 2
    keep = torch.rand(60, 30, generator=generator) < torch.where(own, 0.6, 0.05)
    return split_edges(keep.nonzero().T.contiguous(), seed=seed)


def test_candidates_are_all_combinations():
    assert candidates({"a": [1, 2], "b": [3, 4], "c": 5}) == [
        {"a": a, "b": b, "c": 5} for a in (1, 2) for b in (3, 4)
    ]
    assert candidates({}) == [{}]


def test_the_best_by_validation_is_chosen():
    """Its recalls are those of a test whose test edges are the validation edges."""
    split = blocks()
    choice = choose_settings("knn", split, GRID, 5)
    nothing = split.test[:, :0]
    asked = dataclasses.replace(split, validation=nothing, test=split.validation)
    shape = split.num_playlists, split.num_tracks
    for tried in choice["candidates"]:
        settings = {name: tried[name] for name in GRID}
        scorer = fit_baseline("knn", split.all_train, shape, settings, {})
        recall = evaluate_scorer(asked, scorer, k=[5], seed=0)["recall@5"]["value"]
        assert tried["validation_recall"] == pytest.approx(recall)
    assert len(choice["candidates"]) == 6
    best = max(choice["candidates"], key=lambda tried: tried["validation_recall"])
    assert choice["settings"] | {"validation_recall": best["validation_recall"]} == best
    assert choice["recall_k"] == 5
    recalls = {tried["validation_recall"] for tried in choice["candidates"]}
    assert len(recalls) > 2


def test_test_edges_have_no_say():
    split = blocks()
    others = dataclasses.replace(split, test=torch.tensor([[0], [0]]))
    assert choose_settings("knn", split, GRID, 5) == choose_settings("knn", others, GRID, 5)


def test_of_equal_candidates_the_first_is_chosen():
    choice = choose_settings("knn", blocks(), {"neighbours": [30, 31, 40], "shrinkage": [0]}, 5)
    assert choice["settings"] == {"neighbours": 30, "shrinkage": 0}


def test_a_single_candidate_is_measured_too():
    settings = {"neighbours": 4, "shrinkage": 0}
    (alone,) = choose_settings("knn", blocks(), {key: [value] for key, value in settings.items()}, 5)[
        "candidates"
    ]
    assert alone in choose_settings("knn", blocks(), GRID, 5)["candidates"]


def test_some_playlists_alone():
    split = blocks()
    some = choose_settings("knn", split, GRID, 5, max_playlists=10, seed=1)
    assert some == choose_settings("knn", split, GRID, 5, max_playlists=10, seed=1)
    every = choose_settings("knn", split, GRID, 5)
    assert some["candidates"] != every["candidates"]
    assert choose_settings("knn", split, GRID, 5, max_playlists=99) == every


def test_scores_by_embeddings_are_tested_as_the_embeddings_are():
    """ALS's factors of the playlists and tracks, block by block and as two matrices."""
    split = blocks()
    shape = split.num_playlists, split.num_tracks
    settings = {"factors": 4, "regularization": 0.1, "confidence": 5.0, "iterations": 5, "seed": 1}
    scorer = fit_baseline("als", split.train_and_validation, shape, settings, {})
    given = Pattern.from_edges(*split.train_and_validation, shape)
    expected = evaluate(split, scorer.embed(given), scorer.tracks, k=[3, 10], seed=2)
    del expected["bpr_loss"]
    for block_mb in (1, 16):
        metrics = evaluate_scorer(split, scorer, k=[3, 10], seed=2, block_mb=block_mb)
        assert metrics.keys() == expected.keys()
        for name, result in expected.items():
            assert metrics[name] == pytest.approx(result, abs=1e-6)


@pytest.fixture
def by_hand():
    train = torch.tensor([[0, 1, 2, 0, 1], [2, 2, 2, 1, 0]])
    validation, test = torch.tensor([[2], [1]]), torch.tensor([[2, 1], [0, 3]])
    return Split(3, 5, train, train, validation, test)


def popularity(split):
    return fit_baseline("popularity", split.train_and_validation, (3, 5), {}, {})


def test_popularity_by_hand(by_hand):
    metrics = evaluate_scorer(by_hand, popularity(by_hand), k=[1, 2], seed=0)
    # Playlist 2 has 2 and 1 masked: 0 comes first. Playlist 1 has 2 and 0 masked: 1, then 3 and 4,
    # which nobody has, in either order.
    assert metrics["recall@1"] == {"value": 0.5, "playlists": 2}
    assert metrics["recall@2"]["value"] == (1 + 1 / 2) / 2
    assert metrics["mrr"]["value"] == pytest.approx((1 + (1 / 2 + 1 / 3) / 2) / 2)
    assert "bpr_loss" not in metrics


def test_popularity_of_some_playlists_counts_all(by_hand):
    scorer = popularity(by_hand)
    alone = evaluate_scorer(by_hand, scorer, k=[1, 2], seed=0, max_playlists=1)
    # Either playlist 1 (track 3 found second or third) or 2 (track 0 found first).
    assert alone["mrr"] in ({"value": (1 / 2 + 1 / 3) / 2, "playlists": 1}, {"value": 1.0, "playlists": 1})
    every = evaluate_scorer(by_hand, scorer, k=[1, 2], seed=0)
    assert evaluate_scorer(by_hand, scorer, k=[1, 2], seed=0, max_playlists=9) == every
