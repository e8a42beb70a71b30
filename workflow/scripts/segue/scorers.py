"""What scores all tracks for playlists that are known by their tracks alone: models and baselines alike."""

from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from segue import als, ease, inductive, item_knn, popularity
from segue.errors import SegueError
from segue.scorer_files import scorer_kind
from segue.sparse import Pattern

CLASSES = {
    inductive.KIND: inductive.Frozen,
    popularity.KIND: popularity.Popularity,
    item_knn.KIND: item_knn.ItemKNN,
    als.KIND: als.ALS,
    ease.KIND: ease.EASE,
}


class Scorer(Protocol):
    """``facts``: at least model (its name) and catalogue, ``serving_tables.core_digest`` of its tracks."""

    @property
    def num_tracks(self) -> int: ...

    @property
    def facts(self) -> dict[str, Any]: ...

    def scores(self, seeds: Pattern) -> Tensor:
        """[n, T] float32, the higher the better; only the order within a row means something.

        ``seeds``: [n, T], the known tracks of n playlists by track index, no pair twice; a row may be empty.
        A row's scores do not depend on the other rows, and are the caller's to change.
        """


def load_scorer(path: str | Path) -> Scorer:
    """The model or baseline in a ``scorer.safetensors``. Raises SegueError when the file is no such."""
    kind = scorer_kind(path)
    if kind not in CLASSES:
        raise SegueError(
            "The file holds a scorer of an unknown kind.",
            where=str(path),
            found=repr(kind),
            expected=" or ".join(CLASSES),
            fix="make it again with this version of Segue",
        )
    return CLASSES[kind].load(path)
