import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from training_cases import SOFTMAX, run

from segue.errors import SegueError
from segue.evaluate.metrics import recall_at_k
from segue.evaluate.protocol import evaluate, evaluate_scorer
from segue.graph.split import split_edges
from segue.nn.encoder import Encoder
from segue.nn.negatives import RandomNegatives
from segue.nn.pattern import Graph, Pattern
from segue.nn.score import Score
from segue.run.registry import CONVOLUTIONS as CONVS
from segue.run.registry import LOSSES
from segue.scorers.fit import fit_baseline
from segue.train.graphs import embed
from segue.train.loop import best_epoch, choose_device, half, snapshot_epochs

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def split():
    """Two tastes: even playlists hold mostly even tracks, odd ones odd tracks."""
    generator = torch.Generator().manual_seed(0)
    same = (torch.arange(40)[:, None] + torch.arange(60)) % 2 == 0
    chance = torch.where(same, 0.5, 0.03)
    edges = (torch.rand(40, 60, generator=generator) < chance).nonzero().T.contiguous()
    return split_edges(edges, seed=1)


@pytest.mark.parametrize(
    ("conv", "sampler", "alpha"),
    list(itertools.product(CONVS, ("random", "hard", "softmax"), ("fixed", "learnable"))),
)
def test_every_model_learns_the_two_tastes(split, conv, sampler, alpha):
    trained = run(split, conv, sampler, alpha, epochs=30, seed=3)
    metrics = evaluate(split, trained.playlists, trained.tracks, k=[10], seed=0)
    shape = split.num_playlists, split.num_tracks
    scorer = fit_baseline("popularity", split.train_and_validation, shape, {}, {})
    popularity = evaluate_scorer(split, scorer, k=[10], seed=0)
    assert metrics["recall@10"]["value"] > 1.3 * popularity["recall@10"]["value"]
    assert metrics["roc_auc"]["value"] > 0.65
    # Not the train loss: that of hard negatives rises with their hardness.
    losses = [record.validation_loss for record in trained.history]
    assert min(losses) < 0.95 * losses[0]


def test_snapshots_are_what_validation_sees_and_change_nothing(split):
    plain, shot = run(split), run(split, snapshot_every=2)
    assert list(shot.snapshots) == [1, 2, 4, 5]
    assert shot.history == plain.history
    assert torch.equal(shot.playlists, plain.playlists)
    seen = embed(shot.model, Graph(split.all_train, split.num_playlists, split.num_tracks))[0]
    assert torch.equal(shot.snapshots[5], seen.half())
    early = run(split, epochs=5, snapshot_every=4)
    assert torch.equal(early.snapshots[4], shot.snapshots[4])
    assert not torch.equal(shot.snapshots[1], shot.snapshots[2])


@pytest.mark.parametrize(
    ("epochs", "every", "kept"),
    [
        (5, 2, [1, 2, 4, 5]),
        (4, 2, [1, 2, 4]),
        (3, 1, [1, 2, 3]),
        (3, 9, [1, 3]),
        (1, 9, [1]),
        (5, None, [5]),
    ],
)
def test_snapshot_epochs(epochs, every, kept):
    assert snapshot_epochs(epochs, every) == kept


def test_half_keeps_what_float16_cannot_hold_finite():
    assert half(torch.tensor([1e9, -1e9, 0.5])).tolist() == [65504.0, -65504.0, 0.5]


@pytest.mark.parametrize("conv", CONVS)
def test_learnable_alpha_changes_and_fixed_does_not(split, conv):
    fixed, learnable = (run(split, conv, alpha=alpha).history for alpha in ("fixed", "learnable"))
    assert all(record.layer_weights == pytest.approx([1 / 3] * 3) for record in fixed)
    moved = torch.tensor(learnable[-1].layer_weights) - 1 / 3
    assert moved.abs().min() > 1e-3


@pytest.mark.parametrize("conv", CONVS)
@pytest.mark.parametrize("sampler", ["random", "hard"])
def test_one_seed_gives_one_result(split, conv, sampler):
    first, second = (run(split, conv, sampler) for _ in range(2))
    assert first.history == second.history
    assert torch.equal(first.playlists, second.playlists)
    assert torch.equal(first.tracks, second.tracks)
    assert not torch.equal(run(split, conv, sampler, seed=2).tracks, first.tracks)


