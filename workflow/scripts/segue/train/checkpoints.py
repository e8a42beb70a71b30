"""Checkpoints: the state of a training on disk, in a folder of its own for each that ends otherwise."""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from segue.errors import SegueError
from segue.files import atomic
from segue.jobs import log
from segue.train.state import EpochRecord, State

LATEST, PREVIOUS = "latest.safetensors", "previous.safetensors"


class Checkpoints:
    """The checkpoints of one training of a model: the latest and the one before, each one file.

    ``folder``: of the model. In it, those of a training lie in a folder of their own, ``self.folder``, named
    by a digest of ``key``: all that determines the result of the training, as JSON can hold it. Those of
    other keys are never touched.

    ``conditions``, by their names in the configuration: what changes only the last bits of the result. A
    checkpoint that was made with others is gone on from where ``resume`` is ``any``, refused where ``same``.
    ``epochs``, ``seconds``: a checkpoint is due each time ``epochs`` divides the epoch, and where so much
    time has passed since the last one; None: not on that account.

    A file is safetensors, its metadata the key, the conditions and the history as JSON, and a SHA-256 of all
    of it. It is written under another name first, so a crash never leaves half a checkpoint under this one.

    Raises SegueError when the folder cannot be written.
    """

    def __init__(
        self,
        folder: str | Path,
        key: Mapping[str, Any],
        *,
        epochs: int | None,
        seconds: float | None,
        conditions: Mapping[str, int] | None = None,
        resume: Literal["same", "any"] = "same",
    ):
        self.key = json.dumps(key, sort_keys=True)
        self.folder = Path(folder) / hashlib.sha256(self.key.encode()).hexdigest()[:16]
        self.latest, self.previous = self.folder / LATEST, self.folder / PREVIOUS
        self.epochs, self.seconds = epochs, seconds
        self.conditions, self.resume = dict(conditions or {}), resume
        self._before: list[dict[str, int]] = []  # spans of the epochs that were done before now
        self._require_writable()
        self._last = time.monotonic()

    def due(self, epoch: int) -> bool:
        """Whether to save after ``epoch``, counted from 1."""
        by_epoch = self.epochs is not None and epoch % self.epochs == 0
        return by_epoch or (self.seconds is not None and time.monotonic() - self._last >= self.seconds)

    def spans(self, epoch: int) -> list[dict[str, int]]:
        """Under which conditions the epochs up to ``epoch`` were done, in order: dicts of ``first`` and
        ``last``, from 1, and the conditions. Neighbours with the same ones are one."""
        spans = [dict(span) for span in self._before]
        done = spans[-1]["last"] if spans else 0
        if epoch > done:
            if not spans or _conditions(spans[-1]) != self.conditions:
                spans.append({"first": done + 1, "last": epoch} | self.conditions)
            spans[-1]["last"] = epoch
        return spans

    def store(self, state: State) -> None:
        """Writes the latest checkpoint; the one that was becomes the one before."""
        tensors = {name: tensor.cpu().contiguous() for name, tensor in state.tensors.items()}
        metadata = {
            "key": self.key,
            "spans": json.dumps(self.spans(state.epoch)),
            "history": json.dumps([asdict(record) for record in state.history]),
            "refit": json.dumps(state.refit),
        }
        metadata["sha256"] = _checksum(tensors, metadata)
        with atomic(self.latest) as path:
            save_file(tensors, path, metadata=metadata)
            if self.latest.exists():
                self.latest.replace(self.previous)
        self._last = time.monotonic()

    def load(self) -> State | None:
        """The newest state that is whole; None where there is none.

        Checkpoints that cannot be used are set aside, and the log says why; it names those of other keys.
        Raises SegueError where the checkpoint has other conditions, and ``resume`` is ``same``.
        """
        for line in self._others():
            log.info("kept, and not used: %s", line)
        unusable = False
        for path in (self.latest, self.previous):
            if not path.exists():
                continue
            state, spans, problem = self._read(path)
            if state:
                self._require_conditions(path, spans)
                self._before = spans
                log.info("going on after epoch %d, from %s", state.epoch, path)
                return state
            # Out of the way of the next one, which would else put it into the place of the whole one before.
            aside = path.with_name(f"damaged-{path.name}")
            log.warning("%s is not used: %s; it is %s now", path, problem, aside.name)
            path.replace(aside)
            unusable = True
        if unusable:
            log.warning("no checkpoint can be used: starting from the first epoch")
        return None

    def remove(self) -> None:
        """Removes the folder, once the training's results are written, and the model's if nothing is left."""
        shutil.rmtree(self.folder)
        if not any(self.folder.parent.iterdir()):
            self.folder.parent.rmdir()

    def _read(self, path: Path) -> tuple[State | None, list[dict[str, int]], str]:
        """The state in ``path`` and its spans, or None and what is wrong with it. Its tensors are a map of
        the file."""
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            return None, [], f"it is damaged ({error})"
        if metadata.pop("sha256", None) != _checksum(tensors, metadata):
            return None, [], "it is damaged (its SHA-256 is another)"
        if metadata["key"] != self.key:
            return None, [], f"it is of a training with another {_difference(metadata['key'], self.key)}"
        history = [EpochRecord(**record) for record in json.loads(metadata["history"])]
        state = State(history, tensors, json.loads(metadata["refit"]))
        return state, json.loads(metadata["spans"]), ""

    def _require_conditions(self, path: Path, spans: list[dict[str, int]]) -> None:
        before = _conditions(spans[-1])
        if before == self.conditions:
            return
        if self.resume == "any":
            log.warning("going on with %s, not with %s as before", _words(self.conditions), _words(before))
            return
        raise SegueError(
            "A training that was interrupted would not end with the same bits.",
            where=str(path),
            found=f"{_words(before)} up to epoch {spans[-1]['last']}, and {_words(self.conditions)} now",
            expected="the same as before, or checkpoints.resume: any",
            fix=f"nothing was removed. Set {_words(before)} to go on as before (--cores lowers threads); or "
            "checkpoints.resume: any, and the history's metadata say which epochs had what; or remove "
            f"{self.folder} to start anew",
        )

    def _others(self) -> Iterator[str]:
        """A line for each training of the same model whose checkpoints lie beside these, an earlier version's
        too, which lie in the model's folder itself."""
        folder = self.folder.parent
        for other in [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]:
            files = [path for path in (other / LATEST, other / PREVIOUS) if path.is_file()]
            if other == self.folder or not files:
                continue
            size = sum(path.stat().st_size for path in files)
            yield f"{other} ({size / 1e6:.3g} MB), {self._about(files[0])}; remove it when it is of no use"

    def _about(self, path: Path) -> str:
        """What another training's checkpoint is of, from its header."""
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata() or {}
            epochs = sum(len(json.loads(metadata.get(part, "[]"))) for part in ("history", "refit"))
            return f"after epoch {epochs} of a training with another {_difference(metadata['key'], self.key)}"
        except (SafetensorError, OSError, ValueError, KeyError):
            return "which cannot be read"

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


def _conditions(span: Mapping[str, int]) -> dict[str, int]:
    return {name: value for name, value in span.items() if name not in ("first", "last")}


def _words(conditions: Mapping[str, int]) -> str:
    """As the configuration has them."""
    return ", ".join(f"{name}: {value}" for name, value in conditions.items())
