"""Full-batch training of one model, and its history."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from segue.errors import SegueError
from segue.evaluate.metrics import recall_at_k, roc_auc
from segue.graph.split import Split, draw_playlists, of_playlists
from segue.nn.encoder import Encoder
from segue.nn.losses import l2_penalty
from segue.nn.negatives import RandomNegatives, Sampler
from segue.nn.pattern import Graph, Pattern
from segue.nn.sparse import sddmm
from segue.run.registry import LOSSES, SAMPLERS, named
from segue.train.repeatable import repeatable
from segue.train.state import EpochRecord, Progress, State


@dataclass(frozen=True)
class Trained:
    """A trained model. ``playlists`` [P, d] and ``tracks`` [T, d] are its embeddings with messages passed
    over train and validation edges, which is how the test, and any recommendation, sees it. ``snapshots``:
    the playlists' embeddings on the way, by epoch, as validation sees them, float16 [P, d]."""

    model: Encoder
    history: list[EpochRecord]
    playlists: Tensor
    tracks: Tensor
    snapshots: dict[int, Tensor]


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
    snapshot_every: int | None = None,
    max_playlists: int | None = None,
    block_mb: int = 16,
    report: Callable[[EpochRecord], None] = lambda record: None,
    resume: State | None = None,
    keep: Callable[[State], None] = lambda state: None,
) -> Trained:
    """Trains one model with Adam on all train edges at once, ``epochs`` times.

    Validation scores the validation edges, against one fixed draw of random negatives that are in
    neither the train nor the validation edges, with messages passed over all train edges; so loss and
    ROC-AUC are comparable between epochs and between samplers. Recall is measured every
    ``recall_every`` epochs and at the last, on ``max_playlists`` playlists where that is set.
    Snapshots are kept at ``snapshot_epochs``. ``conv_settings`` and ``negatives`` are keyword arguments of
    the encoder and of the sampler.
    ``report`` receives each record as it is made, and then ``keep`` the state to ``resume`` from: a training
    with the same arguments that goes on from there ends with the same bytes.

    Everything random comes from ``seed``; torch's global generator is neither read nor changed.

    Raises SegueError when the loss is no longer finite.
    """
    weights_seed, train_seed, validation_seed = np.random.SeedSequence(seed).generate_state(3).tolist()
    graphs = _Graphs(split, device)
    weights = torch.Generator().manual_seed(weights_seed)
    model = Encoder(conv, graphs.num_nodes, dim=dim, alpha=alpha, generator=weights, **conv_settings)
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
    generator = torch.Generator(device).manual_seed(train_seed)
    draw = _build_sampler(sampler, graphs, negatives, epochs, block_mb)
    validation_generator = torch.Generator(device).manual_seed(validation_seed)
    loss_of = named(LOSSES, loss, "loss").load()
    validation = _Validation(graphs, loss_of, validation_generator)
    recall = _Recall(split, recall_k, max_playlists, validation_seed, block_mb, device)

    progress = Progress(model, optimizer, draw, generator)
    if resume:
        progress.restore(resume)
    kept = set(snapshot_epochs(epochs, snapshot_every))
    with repeatable(device):
        for epoch in range(len(progress.history), epochs):
            tracks = draw.sample(epoch, lambda: embed(model, graphs.train_message), generator)
            pairs = graphs.train, graphs.train.with_cols(tracks)
            train_loss = step(model, optimizer, graphs.train_message, *pairs, loss_of, l2, generator)
            measured = (epoch + 1) % recall_every == 0 or epoch + 1 == epochs
            playlists, tracks = embed(model, graphs.validation_message)
            record = EpochRecord(
                epoch=epoch + 1,
                train_loss=train_loss,
                **validation.measure(playlists, tracks, recall if measured else None),
                layer_weights=model.alpha.tolist(),
            )
            if not (math.isfinite(record.train_loss) and math.isfinite(record.validation_loss)):
                raise SegueError(
                    f"The loss of {conv}-{sampler}-{alpha} is no longer finite, at epoch {record.epoch}.",
                    where=f"train.lr {lr:g}, train.l2 {l2:g}",
                    found=f"train loss {record.train_loss}, validation loss {record.validation_loss}",
                    expected="finite numbers",
                    fix="lower train.lr",
                )
            progress.history.append(record)
            if record.epoch in kept:
                progress.snapshots[record.epoch] = half(playlists).cpu()
            report(record)
            keep(progress.state())
        playlists, tracks = embed(model, graphs.test_message)
    return Trained(model, progress.history, playlists, tracks, progress.snapshots)