def test_the_global_generator_is_left_alone(split):
    before = torch.get_rng_state()
    run(split, "gat")
    assert torch.equal(torch.get_rng_state(), before)


def test_history(split):
    seen = []
    trained = run(split, report=seen.append)
    assert seen == trained.history
    assert [record.epoch for record in trained.history] == [1, 2, 3, 4, 5]
    # Every 2 epochs, and the last one.
    assert [record.validation_recall is not None for record in trained.history] == [
        False,
        True,
        False,
        True,
        True,
    ]
    model = trained.model.eval()
    playlists, tracks = (half.detach() for half in model(Graph(split.all_train, 40, 60)))
    known, held_out = (Pattern.from_edges(*edges, (40, 60)) for edges in (split.all_train, split.validation))
    assert trained.history[-1].validation_recall == recall_at_k(playlists, tracks, known, held_out, 10)


def test_final_embeddings_pass_messages_over_train_and_validation_edges(split):
    trained = run(split, "sage")
    playlists, tracks = trained.model.eval()(Graph(split.train_and_validation, 40, 60))
    assert torch.equal(trained.playlists, playlists)
    assert torch.equal(trained.tracks, tracks)
    assert not torch.allclose(trained.model(Graph(split.all_train, 40, 60))[0], playlists)


def test_training_never_sees_held_out_edges(split):
    """Whatever validation and test edges are, the weights are the same."""
    swapped = type(split)(
        split.num_playlists, split.num_tracks, split.train_message, split.train, split.test, split.validation
    )
    for sampler in ("random", "hard"):
        ours, theirs = (run(part, "sage", sampler).model.state_dict() for part in (split, swapped))
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize(("loss", "l2"), [("bpr", 0.0), ("bce", 0.5)])
def test_the_loop_is_the_plain_one(split, loss, l2):
    """Three steps written out: fresh gradients each time, negatives for the positives' playlists."""
    weights_seed, train_seed, _ = np.random.SeedSequence(1).generate_state(3).tolist()
    model = Encoder("lgc", 100, dim=8, layers=2, generator=torch.Generator().manual_seed(weights_seed))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    sampler = RandomNegatives(split.train, Pattern.from_edges(*split.train, (40, 60)))
    generator = torch.Generator().manual_seed(train_seed)
    losses = []
    for _ in range(3):
        z = torch.cat(model(Graph(split.train, 40, 60)))
        playlists, positives = split.train[0], split.train[1] + 40
        negatives = sampler.draw(generator) + 40
        scores = [(z[playlists] * z[tracks]).sum(1) for tracks in (positives, negatives)]
        value = LOSSES[loss].load()(*scores)
        losses.append(value.item())
        x = model.embedding
        squares = sum(x[nodes].square().sum() for nodes in (playlists, positives, negatives))
        optimizer.zero_grad()
        (value + l2 * squares / (2 * len(playlists))).backward()
        optimizer.step()
    trained = run(split, loss=loss, l2=l2, epochs=3)
    torch.testing.assert_close(trained.model.embedding, model.embedding, rtol=1e-4, atol=1e-5)
    assert [record.train_loss for record in trained.history] == pytest.approx(losses, rel=1e-5)


def test_l2_shrinks_the_input_embeddings(split):
    plain, decayed = (run(split, loss="bce", l2=l2, epochs=20).model.embedding.norm() for l2 in (0.0, 1.0))
    assert decayed < 0.9 * plain


def test_supervision_edges_set_apart_pass_no_messages(split):
    edges = torch.cat([split.train_and_validation, split.test], dim=1)
    apart = split_edges(edges, disjoint_train_ratio=0.5, seed=1)
    assert run(apart, "lgc").history[-1].validation_auc > 0.5


def test_a_loss_that_is_not_finite_stops_with_epoch_and_learning_rate(split):
    with pytest.raises(SegueError, match=r"no longer finite, at epoch \d+\.\n.*train\.lr 1e\+30"):
        run(split, lr=1e30, epochs=5)


