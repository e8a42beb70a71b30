"""Trials of a model and of a baseline, called as Snakemake calls them, and what is made of their results."""

import json

import polars as pl
import pytest
import torch
from safetensors.torch import load_file, save_file

from choose_trial import choose_trial
from collect_trials import collect_trials
from fit_baseline import fit
from rank_trials import rank_trials
from segue.graph.split import load_split, save_split, split_edges
from segue.train.loop import train
from segue.train.trial import try_model
from try_baseline import try_baseline

NAME = {"conv": "lgc", "sampler": "random", "alpha": "fixed"}
OWN = {
    "dim": 4,
    "conv": {"init_std": 0.1, "edge_dropout": 0.0},
    "negatives": {"avoid_known": True},
    "train": {
        "seed": 1,
        "epochs": 20,
        "loss": "bpr",
        "l2": 0.0,
        "recall_every": 2,
        "recall_k": 3,
        "decay": "linear",
        "keep": "best",
        "patience": None,
        "refit": True,
        "snapshot_every": 5,
    },
    "max_playlists": None,
}
VALUES = {"train.lr": 0.05, "conv.layers": 2}
KNN = {"neighbours": 4, "shrinkage": 0}


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    generator = torch.Generator().manual_seed(0)
    edges = (torch.rand(30, 25, generator=generator) < 0.5).nonzero().T.contiguous()
    path = tmp_path_factory.mktemp("split") / "split.safetensors"
    save_split(split_edges(edges), path)
    return path


@pytest.fixture
def tried(split, tmp_path):
    """Makes a trial's round; returns its result, with checkpoints in a folder of the test's own."""

    def run(number, share, values=VALUES, source=split, folder="checkpoints", trial="a"):
        target = tmp_path / f"{trial}-{number}.json"
        try_model(
            str(source),
            str(target),
            name=NAME,
            trial={"trial": trial, "settings": values},
            number=number,
            share=share,
            own=OWN,
            device="cpu",
            gpu=0,
            threads=1,
            block_mb=1,
            code="code:1",
            folder=tmp_path / folder,
            checkpoints={"epochs": None, "seconds": None, "resume": "same"},
            terminated=lambda: False,
        )
        return json.loads(target.read_text())

    return run


def baseline(source, target, values=KNN):
    options = {"recall_k": 3, "max_playlists": None, "seed": 1, "block_mb": 1, "threads": 1}
    try_baseline("knn", str(source), str(target), trial="a", values=values, own={}, **options)
    return json.loads(target.read_text())


def whole(split):
    """The training that trials are parts of."""
    settings = OWN["train"] | {"lr": 0.05, "refit": False}
    conv = OWN["conv"] | {"layers": 2}
    options = {"dim": 4, "conv_settings": conv, "negatives": OWN["negatives"], "device": torch.device("cpu")}
    return train(load_split(split), **NAME, **options, **settings, block_mb=1)


def test_rounds_are_parts_of_one_training(split, tried):
    history = whole(split).history
    recalls = [tried(number, share) for number, share in ((1, 0.25), (2, 0.5), (3, 1.0))]
    assert [one["epochs"] for one in recalls] == [4, 10, 20]
    for one in recalls:
        before = [record.validation_recall or 0 for record in history[: one["epochs"]]]
        assert one["validation_recall"] == max(before)
        assert (one["trial"], one["settings"], one["recall_k"]) == ("a", VALUES, 3)


def test_a_round_goes_on_from_the_one_before_and_can_be_done_again(tried, tmp_path, caplog):
    caplog.set_level("INFO", logger="segue")
    first, second = tried(1, 0.25), tried(2, 0.5)
    assert "going on after epoch 4" in caplog.text
    assert tried(2, 0.5, folder="others") == second  # without what was done before
    # Done again when the rounds after it are over: from its own checkpoint, not from a later one.
    assert tried(1, 0.25) == first
    assert tried(2, 0.5) == second
    assert "going on after epoch 10" in caplog.text


def test_a_loss_that_is_not_finite_loses(tried, caplog):
    found = tried(1, 1.0, VALUES | {"train.lr": 1e30})
    assert found["validation_recall"] == 0
    assert "The loss of lgc-random-fixed is no longer finite" in caplog.text


def test_no_trial_reads_a_test_edge(split, tried, tmp_path):
    """Other test edges, a playlist and a track that do not exist: nothing changes."""
    with split.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        counts = json.loads(file.read(size))["__metadata__"]
    other = tmp_path / "other.safetensors"
    save_file(load_file(split) | {"test": torch.tensor([[999], [999]])}, other, metadata=counts)
    assert load_split(other).test.tolist() == [[999], [999]]
    assert load_split(other, test=False).test.shape == (2, 0)
    assert tried(1, 0.5, source=other, folder="others") == tried(1, 0.5)
    assert baseline(other, tmp_path / "b.json") == baseline(split, tmp_path / "c.json")


def test_the_best_goes_on_and_is_chosen(split, tried, tmp_path):
    values = {"slow": VALUES | {"train.lr": 1e-5}, "good": VALUES, "slower": VALUES | {"train.lr": 1e-6}}
    first = {name: tried(1, 0.5, values[name], trial=name) for name in values}
    paths = [str(tmp_path / f"{name}-1.json") for name in values]
    ranking, chosen, table = (tmp_path / name for name in ("ranking.json", "chosen.json", "tune.parquet"))
    folder = tmp_path / "checkpoints" / "round-1"
    rank_trials(paths, str(ranking), keep=1, checkpoints=folder)
    ranked = json.loads(ranking.read_text())["trials"]
    assert ranked[0] == first["good"]
    assert sorted(ranked, key=str) == sorted(first.values(), key=str)
    assert [path.name for path in folder.iterdir()] == ["good"]
    last = tried(2, 1.0, ranked[0]["settings"], trial="good")
    paths.append(str(tmp_path / "good-2.json"))
    choose_trial(paths[-1:], str(chosen))
    assert json.loads(chosen.read_text()) == last
    collect_trials(paths, [str(chosen)], str(table))
    rows = pl.read_parquet(table)
    assert rows["chosen"].to_list() == [False, False, False, True]
    assert rows.filter("chosen").select("model", "round", "epochs").row(0) == ("lgc-random-fixed", 2, 20)
    assert json.loads(rows["settings"][3]) == VALUES


def test_a_baseline_is_fitted_with_what_was_chosen(split, tmp_path):
    pl.DataFrame({"track": range(25), "track_uri": [f"t{i}" for i in range(25)]}).write_parquet(
        tmp_path / "tracks.parquet"
    )
    found = baseline(split, tmp_path / "trial.json")
    choose_trial([str(tmp_path / "trial.json")], str(tmp_path / "tuned.json"))
    fit(
        "knn",
        str(split),
        str(tmp_path / "tracks.parquet"),
        str(tmp_path / "scorer.safetensors"),
        str(tmp_path / "chosen.json"),
        grid={},
        recall_k=3,
        max_playlists=None,
        seed=1,
        block_mb=1,
        threads=1,
        tuned=str(tmp_path / "tuned.json"),
    )
    chosen = json.loads((tmp_path / "chosen.json").read_text())
    assert chosen["settings"] == chosen["tuned"] == KNN
    assert chosen["candidates"] == [KNN | {"validation_recall": found["validation_recall"]}]
