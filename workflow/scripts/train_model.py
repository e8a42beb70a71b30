"""Trains one model: a convolution, a negative sampler, fixed or learnable layer weights."""

from dataclasses import asdict
from datetime import timedelta

import polars as pl
import torch
from safetensors.torch import save_file

from segue.devices import claimed_gpu
from segue.files import atomic
from segue.jobs import log, logged
from segue.memory import keep_freed_memory
from segue.split import load_split
from segue.training import EpochRecord, Trained, choose_device, train

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
    "seconds": pl.Float64,
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
) -> None:
    """``name``: the values of conv, sampler and alpha; ``targets``: the rule's outputs by name."""
    chosen = choose_device(device, gpu)
    torch.set_num_threads(threads)
    log.info("training %s on %s with %d threads", "-".join(name.values()), chosen, threads)
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
        report=progress(settings["epochs"], settings["recall_k"]),
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
    with atomic(targets["history"]) as path:
        history.write_parquet(path, compression="zstd")


def embeddings(trained: Trained) -> dict[str, torch.Tensor]:
    """Final embeddings by side, [P, d] and [T, d]."""
    return {"playlists": trained.playlists.cpu().contiguous(), "tracks": trained.tracks.cpu().contiguous()}


def snapshots(trained: Trained) -> dict[str, torch.Tensor]:
    """``epochs`` int32 [S] in rising order, ``playlists`` float16 [S, P, d]."""
    epochs, playlists = zip(*sorted(trained.snapshots.items()), strict=True)
    return {"epochs": torch.tensor(epochs, dtype=torch.int32), "playlists": torch.stack(playlists)}


def progress(epochs: int, recall_k: int):
    """A function that logs a line at each evaluation: losses, recall, and the time that is left."""
    elapsed = 0.0

    def report(record: EpochRecord) -> None:
        nonlocal elapsed
        elapsed += record.seconds
        if record.validation_recall is not None:
            left = elapsed / record.epoch * (epochs - record.epoch)
            log.info(
                "epoch %d/%d  train loss %.4f  validation loss %.4f  ROC-AUC %.4f  Recall@%d %.4f  ETA %s",
                record.epoch,
                epochs,
                record.train_loss,
                record.validation_loss,
                record.validation_auc,
                recall_k,
                record.validation_recall,
                timedelta(seconds=round(left)),
            )

    return report


if __name__ == "__main__":
    keep_freed_memory()
    with (
        logged(snakemake.log[0]),
        claimed_gpu(snakemake.params.device, snakemake.resources.gpu),  # before torch looks for GPUs
    ):
        train_model(
            snakemake.input.split,
            dict(snakemake.output.items()),
            name={key: snakemake.wildcards[key] for key in ("conv", "sampler", "alpha")},
            dim=snakemake.params.dim,
            conv=snakemake.params.conv,
            negatives=snakemake.params.negatives,
            settings=snakemake.params.train,
            max_playlists=snakemake.params.max_playlists,
            block_mb=snakemake.params.block_mb,
            device=snakemake.params.device,
            gpu=snakemake.resources.gpu,
            threads=snakemake.threads,
        )
