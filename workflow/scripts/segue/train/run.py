"""One training as a job: from the file of a split to those of a model, with checkpoints on the way."""

import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from segue.files import atomic, save_table, write_json
from segue.graph.relations import Relations, load_relations
from segue.graph.split import Split, load_split, require_cutoffs
from segue.jobs import STATUS, log
from segue.nn.encoder import OF_TRAINING
from segue.train import loop
from segue.train.checkpoints import Checkpoints
from segue.train.state import EpochRecord, State


def train_model(
    source: str,
    targets: dict[str, str],
    *,
    relations: dict[str, Any] | None = None,
    relations_file: str | None = None,
    name: dict[str, str],
    dim: int,
    conv: dict[str, Any],
    negatives: dict[str, Any],
    train: dict[str, Any],
    max_playlists: int | None,
    block_mb: int,
    device: str,
    gpu: int,
    threads: int,
    code: str,
    checkpoints: dict[str, Any],
    terminated: Callable[[], bool],
    tuned: dict[str, Any] | None = None,
) -> None:
    """Trains the model ``name`` (the values of conv, sampler and alpha) on the split in the file ``source``.

    ``targets``, paths: ``model``, its weights; ``embeddings``, the rows of playlists [P, d'] and tracks
    [T, d'] whose dot products are the scores; ``snapshots``, epochs int32 [S] in rising order and playlists
    float16 [S, P, d]; ``validated``, ``weights.*`` of the model as validation saw it and such rows, all four
    safetensors; ``history``, Parquet, a row an epoch; ``validation``, JSON, the epoch that was kept, and its
    recall. ``conv``, ``negatives``, ``train``: sections of the configuration.

    ``relations``: of a model with artists or albums how messages pass, ``run.recipes.model_settings``, from
    the nodes and edges in ``relations_file``. Its embeddings and snapshots have those of ``artists`` [A, d]
    and [S, A, d], and the former of ``albums`` [B, d].

    ``gpu``: how many are granted. ``code``: digest of all that runs. ``checkpoints``: arguments of
    ``Checkpoints`` besides its key and conditions. Once ``terminated()``, ends the process with a checkpoint
    and exit status 143, for a scheduler to start it again. ``tuned``: which of the settings trials have
    chosen, for ``validation`` to say so.
    """
    chosen = loop.choose_device(device, gpu)
    torch.set_num_threads(threads)
    settings = {
        "dim": dim,
        "conv": conv,
        "negatives": negatives,
        "train": train,
        "max_playlists": max_playlists,
        **({"relations": relations} if relations else {}),
    }
    saved = checkpoints_of(
        source,
        name,
        settings,
        relations_file=relations_file,
        device=chosen,
        threads=threads,
        block_mb=block_mb,
        code=code,
        **checkpoints,
    )
    split = load_split(source)
    require_cutoffs([train["recall_k"]], split.num_tracks)
    log.info("training %s on %s with %d threads", "-".join(name.values()), chosen, threads)
    trained = run_training(
        split,
        name,
        settings,
        relations=relations_of(settings, relations_file),
        device=chosen,
        block_mb=block_mb,
        saved=saved,
        resume=saved.load(),
        terminated=terminated,
    )
    about = {
        "conv": name["conv"],
        "alpha": name["alpha"],
        "dim": dim,
        "settings": {key: value for key, value in conv.items() if key not in OF_TRAINING},
        "num_playlists": trained.playlists.size(0),
        "num_tracks": trained.tracks.size(0),
        **trained.score.facts,
    }
    if relations:
        about["relations"] = relations | {"num_nodes": {kind: len(z) for kind, z in trained.others.items()}}
    facts = name | {"recall_k": train["recall_k"]}
    write_results(trained, targets, facts, about, saved.spans(trained.epochs), tuned)
    saved.remove()


def checkpoints_of(
    source: str,
    name: dict[str, str],
    settings: dict[str, Any],
    *,
    device: torch.device,
    threads: int,
    block_mb: int,
    code: str,
    relations_file: str | None = None,
    **options: Any,
) -> Checkpoints:
    """Those of one training. ``settings``: dim, conv, negatives, train and max_playlists; ``options``: of
    ``Checkpoints``, besides its key and conditions."""
    return Checkpoints(
        key=name
        | {"settings": settings, "split": _sha256(source), "code": code}
        | ({"relations": _sha256(relations_file)} if relations_file else {})
        | {"device": device.type, "torch": torch.__version__},
        # Of both, sums are taken in another order: a model that is finished does not become stale for it.
        conditions={"threads": threads, "score_block_mb": block_mb},
        **options,
    )


