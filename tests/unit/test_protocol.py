import pytest
import torch

from segue.errors import SegueError
from segue.evaluate.protocol import evaluate, evaluate_scorer
from segue.graph.split import Split
from segue.scorers.fit import fit_baseline


@pytest.fixture
def split():
    train = torch.tensor([[0, 1, 2, 0, 1], [2, 2, 2, 1, 0]])
    validation, test = torch.tensor([[2], [1]]), torch.tensor([[2, 1], [0, 3]])
    return Split(3, 5, train, train, validation, test)


def test_some_playlists_alone(split):
    embeddings = torch.ones(3, 1), torch.tensor([[-2.0], [-1.0], [0.0], [-3.0], [-4.0]])
    alone = evaluate(split, *embeddings, k=[1, 2], seed=0, max_playlists=1)
    # Either playlist 1 (track 3 found second) or 2 (track 0 found first).
    assert alone["mrr"] in ({"value": 0.5, "playlists": 1}, {"value": 1.0, "playlists": 1})
    assert evaluate(split, *embeddings, k=[1, 2], seed=0, max_playlists=9) == evaluate(
        split, *embeddings, k=[1, 2], seed=0
    )


@pytest.mark.parametrize("block_mb", [0, 16])
def test_what_each_playlist_got_by_its_index(split, block_mb):
    embeddings = torch.ones(3, 1), torch.tensor([[-2.0], [-1.0], [0.0], [-3.0], [-4.0]])
    every = []
    metrics = evaluate(split, *embeddings, k=[1, 2], seed=0, block_mb=block_mb, each=every.append)
    found = {name: torch.cat([block[name] for block in every]).tolist() for name in every[0]}
    assert found.pop("playlist") == [1, 2]  # 0 has nothing to find
    assert found["mrr"] == [0.5, 1.0]
    assert (found["recall@1"], found["precision@2"]) == ([0.0, 1.0], [0.5, 0.5])
    assert {name: sum(values) / 2 for name, values in found.items()} == {
        name: metrics[name]["value"] for name in found
    }
    one = []
    alone = evaluate(split, *embeddings, k=[1, 2], seed=0, max_playlists=1, each=one.append)
    assert alone["mrr"]["value"] == found["mrr"][one[0]["playlist"].item() - 1]


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


def test_a_cut_off_that_ranks_every_track_and_more_tells_no_models_apart(split):
    scorer = fit_baseline("popularity", split.train_and_validation, (3, 5), {}, {})
    for test in (
        lambda k: evaluate(split, torch.zeros(3, 2), torch.zeros(5, 2), k=k, seed=0),
        lambda k: evaluate_scorer(split, scorer, k=k, seed=0),
    ):
        assert test([1, 5])["recall@5"]["value"] == 1.0
        with pytest.raises(SegueError, match=r"fewer tracks than the metrics rank[\s\S]*K = 6, and 5 tracks"):
            test([6])
