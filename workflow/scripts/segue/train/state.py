"""The state of a training, taken out after an epoch and put back."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from segue.nn.encoder import Encoder
from segue.nn.hetero_encoder import HeteroEncoder
from segue.train.objectives import Objective


@dataclass(frozen=True)
class EpochRecord:
    """One row of the history; ``epoch`` counts from 1, losses are means over pairs without the L2 penalty."""

    epoch: int
    train_loss: float
    validation_loss: float
    validation_auc: float
    validation_recall: float | None  # where measured
    layer_weights: list[float]  # alpha, the input embedding's first


@dataclass(frozen=True)
class State:
    """Training after an epoch: all it takes to go on as if it had never stopped.

    ``history``: the records so far. ``tensors``, by name: ``model.*``, weights and buffers; ``adam.*``, its
    step and moments of each weight; ``sampler.*``, negatives drawn ahead; ``generator``, uint8 [n];
    ``snapshots.{epoch}``, float16 [P, d], and ``artists.{epoch}``, [A, d], of models with artists;
    ``best.*``, the weights and buffers of the best epoch so far, where that one is kept. ``refit``: losses of
    the epochs of a refit so far. They are those that training works on, and the next epoch changes them: copy
    what has to last. ``last``: whether training ends with it.
    """

    history: list[EpochRecord]
    tensors: dict[str, Tensor]
    refit: list[float] = field(default_factory=list)
    last: bool = False

    @property
    def epoch(self) -> int:
        """Epochs done, those of a refit too."""
        return len(self.history) + len(self.refit)


@dataclass
class Progress:
    """The moving parts of a training; ``history``, ``refit``, ``snapshots`` (by epoch, float16 [P, d]) and
    ``artists`` (as well, [A, d]) grow, and ``best`` is replaced."""

    model: Encoder | HeteroEncoder
    optimizer: torch.optim.Optimizer
    objective: Objective
    generator: torch.Generator
    history: list[EpochRecord] = field(default_factory=list)
    snapshots: dict[int, Tensor] = field(default_factory=dict)
    artists: dict[int, Tensor] = field(default_factory=dict)
    best: dict[str, Tensor] = field(default_factory=dict)
    refit: list[float] = field(default_factory=list)

    def hold(self) -> None:
        """Makes ``best`` what the model is now."""
        self.best = {name: value.detach().clone() for name, value in self.model.state_dict().items()}

    def state(self, last: bool) -> State:
        """What ``restore`` takes. Copies no tensor, so that it can be had after every epoch."""
        moments = {
            f"{name}.{key}": value
            for name, weight in self.model.named_parameters()
            for key, value in self.optimizer.state[weight].items()
        }
        snapshots, artists = (
            {str(epoch): rows for epoch, rows in kept.items()} for kept in (self.snapshots, self.artists)
        )
        return State(
            list(self.history),
            _named("model", self.model.state_dict())
            | _named("adam", moments)
            | _named("sampler", self.objective.state_dict())
            | _named("snapshots", snapshots)
            | _named("artists", artists)
            | _named("best", self.best)
            | {"generator": self.generator.get_state()},
            list(self.refit),
            last,
        )

    @property
    def epochs(self) -> int:
        """All that were done."""
        return len(self.history) + len(self.refit)

    def after(self, first: "Progress") -> "Progress":
        """This, as the refit that follows ``first``, with its results."""
        self.history, self.best = first.history, first.best
        self.snapshots, self.artists = first.snapshots, first.artists
        return self

    def take_results(self, state: State) -> None:
        """The results in ``state`` alone, copied: history, refit, snapshots and the best weights."""
        self.history, self.refit = list(state.history), list(state.refit)
        self.snapshots, self.artists = (
            {int(epoch): rows.cpu().clone() for epoch, rows in _of(state.tensors, name).items()}
            for name in ("snapshots", "artists")
        )
        best = _of(state.tensors, "best")
        self.best = {name: value.to(self.model.embedding.device, copy=True) for name, value in best.items()}

    def restore(self, state: State) -> None:
        """Goes back, or on, to ``state``, whose tensors are copied. They may be on any device."""
        self.model.load_state_dict(_of(state.tensors, "model"))
        moments = _of(state.tensors, "adam")
        for name, weight in self.model.named_parameters():
            self.optimizer.state[weight] = {
                key: value.to(weight.device, copy=True) for key, value in _of(moments, name).items()
            }
        self.objective.load_state_dict(_of(state.tensors, "sampler"))
        self.generator.set_state(state.tensors["generator"])
        self.take_results(state)


def _named(part: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{part}.{name}": tensor.detach() for name, tensor in tensors.items()}


def _of(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    prefix = f"{part}."
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
