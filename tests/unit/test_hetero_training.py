"""Trainings with artists and albums: all that works for the bipartite graph works there."""

import itertools
import json
import logging
from dataclasses import replace

import pytest
import torch
from pyg_cases import relations_of_tastes, train_into, two_tastes, write_graph
from safetensors import safe_open
from safetensors.torch import load_file
from training_cases import NEGATIVES, contents, run

from segue.evaluate.metrics import recall_at_k
from segue.graph.relations import save_relations
from segue.graph.split import save_split
from segue.nn.hetero_graph import HeteroGraph
from segue.nn.pattern import Pattern
from segue.train.checkpoints import Checkpoints
from segue.train.graphs import Graphs, embed
from segue.train.run import checkpoints_of
from segue.train.trial import try_model

CONVS, SAMPLERS = ("lgc", "sage", "gat"), ("random", "hard", "softmax")
HOW = {
    "kinds": ["artist", "album"],
    "aggregate": "sum",
    "strength": 1.0,
    "weights": "learnable",
    "degrees": "all",
}
EPOCHS = 4


def trained(model, relations=None, how=HOW, **changes):
    relations = (relations or relations_of_tastes()).of(how["kinds"])
    options = {"epochs": EPOCHS, "recall_k": 5, "snapshot_every": 2, "relations": relations}
    return run(two_tastes(), *model, relation_settings=how, **(options | changes))


@pytest.mark.parametrize("model", list(itertools.product(CONVS, SAMPLERS)))
def test_every_convolution_and_sampler_goes_on_from_any_epoch_with_the_same_bytes(model, tmp_path):
    """With learned weights of relations and alphas; after epochs of the refit too, where there is one."""
    states = []

    def copy(state):
        states.append(replace(state, tensors={name: value.clone() for name, value in state.tensors.items()}))

    changes = {"alpha": "learnable", "keep": "best", "patience": 3}
    whole = trained(model, store=copy, **changes)
    assert whole.epochs == len(states)
    weights = whole.model.relation_weights
    assert (weights[:-1] != 1).all()
    saved = Checkpoints(tmp_path / "checkpoints", {}, epochs=1, seconds=None)
    for state in (states[1], states[-2]):  # the last but one is of the refit, where there is one
        saved.store(state)
        assert contents(trained(model, resume=saved.load(), **changes)) == contents(whole)


@pytest.mark.parametrize(("conv", "loss"), [("lgc", "bpr"), ("sage", "bce"), ("gat", "bpr")])
def test_models_learn(conv, loss):
    losses = [record.validation_loss for record in trained((conv, "random"), epochs=20, loss=loss).history]
    assert min(losses) < 0.95 * losses[0]


def test_what_is_told_of_a_track_by_its_artist_reaches_its_embedding():
    """Of two runs on the same edges only that differs whose tracks they are."""
    ours = trained(("lgc", "random"))
    swapped = relations_of_tastes()
    swapped.edges["track", "artist"][1] = swapped.edges["track", "artist"][1].flip(0)
    theirs = trained(("lgc", "random"), relations=swapped)
    assert not torch.allclose(ours.tracks, theirs.tracks)
    assert list(ours.others) == ["artist", "album"]
    assert ours.others["artist"].shape == (6, 8)
    assert list(ours.artists) == list(ours.snapshots) == [1, 2, 4]


def test_stages_pass_messages_over_their_own_edges_and_the_same_relations():
    split, relations = two_tastes(), relations_of_tastes()
    graphs = Graphs(split, torch.device("cpu"), relations)
    found = trained(("lgc", "random"))
    test = HeteroGraph(split.train_and_validation, 20, 24, relations)
    assert torch.equal(found.tracks, embed(found.model, test)[1])
    for stage in (graphs.train_message, graphs.validation_message, graphs.test_message):
        for way, pattern in test.messages("each").items():
            if set(way) != {"playlist", "track"}:
                assert torch.equal(stage.messages("each")[way].edges(), pattern.edges())
    z = embed(found.model, HeteroGraph(split.all_train, 20, 24, relations))
    known, held_out = (Pattern.from_edges(*edges, (20, 24)) for edges in (split.all_train, split.validation))
    assert found.history[-1].validation_recall == recall_at_k(*z, known, held_out, 5)