def relations_of(settings: dict[str, Any], path: str | None) -> Relations | None:
    """What of the nodes and edges in the file ``path`` a model with these settings has; None of a bipartite
    one."""
    return load_relations(path, settings["relations"]["kinds"]) if path else None


def run_training(
    split: Split,
    name: dict[str, str],
    settings: dict[str, Any],
    *,
    relations: Relations | None = None,
    device: torch.device,
    block_mb: int,
    saved: Checkpoints,
    resume: State | None,
    terminated: Callable[[], bool],
    until: int | None = None,
) -> loop.Trained:
    """``loop.train`` with a line in the log at each evaluation, and its states kept in ``saved``.

    ``settings``: as for ``checkpoints_of``.
    """
    train = settings["train"]
    return loop.train(
        split,
        **name,
        dim=settings["dim"],
        conv_settings=settings["conv"],
        negatives=settings["negatives"],
        **train,
        relations=relations,
        relation_settings=settings.get("relations"),
        max_playlists=settings["max_playlists"],
        block_mb=block_mb,
        device=device,
        until=until,
        report=_progress(until or train["epochs"], train["recall_k"], resume.epoch if resume else 0),
        resume=resume,
        store=_store_in(saved, until or train["epochs"], terminated),
    )


def write_results(
    trained: loop.Trained,
    targets: dict[str, str],
    facts: dict[str, str | int],
    about: dict[str, Any],
    spans: list[dict[str, int]],
    tuned: dict[str, Any] | None = None,
) -> None:
    """The files of ``train_model``. ``facts``, in each row of the history: conv, sampler, alpha, recall_k.

    ``about``, as JSON beside the weights: conv, alpha, dim, the convolution's settings and the graph's size,
    which is what ``segue.load_encoder`` makes the encoder anew from. ``spans``, of ``Checkpoints``: JSON in
    the metadata of the history. ``tuned``: as in ``train_model``.
    """
    import polars as pl  # not where models are trained by other means

    epochs, playlists = zip(*sorted(trained.snapshots.items()), strict=True)
    tensors = {
        "model": trained.model.state_dict(),
        "embeddings": {"playlists": trained.playlists, "tracks": trained.tracks}
        | {f"{kind}s": rows for kind, rows in trained.others.items()},
        "snapshots": {"epochs": torch.tensor(epochs, dtype=torch.int32), "playlists": torch.stack(playlists)}
        | ({"artists": torch.stack([trained.artists[e] for e in epochs])} if trained.artists else {}),
        "validated": {f"weights.{key}": value for key, value in trained.validated.weights.items()}
        | {"playlists": trained.validated.playlists, "tracks": trained.validated.tracks},
    }
    metadata = {
        "model": {"segue": json.dumps(about)},
        "embeddings": {"message_passing": "train and validation edges"},
        "snapshots": {"message_passing": "train edges"},
        "validated": {"message_passing": "train edges"},
    }
    for key, group in tensors.items():
        group = {part: each.cpu().contiguous() for part, each in group.items()}
        with atomic(targets[key]) as path:
            save_file(group, path, metadata=metadata[key])
    schema = {
        **dict.fromkeys(("conv", "sampler", "alpha"), pl.String),
        "epoch": pl.Int32,
        **dict.fromkeys(("train_loss", "validation_loss", "validation_auc", "validation_recall"), pl.Float64),
        "recall_k": pl.Int32,
        "layer_weights": pl.List(pl.Float64),
    }
    rows = [facts | asdict(record) for record in trained.history]
    save_table(pl.DataFrame(rows, schema), targets["history"], {"segue": json.dumps(spans)})
    found = {
        "model": "-".join(facts[key] for key in ("conv", "sampler", "alpha")),
        **facts,
        "epoch": trained.epoch,
        "validation_recall": trained.recall,
        **trained.score.facts,
    }
    write_json(targets["validation"], found | ({"tuned": tuned} if tuned else {}))


def _sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _store_in(
    checkpoints: Checkpoints, epochs: int, terminated: Callable[[], bool]
) -> Callable[[State], None]:
    """A function that saves each state that is due, the last, and the one to stop at."""

    def store(state: State) -> None:
        stop = terminated() and not state.last
        # The last, so that a kill while the results are written costs no epoch.
        if stop or state.last or checkpoints.due(state.epoch):
            checkpoints.store(state)
        if stop:
            log.warning(
                "stopped by SIGTERM after epoch %d of %d%s, kept in %s: the same command goes on from there",
                len(state.refit) or len(state.history),
                epochs,
                " of the refit" if state.refit else "",
                checkpoints.folder,
            )
            sys.exit(STATUS)

    return store


def _progress(epochs: int, recall_k: int, done: int) -> Callable[[EpochRecord], None]:
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
