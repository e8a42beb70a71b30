"""A fitted second stage, its file, and the ranker that it makes of channels."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file
from torch import Tensor

from segue.catalogue.queries import Queries
from segue.errors import SegueError
from segue.files import atomic
from segue.nn.readable import readable
from segue.rerank.both import Both
from segue.rerank.credit import credited
from segue.rerank.features import Candidates, Features
from segue.rerank.logistic import Logistic
from segue.rerank.trees import Trees

KEY = "segue"
KINDS: dict[str, type[Logistic] | type[Trees] | type[Both]] = {
    "logistic": Logistic,
    "trees": Trees,
    "both": Both,
}
# Of a stage's settings, to make its features of channels and to rank.
NEEDED = {"artist_credit", "blend", "candidates", "models", "title_encoder"}


@dataclass(frozen=True)
class SecondStage:
    """``model`` of ``kind`` over ``features``, in this order; ``catalogue``: the digest of the candidates
    that it was fitted on; ``settings``: NEEDED, and what else made it."""

    kind: str
    model: Logistic | Trees | Both
    features: Sequence[str]
    catalogue: str
    settings: dict[str, Any]

    def scores(self, found: Candidates, names: Sequence[str]) -> NDArray[np.float32]:
        """[n, K], the higher the better. ``names``: of the features in ``found``, of which it takes its own.

        Raises SegueError where one of its own is missing.
        """
        if list(names) == list(self.features):
            return self.model.scores(found.values, found.given)
        if missing := [name for name in self.features if name not in names]:
            raise SegueError(
                "The second stage was fitted with features that this run does not make.",
                where="models/rerank/rerank.safetensors",
                found=f"no {', '.join(missing)}",
                expected=f"all of {', '.join(self.features)}",
                fix="run the workflow again: it fits the second stage anew",
            )
        places = [list(names).index(name) for name in self.features]
        return self.model.scores(found.values[places], found.given)

    def save(self, path: str | Path) -> None:
        tensors = {name: np.ascontiguousarray(array) for name, array in self.model.tensors().items()}
        about = {
            "kind": self.kind,
            "features": list(self.features),
            "catalogue": self.catalogue,
            "settings": self.settings,
        }
        with atomic(path, sum(array.nbytes for array in tensors.values())) as temporary:
            save_file(tensors, temporary, metadata={KEY: json.dumps(about)})

    @classmethod
    def load(cls, path: str | Path, catalogue: str) -> "SecondStage":
        """Reads what ``save`` wrote. Raises SegueError where it is damaged, or was fitted on candidates of
        another digest than ``catalogue``."""
        with readable(path, "This is no file of a second stage.", "a rerank.safetensors that Segue made"):
            with safe_open(str(path), framework="np") as file:
                about = json.loads((file.metadata() or {})[KEY])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, no dict
            kind, features, digest, settings = (
                about[key] for key in ("kind", "features", "catalogue", "settings")
            )
            kind_class = KINDS[kind]
            if missing := NEEDED - settings.keys():
                raise KeyError(", ".join(sorted(missing)))
            if not isinstance(features, list) or not all(isinstance(name, str) for name in features):
                raise TypeError("features that are no list of names")
        if digest != catalogue:
            raise SegueError(
                "The second stage was trained on another catalogue.",
                where=str(path),
                found=f"candidates of digest {digest}",
                expected=f"{catalogue}, those of the run's catalogue",
                fix="run the workflow again: it fits the second stage anew",
            )
        return cls(kind, kind_class.of(tensors, len(features)), features, digest, settings)


@dataclass(frozen=True)
class Reranker:
    """A ranker: the candidates that ``features`` pick in the order of ``stage``, then all other tracks in
    that of the blend, so that any number can be asked for.

    ``num_tracks``: C; ``artist``: [C] or longer, -1 for none.
    """

    stage: SecondStage
    features: Features
    num_tracks: int
    artist: NDArray[np.integer]

    @property
    def facts(self) -> dict[str, Any]:
        return {"model": "rerank", "catalogue": self.stage.catalogue, "kind": self.stage.kind}

    def scores(self, queries: Queries) -> Tensor:
        """[n, C] float32: the stage's score of a candidate; others lie below all of these."""
        rows = np.empty((len(queries), self.num_tracks), dtype=np.float32)
        for start, found in self.features.blocks(queries, self.num_tracks):
            kept = ~found.fillers
            ranked = np.where(kept, self.stage.scores(found, self.features.names), np.float32(-np.inf))
            ranked = credited(ranked, self.artist[found.tracks], self.stage.settings["artist_credit"])
            lowest = np.where(kept, ranked, np.inf).min(axis=1, keepdims=True)
            highest = np.where(np.isneginf(found.blend), -np.inf, found.blend).max(axis=1, keepdims=True)
            part = found.blend - highest + lowest - 1
            row, place = np.nonzero(kept)
            part[row, found.tracks[row, place]] = ranked[row, place]
            rows[start : start + len(part)] = part
        return torch.from_numpy(rows)