def snapshot_epochs(epochs: int, every: int | None) -> list[int]:
    """The first epoch, each that ``every`` divides, and the last; the last only where ``every`` is None."""
    if every is None:
        return [epochs]
    return sorted({1, *range(every, epochs + 1, every), epochs})


def half(values: Tensor) -> Tensor:
    """``values`` as float16: half the bytes, three digits; what float16 cannot hold becomes its largest."""
    largest = torch.finfo(torch.float16).max
    return values.clamp(-largest, largest).half()


class _Graphs:
    """The edges of each role and the message passing graph of each stage, on the device."""

    def __init__(self, split: Split, device: torch.device):
        self.shape = split.num_playlists, split.num_tracks
        self.num_nodes = sum(self.shape)
        self.device = device
        self.train_message = self.graph(split.train_message)
        shared = split.all_train.size(1) == split.train_message.size(1)
        self.validation_message = self.train_message if shared else self.graph(split.all_train)
        self.test_message = self.graph(split.train_and_validation)
        self.train = self.train_message.playlists if shared else self.pattern(split.train)
        self.validation = self.pattern(split.validation)
        self.all_train = self.validation_message.playlists

    def graph(self, edges: Tensor) -> Graph:
        return Graph(edges.to(self.device), *self.shape)

    def pattern(self, edges: Tensor) -> Pattern:
        return Pattern.from_edges(*edges.to(self.device), self.shape)


@torch.no_grad()
def embed(model: Encoder, graph: Graph) -> tuple[Tensor, Tensor]:
    """Embeddings without dropout or gradient, playlists' [P, d] and tracks' [T, d]."""
    model.eval()
    return model(graph)


class _Validation:
    """Loss and ROC-AUC of the validation edges."""

    def __init__(self, graphs: _Graphs, loss: Callable, generator: torch.Generator):
        self.positives, self.loss = graphs.validation, loss
        known = graphs.test_message.playlists
        known = known.with_cols(known.cols)  # lookups are needed this once, and go with it
        drawn = RandomNegatives(self.positives.edges(), known).draw(generator)
        self.negatives = self.positives.with_cols(drawn)

    def measure(self, playlists: Tensor, tracks: Tensor, recall: Callable | None) -> dict[str, float | None]:
        positive, negative = (sddmm(pairs, playlists, tracks) for pairs in (self.positives, self.negatives))
        loss = self.loss(positive, negative).item()
        return {
            "validation_loss": loss,
            "validation_auc": roc_auc(positive, negative),
            "validation_recall": recall(playlists, tracks) if recall and math.isfinite(loss) else None,
        }


class _Recall:
    """Recall@K of the validation edges of some playlists, all others' scores spared."""

    def __init__(
        self, split: Split, k: int, count: int | None, seed: int, block_mb: int, device: torch.device
    ):
        playlists = draw_playlists(split.validation, count, seed)
        part = of_playlists(split, playlists)
        self.playlists, self.k, self.block_mb = playlists.to(device), k, block_mb
        self.known, self.held_out = (
            Pattern.from_edges(*edges.to(device), (part.num_playlists, part.num_tracks))
            for edges in (part.all_train, part.validation)
        )

    def __call__(self, playlists: Tensor, tracks: Tensor) -> float:
        return recall_at_k(
            playlists[self.playlists], tracks, self.known, self.held_out, self.k, self.block_mb
        )


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


def step(
    model: Encoder,
    optimizer: torch.optim.Optimizer,
    graph: Graph,
    positives: Pattern,
    negatives: Pattern,
    loss: Callable[[Tensor, Tensor], Tensor],
    l2: float,
    generator: torch.Generator,
) -> float:
    """One step on all pairs, with messages passed over ``graph``. Returns the loss before it, without L2.

    ``positives``, ``negatives``: patterns [P, T] with the same rows; entry i of one is paired with entry i of
    the other. ``generator`` draws the dropout.
    """
    model.train()
    optimizer.zero_grad()
    playlists, tracks = model(graph, generator)
    value = loss(*(sddmm(pairs, playlists, tracks) for pairs in (positives, negatives)))
    objective = value
    if l2:
        objective = value + l2 * l2_penalty(*model.inputs(graph), positives, negatives)
    objective.backward()
    optimizer.step()
    return value.item()


def _build_sampler(name: str, graphs: _Graphs, settings: dict, epochs: int, block_mb: int) -> Sampler:
    entry = named(SAMPLERS, name, "negative sampler")
    offered = {"epochs": epochs, "block_mb": block_mb}
    needed = {need: offered[need] for need in entry.needs}
    return entry.load()(graphs.train.edges(), graphs.all_train, **needed, **settings)
