"""train_model as Snakemake starts it, killed and started again: the same bytes, few epochs twice."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import torch
from training_cases import FILES

from segue.errors import SegueError
from segue.graph.split import save_split, split_edges
from segue.train.run import train_model

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
NAME = {"conv": "sage", "sampler": "hard", "alpha": "learnable"}
EPOCHS, EVERY = 40, 4
SETTINGS = {
    "dim": 4,
    "conv": {"layers": 2, "init_std": 0.1},
    "negatives": {"min_fraction": 0.2, "refresh_every": 3},
    "train": {
        "epochs": EPOCHS,
        "lr": 0.01,
        "loss": "bpr",
        "l2": 0.0,
        "recall_every": 1,
        "recall_k": 5,
        "snapshot_every": 7,
        "seed": 1,
    },
    "max_playlists": None,
    "device": "cpu",
}
CODE = "code:1"
CHECKPOINTS = {"epochs": EVERY, "seconds": None, "resume": "same"}
# Runs the script under a stand-in for Snakemake's object. It signals itself, so that the moment is exact.
DRIVER = """
import json, os, runpy, sys
from types import SimpleNamespace

job = json.loads(sys.argv[1])
sys.path.append(job["scripts"])

import segue.files
import segue.train.epochs

steps, step, atomic = 0, segue.train.epochs.step, segue.files.atomic

def step_or_signal(*arguments):
    global steps
    steps += 1
    if steps == job["step"]:
        os.kill(os.getpid(), job["signal"])
    return step(*arguments)

def atomic_or_signal(path):
    if str(path).endswith(job["file"]):
        os.kill(os.getpid(), job["signal"])
    return atomic(path)

segue.train.epochs.step = step_or_signal
if job["file"]:
    segue.files.atomic = atomic_or_signal
stand_in = SimpleNamespace(
    input=SimpleNamespace(split=job["split"], relations=[], chosen=[]),
    output=job["outputs"],
    wildcards=job["wildcards"],
    params=SimpleNamespace(**job["params"]),
    resources=SimpleNamespace(gpu=1),
    threads=job["threads"],
    config=job["config"],
    log=[job["log"]],
)
runpy.run_path(f"{job['scripts']}/train_model.py", init_globals={"snakemake": stand_in}, run_name="__main__")
"""


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    path = tmp_path_factory.mktemp("split") / "split.safetensors"
    edges = (torch.rand(30, 40, generator=torch.Generator().manual_seed(0)) < 0.3).nonzero().T.contiguous()
    save_split(split_edges(edges), path)
    return str(path)


def train(split, folder, **changes):
    """In this process, with checkpoints in ``folder``; returns the bytes of all that it wrote."""
    targets = {key: str(folder / "model" / name) for key, name in FILES.items()}
    options = {
        "block_mb": 1,
        "code": CODE,
        "name": NAME,
        "gpu": 1,
        "threads": torch.get_num_threads(),
        "checkpoints": CHECKPOINTS | {"folder": folder / "checkpoints/sage-hard-learnable"},
        "terminated": lambda: False,
    }
    train_model(split, targets, **(SETTINGS | options | changes))
    return {name: Path(path).read_bytes() for name, path in targets.items()}


@pytest.fixture(scope="module")
def undisturbed(split, tmp_path_factory):
    return train(split, tmp_path_factory.mktemp("undisturbed"))


def killed(split, folder, number, *, step=None, file=None):
    """A process of its own that gets signal ``number``; returns its exit status and its log."""
    job = {
        "scripts": str(SCRIPTS),
        "split": split,
        "outputs": {key: str(folder / "model" / name) for key, name in FILES.items()},
        "wildcards": NAME | {"seed": ""},
        "params": {"settings": SETTINGS, "code": CODE},
        "threads": torch.get_num_threads(),
        "config": {
            "results": str(folder),
            "score_block_mb": 1,
            "checkpoints": CHECKPOINTS,
        },
        "log": str(folder / "train.log"),
        "signal": number,
        "step": step,
        "file": file,
    }
    done = subprocess.run([sys.executable, "-c", DRIVER, json.dumps(job)], capture_output=True, check=False)
    return done.returncode, (folder / "train.log").read_text()


def epochs_in(text):
    return [int(epoch) for epoch in re.findall(rf"epoch (\d+)/{EPOCHS}  train loss", text)]


def delete_outputs(folder):
    """As Snakemake does with a failed job's, and again before it starts one."""
    for path in folder.glob("model/*"):
        path.unlink()


def test_sigkill_at_nine_tenths_repeats_less_than_the_interval(split, undisturbed, tmp_path, caplog):
    """In the middle of epoch 36 of 40, three after a checkpoint: the most that can be lost."""
    status, log = killed(split, tmp_path, signal.SIGKILL, step=36)
    assert status == -signal.SIGKILL
    assert epochs_in(log) == list(range(1, 36))
    assert not (tmp_path / "model").exists()
    with caplog.at_level("INFO", "segue"):
        assert train(split, tmp_path) == undisturbed
    assert "going on after epoch 32, from" in caplog.text
    assert epochs_in(caplog.text) == list(range(33, 41))
    repeated = set(epochs_in(log)) & set(epochs_in(caplog.text))
    assert len(repeated) == EVERY - 1
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_sigterm_ends_the_epoch_keeps_it_and_exits_with_143(split, undisturbed, tmp_path, caplog):
    status, log = killed(split, tmp_path, signal.SIGTERM, step=35)
    assert status == 143
    assert "stopped by SIGTERM after epoch 35 of 40, kept in" in log
    assert "the same command goes on from there" in log
    assert not (tmp_path / "model").exists()
    with caplog.at_level("INFO", "segue"):
        assert train(split, tmp_path) == undisturbed
    assert epochs_in(caplog.text) == list(range(36, 41))  # none twice


