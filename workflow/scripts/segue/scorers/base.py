"""What scores all tracks for playlists that are known by their tracks alone, and its files."""

import json
from pathlib import Path
from typing import Any, Protocol

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from segue.files import atomic
from segue.nn.pattern import Pattern
from segue.nn.readable import readable

KEY = "segue"  # one key alone: safetensors writes several in random order


class Scorer(Protocol):
    """``facts``: at least model (its name) and catalogue, ``tables.core_digest`` of its tracks.

    A class that is saved alone has a KIND and ``of(tensors, about)``, which makes it of what ``save_scorer``
    got.
    """

    @property
    def num_tracks(self) -> int: ...

    @property
    def facts(self) -> dict[str, Any]: ...

    def scores(self, given: Pattern) -> Tensor:
        """[n, T] float32, the higher the better; only the order within a row means something.

        ``given``: [n, T], the known tracks of n playlists by track index, no pair twice; a row may be empty.
        A row's scores do not depend on the other rows, and are the caller's to change.
        """


def save_scorer(path: str | Path, kind: str, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    """Writes ``tensors`` and ``about``, JSON-able, whole or not at all; always the same bytes."""
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    with atomic(path, sum(tensor.nbytes for tensor in tensors.values())) as temporary:
        save_file(tensors, temporary, metadata={KEY: json.dumps({"kind": kind, **about})})


def read_scorer(path: str | Path) -> tuple[str, dict[str, Tensor], dict[str, Any]]:
    """Kind, tensors and ``about`` of what ``save_scorer`` wrote. Raises SegueError when the file is none."""
    with (
        readable(path, "This is no file of a scorer.", "a scorer.safetensors that Segue made"),
        safe_open(str(path), framework="pt") as file,
    ):
        about = json.loads((file.metadata() or {})[KEY])
        kind = about.pop("kind")
        names = file.keys()  # of no dict
        return kind, {name: file.get_tensor(name) for name in names}, about
