"""Trains one model: a convolution, a negative sampler, fixed or learnable layer weights."""

import hashlib
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import torch
from safetensors.torch import save_file

from segue.files import atomic, save_table
from segue.graph.split import load_split
from segue.jobs import STATUS, keep_freed_memory, log, logged, noting_sigterm
from segue.run.gpus import claimed_gpu
from segue.train.checkpoints import Checkpoints, EpochRecord, State
from segue.train.loop import Trained, choose_device, train

HISTORY_SCHEMA = {
    "conv": pl.String,
    "sampler": pl.String,
    "alpha": pl.String,
    "epoch": pl.Int32,
    "train_loss": pl.Float64,
    "validation_loss": pl.Float64,
    "validation_auc": pl.Float64,
    "validation_recall": pl.Float64,
    "recall_k": pl.Int32,
    "layer_weights": pl.List(pl.Float64),
}


def train_model(
    source: str,
    targets: dict[str, str],
    *,
    name: dict[str, str],
    dim: int,
    conv: dict,
    negatives: dict,
    settings: dict,
    max_playlists: int | None,
    block_mb: int,
    device: str,
    gpu: int,
    threads: int,
    code: str,
    checkpoints: dict[str, Any],
    terminated: Callable[[], bool],
) -> None:
    """``name``: the values of conv, sampler and alpha; ``targets``: the rule's outputs by name.

    ``code``: digest of this script. ``checkpoints``: arguments of ``Checkpoints`` besides its key. Ends the
    process with a checkpoint and exit status 143, for a scheduler to start it again, once ``terminated()``.
    """
    chosen = choose_device(device, gpu)
    torch.set_num_threads(threads)
    model = "-".join(name.values())
    settings_of_model = {
        "dim": dim,
        "conv": conv,
        "negatives": negatives,
        "train": settings,
        "max_playlists": max_playlists,
        "block_mb": block_mb,
    }
    saved = Checkpoints(
        key=name
        | {"settings": settings_of_model, "split": sha256(source), "code": code}
        | {"threads": threads, "device": chosen.type, "torch": torch.__version__},
        **checkpoints,
    )
    log.info("training %s on %s with %d threads", model, chosen, threads)
    resume = saved.load()
    trained = train(
        load_split(source),
        **name,
        dim=dim,
        conv_settings=conv,
        negatives=negatives,
        **settings,
        max_playlists=max_playlists,
        block_mb=block_mb,
        device=chosen,
        report=progress(settings["epochs"], settings["recall_k"], resume.epoch if resume else 0),
        resume=resume,
        keep=keep_in(saved, settings["epochs"], terminated),
    )
    history = pl.DataFrame(
        [name | {"recall_k": settings["recall_k"]} | asdict(record) for record in trained.history],
        schema=HISTORY_SCHEMA,
    )
    with atomic(targets["model"]) as path:
        save_file({key: value.cpu() for key, value in trained.model.state_dict().items()}, path)
    with atomic(targets["embeddings"]) as path:
        save_file(embeddings(trained), path, metadata={"message_passing": "train and validation edges"})
    with atomic(targets["snapshots"]) as path:
        save_file(snapshots(trained), path, metadata={"message_passing": "train edges"})
    save_table(history, targets["history"])
    saved.remove()


def sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_in(checkpoints: Checkpoints, epochs: int, terminated: Callable[[], bool]) -> Callable[[State], None]:
    """A function that saves each state that is due, the last, and the one to stop at."""

    def keep(state: State) -> None:
        stop = terminated() and state.epoch < epochs
        # The last, so that a kill while the results are written costs no epoch.
        if stop or state.epoch == epochs or checkpoints.due(state.epoch):
            checkpoints.store(state)
        if stop:
            log.warning(
                "stopped by SIGTERM after epoch %d of %d, kept in %s: the same command goes on from there",
                state.epoch,
                epochs,
                checkpoints.folder,
            )
            sys.exit(STATUS)

    return keep


def embeddings(trained: Trained) -> dict[str, torch.Tensor]:
    """Final embeddings by side, [P, d] and [T, d]."""
    return {"playlists": trained.playlists.cpu().contiguous(), "tracks": trained.tracks.cpu().contiguous()}


def snapshots(trained: Trained) -> dict[str, torch.Tensor]:
    """``epochs`` int32 [S] in rising order, ``playlists`` float16 [S, P, d]."""
    epochs, playlists = zip(*sorted(trained.snapshots.items()), strict=True)
    return {"epochs": torch.tensor(epochs, dtype=torch.int32), "playlists": torch.stack(playlists)}


def progress(epochs: int, recall_k: int, done: int) -> Callable[[EpochRecord], None]:
    """A function that logs a line at each evaluation: losses, recall, and the time that is left.

    ``done``: epochs that were done before now.
    """
    started = time.perf_counter()

    def report(record: EpochRecord) -> None:
        if record.validation_recall is not None:
            pace = (time.perf_counter() - started) / (record.epoch - done)
            log.info(
                "epoch %d/%d  train loss %.4f  validation loss %.4f  ROC-AUC %.4f  Recall@%d %.4f  "
                "%.2g s an epoch  ETA %s",
                record.epoch,
                epochs,
                record.train_loss,
                record.validation_loss,
                record.validation_auc,
                recall_k,
                record.validation_recall,
                pace,
                timedelta(seconds=round(pace * (epochs - record.epoch))),
            )

    return report


if __name__ == "__main__":
    keep_freed_memory()
    name = {key: snakemake.wildcards[key] for key in ("conv", "sampler", "alpha")}
    with (
        logged(snakemake.log[0]),
        claimed_gpu(snakemake.params.device, snakemake.resources.gpu),  # before torch looks for GPUs
        noting_sigterm() as terminated,
    ):
        train_model(
            snakemake.input.split,
            dict(snakemake.output.items()),
            name=name,
            dim=snakemake.params.dim,
            conv=snakemake.params.conv,
            negatives=snakemake.params.negatives,
            settings=snakemake.params.train,
            max_playlists=snakemake.params.max_playlists,
            block_mb=snakemake.params.block_mb,
            device=snakemake.params.device,
            gpu=snakemake.resources.gpu,
            threads=snakemake.threads,
            code=snakemake.params.code,
            # Not among the params, and in no declared output: how often to save changes no result, so it must
            # not make one stale, and Snakemake must leave the files of a failed job alone.
            checkpoints={
                "folder": Path(snakemake.config["results"], "checkpoints", "-".join(name.values())),
                **snakemake.config["checkpoints"],
            },
            terminated=terminated,
        )
