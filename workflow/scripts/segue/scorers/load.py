"""The scorer in a file, a model or a baseline."""

from pathlib import Path

from segue.errors import SegueError
from segue.run.registry import BASELINES
from segue.scorers.base import Scorer, scorer_kind
from segue.scorers.frozen import Frozen


def load_scorer(path: str | Path) -> Scorer:
    """The model or baseline in a ``scorer.safetensors``. Raises SegueError when the file is no such."""
    kind = scorer_kind(path)
    if kind == Frozen.KIND:
        return Frozen.load(path)
    if kind not in BASELINES:
        raise SegueError(
            "The file holds a scorer of an unknown kind.",
            where=str(path),
            found=repr(kind),
            expected=" or ".join([Frozen.KIND, *BASELINES]),
            fix="make it again with this version of Segue",
        )
    return BASELINES[kind].load_scorer().load(path)
