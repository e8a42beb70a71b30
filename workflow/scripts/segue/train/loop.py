"""Full-batch training of one model, and its history."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from segue.errors import SegueError
from segue.graph.relations import Relations
from segue.graph.split import Split
from segue.jobs import log
from segue.nn.encoder import Encoder
from segue.nn.hetero_encoder import HeteroEncoder
from segue.nn.score import Score
from segue.train.epochs import Epochs
from segue.train.graphs import Graphs, embed, embed_others, score_rows
from segue.train.repeatable import repeatable
from segue.train.state import EpochRecord, State
from segue.train.validation import Recall, Validation, best_of


@dataclass(frozen=True)
class Seen:
    """A model as one stage sees it: its ``weights``, and the rows [P, d'] and [T, d'] of ``Score``."""

    weights: dict[str, Tensor]
    playlists: Tensor
    tracks: Tensor


@dataclass(frozen=True)
class Trained:
    """A trained model. ``playlists`` [P, d'] and ``tracks`` [T, d'], whose dot products are its scores, are
    as the test, and any recommendation, sees it: with messages passed over train and validation edges.

    ``validated``: the model as validation saw it, trained and passing messages on train edges alone, after
    ``epoch``, with a Recall@K of ``recall`` (None: not measured). ``snapshots``: the playlists' embeddings on
    the way, by epoch, as validation sees them, float16 [P, d], and ``artists``, [A, d], where there are some.
    ``others``: the embeddings of nodes that are neither playlists nor tracks, [n, d] by type, as the test
    sees them. ``epochs``: all that were done.
    """

    model: Encoder | HeteroEncoder
    history: list[EpochRecord]
    playlists: Tensor
    tracks: Tensor
    snapshots: dict[int, Tensor]
    artists: dict[int, Tensor]
    others: dict[str, Tensor]
    score: Score
    validated: Seen
    epoch: int
    recall: float | None
    epochs: int


def train(
    split: Split,
    *,
    conv: str,
    sampler: str,
    alpha: str,
    dim: int,
    conv_settings: dict,
    negatives: dict,
    epochs: int,
    lr: float,
    loss: str,
    l2: float,
    recall_every: int,
    recall_k: int,
    seed: int,
    device: torch.device,
    decay: str = "none",
    keep: str = "last",
    patience: int | None = None,
    refit: bool = False,
    until: int | None = None,
    snapshot_every: int | None = None,
    relations: Relations | None = None,
    relation_settings: dict | None = None,
    max_playlists: int | None = None,
    block_mb: int = 16,
    report: Callable[[EpochRecord], None] = lambda record: None,
    resume: State | None = None,
    store: Callable[[State], None] = lambda state: None,
) -> Trained:
    """Trains one model with Adam on all train edges at once, ``epochs`` times.

    Validation scores the validation edges, against one fixed draw of random negatives that are in
    neither the train nor the validation edges, with messages passed over all train edges; so loss and
    ROC-AUC are comparable between epochs and between samplers. Recall is measured every
    ``recall_every`` epochs and at the last, on ``max_playlists`` playlists where that is set.
    Snapshots are kept at ``snapshot_epochs``. ``conv_settings`` and ``negatives`` are keyword arguments of
    the encoder and of the sampler.

    ``decay``: ``linear`` lowers the learning rate of epoch e = 0, 1, ... to lr (1 - e / epochs). ``keep``:
    which epoch's weights are the model's, those of the ``last`` or the ``best`` by validation recall, the
    first of equals. ``patience``: training ends after so many recalls in a row that are no better than the
    best. ``refit``: a model of the same seed is trained on train and validation edges then, for as many
    epochs as were kept, and is what is tested. ``until``: training ends after that epoch, without refit,
    for trials. ``relations``: artists and albums that messages pass along too, as ``relation_settings`` say:
    keyword arguments of ``HeteroEncoder``.

    ``report`` receives each record as it is made, and then ``store`` the state to ``resume`` from: a training
    with the same arguments that goes on from there ends with the same bytes.

    Everything random comes from ``seed``; torch's global generator is neither read nor changed.

    Raises NotFiniteError when the loss is no longer finite.
    """
    graphs = Graphs(split, device, relations)
    epochs_of = Epochs(
        conv=conv,
        sampler=sampler,
        alpha=alpha,
        dim=dim,
        conv_settings=conv_settings,
        negatives=negatives,
        epochs=epochs,
        lr=lr,
        decay=decay,
        loss=loss,
        l2=l2,
        seed=seed,
        block_mb=block_mb,
        device=device,
        relations=relation_settings,
    )
    progress = epochs_of.start(graphs.first)
    if resume:
        progress.take_results(resume) if resume.refit else progress.restore(resume)
    recall = Recall(split, recall_k, max_playlists, epochs_of.validation_seed, block_mb, device)
    generator = epochs_of.of_validation()
    validation = Validation(graphs.validation, graphs.test_message.playlists, generator, recall)
    snapshots = set(snapshot_epochs(epochs, snapshot_every))

    def ended(history: list[EpochRecord]) -> bool:
        return len(history) >= min(until or epochs, epochs) or waited(history, patience)

    with repeatable(device):
        while not ended(progress.history):
            epoch = len(progress.history) + 1
            train_loss = epochs_of.run(progress, graphs.first, epoch)
            z = embed(progress.model, graphs.validation_message)
            rows = score_rows(progress.objective.score, z, graphs.validation_message)
            ranked = epoch % recall_every == 0 or epoch == epochs
            record = EpochRecord(
                epoch=epoch,
                train_loss=train_loss,
                **validation.measure(progress.objective, z, rows, ranked),
                layer_weights=progress.model.alpha.tolist(),
            )
            epochs_of.require_finite(epoch, train=record.train_loss, validation=record.validation_loss)
            progress.history.append(record)
            if keep == "best" and best_epoch(progress.history) == epoch:
                progress.hold()
            if epoch in snapshots:
                progress.snapshots[epoch] = half(z[0]).cpu()
                others = embed_others(progress.model, graphs.validation_message)
                if "artist" in others:
                    progress.artists[epoch] = half(others["artist"]).cpu()
            report(record)
            store(progress.state(last=ended(progress.history) and not refit))

        history = progress.history
        kept = best_epoch(history) if keep == "best" else len(history)
        if keep == "last" and not (resume and resume.refit):
            progress.hold()
        progress.model.load_state_dict(progress.best)
        z = embed(progress.model, graphs.validation_message)
        score, found = progress.objective.score, history[kept - 1].validation_recall
        if len(powers := negatives.get("norm_power", ())) > 1 and score.prior is None:
            score, found = best_of(
                [Score(power) for power in powers],
                lambda score: recall(*score_rows(score, z, graphs.validation_message)),
            )
        validated = Seen(progress.best, *score_rows(score, z, graphs.validation_message))

        if refit and until is None:
            log.info("training anew on train and validation edges, %d epochs", kept)
            progress = epochs_of.start(graphs.refit).after(progress)
            if resume and resume.refit:
                progress.restore(resume)
            while len(progress.refit) < kept:
                epoch = len(progress.refit) + 1
                progress.refit.append(epochs_of.run(progress, graphs.refit, epoch))
                epochs_of.require_finite(epoch, train=progress.refit[-1])
                store(progress.state(last=epoch == kept))
        rows = score_rows(score, embed(progress.model, graphs.test_message), graphs.test_message)
        others = embed_others(progress.model, graphs.test_message)
    return Trained(
        progress.model,
        history,
        *rows,
        progress.snapshots,
        progress.artists,
        others,
        score,
        validated,
        kept,
        found,
        progress.epochs,
    )


def best_epoch(history: list[EpochRecord]) -> int:
    """The epoch with the highest validation recall, the first of equals; the last where none was measured."""
    measured = [record for record in history if record.validation_recall is not None]
    return max(measured, key=lambda record: record.validation_recall, default=history[-1]).epoch


def waited(history: list[EpochRecord], patience: int | None) -> bool:
    """Whether the last ``patience`` recalls are no better than the best one before them; None: never."""
    if patience is None or not history:
        return False
    best = best_epoch(history)
    since = sum(record.epoch > best and record.validation_recall is not None for record in history)
    return since >= patience


def snapshot_epochs(epochs: int, every: int | None) -> list[int]:
    """The first epoch, each that ``every`` divides, and the last; the last only where ``every`` is None."""
    if every is None:
        return [epochs]
    return sorted({1, *range(every, epochs + 1, every), epochs})


def half(values: Tensor) -> Tensor:
    """``values`` as float16: half the bytes, three digits; what float16 cannot hold becomes its largest."""
    largest = torch.finfo(torch.float16).max
    return values.clamp(-largest, largest).half()


def choose_device(device: str, gpu: int) -> torch.device:
    """The device to train on: ``auto`` is CUDA where there is one and ``gpu``, the GPUs granted, is not 0.

    Raises SegueError when ``cuda`` is asked for and cannot be had.
    """
    available = torch.cuda.is_available()
    if device == "cuda" and not (available and gpu):
        raise SegueError(
            "There is no CUDA GPU to train on.",
            where="device",
            found="cuda, but "
            + ("the run has --resources gpu=0" if available else "torch sees no CUDA GPU on this machine"),
            expected="a CUDA build of torch, a GPU, and --resources gpu=1",
            fix="set device: auto or device: cpu to train on the CPU",
        )
    return torch.device("cuda" if device != "cpu" and available and gpu else "cpu")