@pytest.mark.parametrize("file", ["model.safetensors", "history.parquet"])
def test_sigkill_between_two_results_repeats_nothing(split, undisturbed, tmp_path, caplog, file):
    status, log = killed(split, tmp_path, signal.SIGKILL, file=f"model/{file}")
    assert status == -signal.SIGKILL
    assert epochs_in(log)[-1] == EPOCHS
    delete_outputs(tmp_path)
    with caplog.at_level("INFO", "segue"):
        assert train(split, tmp_path) == undisturbed
    assert "going on after epoch 40, from" in caplog.text
    assert epochs_in(caplog.text) == []


def test_sigterm_in_the_last_epoch_lets_it_finish(split, undisturbed, tmp_path):
    status, log = killed(split, tmp_path, signal.SIGTERM, step=EPOCHS)
    assert status == 0
    assert "stopped" not in log
    assert {key: (tmp_path / "model" / name).read_bytes() for key, name in FILES.items()} == undisturbed
    assert list((tmp_path / "checkpoints").iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"code": "code:2"}, "code"),
        ({"dim": 5}, "settings.dim"),
        ({"max_playlists": 5}, "settings.max_playlists"),
        ({"conv": {"layers": 3, "init_std": 0.1}}, "settings.conv.layers"),
        ({"negatives": {"min_fraction": 0.3, "refresh_every": 3}}, "settings.negatives.min_fraction"),
        ({"train": SETTINGS["train"] | {"lr": 0.02}}, "settings.train.lr"),
        ({"name": NAME | {"alpha": "fixed"}}, "alpha"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_determines_the_result_is_in_the_key_and_another_training_keeps_its_checkpoints(
    split, undisturbed, tmp_path, caplog, changes, named
):
    with pytest.raises(SystemExit):
        train(split, tmp_path, terminated=lambda: True)
    before = contents(tmp_path / "checkpoints")
    with caplog.at_level("INFO", "segue"):
        train(split, tmp_path, **changes)
    assert f"MB), after epoch 1 of a training with another {named}; remove it" in caplog.text
    assert contents(tmp_path / "checkpoints") == before
    with caplog.at_level("INFO", "segue"):
        assert train(split, tmp_path) == undisturbed
    assert "going on after epoch 1, from" in caplog.text


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("changes", "named"), [({"threads": 1}, "threads: 1"), ({"block_mb": 2}, "score_block_mb: 2")]
)
def test_other_threads_or_blocks_are_refused_or_noted_and_cost_no_epoch(
    split, undisturbed, tmp_path, changes, named
):
    """As after a move to fewer cores, or out of memory: nothing is removed in either case."""
    checkpoints = CHECKPOINTS | {"folder": tmp_path / "checkpoints/sage-hard-learnable"}
    as_before = {"threads": 2, "block_mb": 1}
    threads = torch.get_num_threads()
    try:
        with pytest.raises(SystemExit):
            train(split, tmp_path, terminated=lambda: True, **as_before)
        before = contents(tmp_path / "checkpoints")
        assert len(before) == 1
        with pytest.raises(SegueError, match=f"found: threads: 2, score_block_mb: 1 up to epoch 1.*{named}"):
            train(split, tmp_path, **as_before | changes)
        assert contents(tmp_path / "checkpoints") == before
        train(split, tmp_path, **as_before | changes, checkpoints=checkpoints | {"resume": "any"})
    finally:
        torch.set_num_threads(threads)
    noted = json.loads(pl.read_parquet_metadata(tmp_path / "model/history.parquet")["segue"])
    now = {"threads": 2, "score_block_mb": 1} | {named.split(":")[0]: int(named[-1])}
    assert noted == [
        {"first": 1, "last": 1, "threads": 2, "score_block_mb": 1},
        {"first": 2, "last": EPOCHS} | now,
    ]
    assert not contents(tmp_path / "checkpoints")


def test_a_training_in_one_go_notes_its_threads(split, tmp_path):
    train(split, tmp_path)
    assert json.loads(pl.read_parquet_metadata(tmp_path / "model/history.parquet")["segue"]) == [
        {"first": 1, "last": EPOCHS, "threads": torch.get_num_threads(), "score_block_mb": 1}
    ]


def test_other_edges_are_another_training(split, tmp_path, caplog):
    with pytest.raises(SystemExit):
        train(split, tmp_path, terminated=lambda: True)
    edges = (torch.rand(30, 40, generator=torch.Generator().manual_seed(1)) < 0.3).nonzero().T.contiguous()
    save_split(split_edges(edges), tmp_path / "other.safetensors")
    with caplog.at_level("INFO", "segue"):
        train(str(tmp_path / "other.safetensors"), tmp_path)
    assert "after epoch 1 of a training with another split; remove it" in caplog.text


def test_how_often_to_save_is_not_in_the_key(split, undisturbed, tmp_path, caplog):
    with pytest.raises(SystemExit):
        train(split, tmp_path, terminated=lambda: True)
    checkpoints = {
        "folder": tmp_path / "checkpoints/sage-hard-learnable",
        "epochs": None,
        "seconds": 1.0,
    }
    with caplog.at_level("INFO", "segue"):
        assert train(split, tmp_path, checkpoints=checkpoints) == undisturbed
    assert "going on after epoch 1, from" in caplog.text


def test_checkpoints_that_cannot_be_written_stop_before_training(split, tmp_path, caplog):
    (tmp_path / "checkpoints").write_text("a file")
    with caplog.at_level("INFO", "segue"), pytest.raises(SegueError, match="cannot be written"):
        train(split, tmp_path)
    assert "training sage" not in caplog.text
