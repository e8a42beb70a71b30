"""Checkpoints: the state of a training, taken out after an epoch, kept on disk, and put back."""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from segue.errors import SegueError
from segue.files import atomic
from segue.jobs import log
from segue.nn.encoder import Encoder
from segue.nn.negatives import Sampler


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
    ``snapshots.{epoch}``, float16 [P, d]. They are those that training works on, and the next epoch changes
    them: copy what has to last.
    """

    history: list[EpochRecord]
    tensors: dict[str, Tensor]

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)


@dataclass
class Progress:
    """The moving parts of a training; ``history`` and ``snapshots`` (by epoch, float16 [P, d]) grow."""

    model: Encoder
    optimizer: torch.optim.Optimizer
    sampler: Sampler
    generator: torch.Generator
    history: list[EpochRecord] = field(default_factory=list)
    snapshots: dict[int, Tensor] = field(default_factory=dict)

    def state(self) -> State:
        """What ``restore`` takes. Copies no tensor, so that it can be had after every epoch."""
        moments = {
            f"{name}.{key}": value
            for name, weight in self.model.named_parameters()
            for key, value in self.optimizer.state[weight].items()
        }
        snapshots = {str(epoch): playlists for epoch, playlists in self.snapshots.items()}
        return State(
            list(self.history),
            _named("model", self.model.state_dict())
            | _named("adam", moments)
            | _named("sampler", self.sampler.state_dict())
            | _named("snapshots", snapshots)
            | {"generator": self.generator.get_state()},
        )

    def restore(self, state: State) -> None:
        """Goes back, or on, to ``state``, whose tensors are copied. They may be on any device."""
        self.model.load_state_dict(_of(state.tensors, "model"))
        moments = _of(state.tensors, "adam")
        for name, weight in self.model.named_parameters():
            self.optimizer.state[weight] = {
                key: value.to(weight.device, copy=True) for key, value in _of(moments, name).items()
            }
        self.sampler.load_state_dict(_of(state.tensors, "sampler"))
        self.generator.set_state(state.tensors["generator"])
        self.history = list(state.history)
        snapshots = _of(state.tensors, "snapshots")
        self.snapshots = {int(epoch): playlists.cpu().clone() for epoch, playlists in snapshots.items()}


def _named(part: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{part}.{name}": tensor.detach() for name, tensor in tensors.items()}


def _of(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    prefix = f"{part}."
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


class Checkpoints:
    """The checkpoints of one training: the latest and the one before, each one file in ``folder``.

    ``key``: all that determines the result of the training, as JSON can hold it. A checkpoint with another
    key is never read. ``epochs``, ``seconds``: a checkpoint is due each time ``epochs`` divides the epoch,
    and where so much time has passed since the last one; None: not on that account.

    A file is safetensors, its metadata the key and the history as JSON, and a SHA-256 of all of it. It is
    written under another name first, so a crash never leaves half a checkpoint under this one.

    Raises SegueError when ``folder`` cannot be written.
    """

    def __init__(
        self, folder: str | Path, key: Mapping[str, Any], *, epochs: int | None, seconds: float | None
    ):
        self.folder = Path(folder)
        self.latest, self.previous = self.folder / "latest.safetensors", self.folder / "previous.safetensors"
        self.key = json.dumps(key, sort_keys=True)
        self.epochs, self.seconds = epochs, seconds
        self._require_writable()
        self._last = time.monotonic()

    def due(self, epoch: int) -> bool:
        """Whether to save after ``epoch``, counted from 1."""
        by_epoch = self.epochs is not None and epoch % self.epochs == 0
        return by_epoch or (self.seconds is not None and time.monotonic() - self._last >= self.seconds)

    def store(self, state: State) -> None:
        """Writes the latest checkpoint; the one that was becomes the one before."""
        tensors = {name: tensor.cpu().contiguous() for name, tensor in state.tensors.items()}
        metadata = {"key": self.key, "history": json.dumps([asdict(record) for record in state.history])}
        metadata["sha256"] = _checksum(tensors, metadata)
        with atomic(self.latest) as path:
            save_file(tensors, path, metadata=metadata)
            if self.latest.exists():
                self.latest.replace(self.previous)
        self._last = time.monotonic()

    def load(self) -> State | None:
        """The newest state that is whole and has this key; None where there is none.

        Checkpoints that cannot be used are removed, and the log says why.
        """
        unusable = False
        for path in (self.latest, self.previous):
            if not path.exists():
                continue
            state, problem = self._read(path)
            if state:
                log.info("going on after epoch %d, from %s", state.epoch, path)
                return state
            log.warning("%s is not used: %s", path, problem)
            path.unlink()
            unusable = True
        if unusable:
            log.warning("no checkpoint can be used: starting from the first epoch")
        return None

    def remove(self) -> None:
        """Removes the folder, once the training's results are written."""
        shutil.rmtree(self.folder)

    def _read(self, path: Path) -> tuple[State | None, str]:
        """The state in ``path``, or None and what is wrong with it. Its tensors are a map of the file."""
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            return None, f"it is damaged ({error})"
        if metadata.pop("sha256", None) != _checksum(tensors, metadata):
            return None, "it is damaged (its SHA-256 is another)"
        if metadata["key"] != self.key:
            return None, f"it is of a training with another {_difference(metadata['key'], self.key)}"
        return State([EpochRecord(**record) for record in json.loads(metadata["history"])], tensors), ""

    def _require_writable(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise SegueError(
                "The checkpoints of a training cannot be written.",
                where=str(self.folder),
                found=error.strerror or str(error),
                expected="a folder to write to",
                fix="give yourself the right to write there, or name another folder in `results`",
            ) from error


def _checksum(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> str:
    """SHA-256 over the metadata and each tensor's name, type, shape and bytes."""
    digest = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _difference(found: str, expected: str) -> str:
    """The names of what two keys differ in, those of settings with their path."""
    different = _leaves(json.loads(found)).items() ^ _leaves(json.loads(expected)).items()
    return ", ".join(sorted({name for name, _ in different}))


def _leaves(settings: dict[str, Any], prefix: str = "") -> dict[str, str]:
    leaves = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            leaves |= _leaves(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = json.dumps(value)
    return leaves
