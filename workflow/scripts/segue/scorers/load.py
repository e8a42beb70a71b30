"""The scorer in a file, a model or a baseline."""

from pathlib import Path

from segue.errors import SegueError
from segue.scorers import baselines as als
from segue.scorers import ease, item_knn, popularity
from segue.scorers import frozen as inductive
from segue.scorers.base import Scorer, scorer_kind

CLASSES = {
    inductive.KIND: inductive.Frozen,
    popularity.KIND: popularity.Popularity,
    item_knn.KIND: item_knn.ItemKNN,
    als.KIND: als.ALS,
    ease.KIND: ease.EASE,
}


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
