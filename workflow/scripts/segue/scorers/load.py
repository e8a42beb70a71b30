"""The scorer in a file, a model or a baseline."""

from pathlib import Path

from segue.errors import SegueError
from segue.scorers.base import Scorer, scorer_kind
from segue.scorers.baselines import ALS, EASE, ItemKNN, Popularity
from segue.scorers.frozen import Frozen

CLASSES = {scorer.KIND: scorer for scorer in (Frozen, Popularity, ItemKNN, ALS, EASE)}


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