def test_a_checkpoint_of_other_relations_is_not_gone_on_from(tmp_path, caplog):
    paths = [tmp_path / f"{number}.safetensors" for number in range(2)]
    save_split(two_tastes(), tmp_path / "split.safetensors")
    relations = relations_of_tastes()
    save_relations(relations, paths[0])
    relations.edges["track", "album"][1, 0] = 5
    save_relations(relations, paths[1])

    def saved(path, **changes):
        return checkpoints_of(
            str(tmp_path / "split.safetensors"),
            {"conv": "lgc", "sampler": "random", "alpha": "fixed"},
            {"dim": 8, "relations": HOW | changes},
            relations_file=str(path),
            device=torch.device("cpu"),
            threads=1,
            block_mb=1,
            code="code:1",
            folder=tmp_path / "checkpoints",
            epochs=1,
            seconds=None,
        )

    trained(("lgc", "random"), store=saved(paths[0]).store)
    assert saved(paths[0]).load().epoch == EPOCHS
    for other, named in (
        (saved(paths[1]), "relations"),
        (saved(paths[0], degrees="each"), "settings.relations.degrees"),
    ):
        with caplog.at_level(logging.INFO, "segue"):
            assert other.load() is None
        assert f"of a training with another {named}" in caplog.text


def test_a_job_writes_how_its_model_was_built_and_who_its_artists_are(tmp_path):
    results = write_graph(tmp_path / "results", two_tastes(), relations_of_tastes())
    train_into(results, "sage", relations=HOW | {"kinds": ["artist"]})
    folder = results / "models/sage-random-fixed"
    with safe_open(folder / "model.safetensors", framework="pt") as file:
        about = json.loads(file.metadata()["segue"])
    assert about["relations"] == HOW | {"kinds": ["artist"], "num_nodes": {"artist": 6}}
    embeddings, snapshots = (
        load_file(folder / f"{name}.safetensors") for name in ("embeddings", "snapshots")
    )
    assert embeddings["artists"].shape == (6, 8)
    assert "albums" not in embeddings
    assert snapshots["artists"].dtype == torch.float16
    assert snapshots["artists"].shape == (len(snapshots["epochs"]), 6, 8)


def test_a_trial_passes_messages_along_relations_too(tmp_path):
    results = write_graph(tmp_path / "results", two_tastes(), relations_of_tastes())

    def recall(how, **file):
        own = {
            "dim": 8,
            "conv": {"layers": 2, "init_std": 0.3},
            "negatives": NEGATIVES["random"],
            "max_playlists": None,
            "train": {"epochs": EPOCHS, "lr": 0.05, "loss": "bpr", "l2": 0.0, "recall_every": 2}
            | {"recall_k": 3, "seed": 1, "snapshot_every": None, "refit": True},
            **how,
        }
        target = tmp_path / "trial.json"
        try_model(
            str(results / "split/split.safetensors"),
            str(target),
            name={"conv": "lgc", "sampler": "random", "alpha": "fixed"},
            trial={"trial": "one", "settings": {}},
            number=1,
            share=1.0,
            own=own,
            device="cpu",
            gpu=0,
            threads=1,
            block_mb=1,
            code="code:1",
            folder=tmp_path / f"trials-{len(how)}",
            checkpoints={"epochs": None, "seconds": None},
            terminated=lambda: False,
            **file,
        )
        return json.loads(target.read_text())["validation_recall"]

    both = recall({"relations": HOW}, relations_file=str(results / "split/relations.safetensors"))
    alone = trained(("lgc", "random"), conv_settings={"layers": 2, "init_std": 0.3}, recall_k=3)
    assert both == alone.recall != recall({})