def test_cuda_without_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto", gpu=1) == CPU
    with pytest.raises(SegueError, match=r"no CUDA GPU[\s\S]*torch sees no CUDA GPU on this machine"):
        choose_device("cuda", gpu=1)


def test_devices_with_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto", gpu=1).type == choose_device("cuda", gpu=1).type == "cuda"
    assert choose_device("auto", gpu=0) == choose_device("cpu", gpu=1) == CPU
    with pytest.raises(SegueError, match="--resources gpu=0"):
        choose_device("cuda", gpu=0)


def test_the_best_epoch_is_kept_and_is_what_a_shorter_training_ends_with(split):
    """Without decay the first epochs do not depend on how many follow."""
    plain = {"decay": "none", "refit": False, "recall_every": 1, "epochs": 12, "lr": 0.5}
    best = run(split, sampler="softmax", **plain)
    recalls = [record.validation_recall for record in best.history]
    assert best.epoch == 1 + recalls.index(max(recalls)) < 12
    shorter = run(split, sampler="softmax", **(plain | {"epochs": best.epoch, "keep": "last"}))
    for name, weights in shorter.model.state_dict().items():
        assert torch.equal(best.model.state_dict()[name], weights)
    assert (best.score, best.recall) == (shorter.score, shorter.recall)
    assert torch.equal(best.playlists, shorter.playlists)


def test_a_refit_is_a_training_on_train_and_validation_edges(split):
    """Of as many epochs as were kept; what validation saw stays as it was."""
    plain = {"decay": "none", "keep": "last", "epochs": 4}
    refitted = run(split, sampler="softmax", **plain)
    train = split.train_and_validation
    every = replace(split, train=train, train_message=train, validation=split.test)
    direct = run(every, sampler="softmax", refit=False, **plain)
    assert torch.equal(refitted.model.embedding, direct.model.embedding)
    alone = run(split, sampler="softmax", refit=False, **plain)
    assert torch.equal(refitted.validated.playlists, alone.validated.playlists)
    assert torch.equal(refitted.validated.weights["embedding"], alone.model.embedding)


def test_patience_ends_training_after_so_many_recalls_without_a_gain(split):
    plain = {"refit": False, "decay": "none", "recall_every": 2, "lr": 0.5, "epochs": 60}
    whole, ended = (run(split, sampler="softmax", patience=patience, **plain) for patience in (None, 3))
    assert len(ended.history) == ended.epoch + 3 * 2 < 60
    assert ended.history == whole.history[: len(ended.history)]
    assert best_epoch(ended.history) == ended.epoch


def test_linear_decay_ends_near_zero_and_starts_as_without(split):
    """Adam's first step of a weight is its learning rate, whatever the gradient."""
    before = run(split, epochs=1, lr=1e-30).model.embedding
    first = (run(split, epochs=1, lr=0.01, decay=decay).model.embedding for decay in ("none", "linear"))
    assert torch.equal(*first)
    moved = (run(split, epochs=2, until=until, lr=0.01, decay="linear").model.embedding for until in (1, 2))
    start, end = ((after - before).abs().max().item() for after in moved)
    assert start == pytest.approx(0.01, rel=1e-3)
    assert end <= 0.015 * 1.001


def test_until_ends_a_training_without_a_refit(split):
    trial = run(split, sampler="softmax", until=3)
    assert (len(trial.history), trial.epochs) == (3, 3)


@pytest.mark.parametrize("prior", [0.0, 0.5])
def test_the_score_of_a_softmax_is_chosen_by_validation_and_finds_the_two_tastes(split, prior):
    negatives = SOFTMAX | {"prior": prior}
    trained = run(split, sampler="softmax", negatives=negatives, epochs=30)
    assert trained.history[-1].validation_auc > 0.7
    if prior:
        assert trained.score == Score(prior=prior * negatives["temperature"])
    else:
        assert trained.score.norm_power in negatives["norm_power"]
        recalls = [record.validation_recall for record in trained.history]
        assert trained.recall >= recalls[trained.epoch - 1]
