import pytest
import torch

from segue.evaluation import evaluate, popularity_embeddings
from segue.split import Split


@pytest.fixture
def split():
    train = torch.tensor([[0, 1, 2, 0, 1], [2, 2, 2, 1, 0]])
    validation, test = torch.tensor([[2], [1]]), torch.tensor([[2, 1], [0, 3]])
    return Split(3, 5, train, train, validation, test)


def test_popularity_counts_train_and_validation_edges(split):
    playlists, tracks = popularity_embeddings(split)
    # Tracks 2 (3 edges), 1 (2), 0 (1), then 3 and 4 in the order of their index.
    assert (playlists @ tracks.T).argsort(dim=1, descending=True).tolist() == [[2, 1, 0, 3, 4]] * 3


def test_popularity_by_hand(split):
    metrics = evaluate(split, *popularity_embeddings(split), k=[1, 2], seed=0)
    # Playlist 2 has 2 and 1 masked: 0 comes first. Playlist 1 has 2 and 0 masked: 1, then 3.
    assert metrics["recall@1"] == {"value": 0.5, "playlists": 2}
    assert metrics["recall@2"]["value"] == 1.0
    assert metrics["mrr"]["value"] == 0.75


def test_some_playlists_alone(split):
    embeddings = popularity_embeddings(split)
    alone = evaluate(split, *embeddings, k=[1, 2], seed=0, max_playlists=1)
    # Either playlist 1 (track 3 found second) or 2 (track 0 found first).
    assert alone["mrr"] in ({"value": 0.5, "playlists": 1}, {"value": 1.0, "playlists": 1})
    assert evaluate(split, *embeddings, k=[1, 2], seed=0, max_playlists=9) == evaluate(
        split, *embeddings, k=[1, 2], seed=0
    )


def test_perfect_and_useless_scores(split):
    tracks = torch.eye(5)
    perfect = torch.zeros(3, 5)
    perfect[tuple(split.test)] = 1.0
    metrics = evaluate(split, perfect, tracks, k=[1], seed=0)
    assert (
        metrics["recall@1"]["value"] == metrics["r_precision"]["value"] == metrics["roc_auc"]["value"] == 1.0
    )
    useless = evaluate(split, torch.zeros(3, 5), tracks, k=[1], seed=0)
    assert useless["roc_auc"]["value"] == 0.5
    assert useless["bpr_loss"]["value"] == pytest.approx(0.693147, abs=1e-6)
