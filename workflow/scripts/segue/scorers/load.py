"""The scorer in a file, a model, a baseline or a blend of them."""

from pathlib import Path
from typing import Any

from torch import Tensor

from segue.errors import SegueError
from segue.run.registry import BASELINES
from segue.scorers.base import Scorer, read_scorer
from segue.scorers.blend import MEMBERS, WEIGHTS, Blend, members_of
from segue.scorers.frozen import Frozen


def load_scorer(path: str | Path) -> Scorer:
    """What a ``scorer.safetensors`` holds. Raises SegueError when the file is no such."""
    kind, tensors, about = read_scorer(path)
    if kind != Blend.KIND:
        return _alone(path, kind, tensors, about)
    members = [_alone(path, *member) for member in members_of(tensors, about)]
    weights = about[WEIGHTS]
    facts = {name: value for name, value in about.items() if name not in (MEMBERS, WEIGHTS)}
    return Blend(members, weights, facts)


def _alone(path: str | Path, kind: str, tensors: dict[str, Tensor], about: dict[str, Any]) -> Scorer:
    if kind == Frozen.KIND:
        return Frozen.of(tensors, about)
    if kind not in BASELINES:
        raise SegueError(
            "The file holds a scorer of an unknown kind.",
            where=str(path),
            found=repr(kind),
            expected=" or ".join([Frozen.KIND, *BASELINES, Blend.KIND]),
            fix="make it again with this version of Segue",
        )
    return BASELINES[kind].load_scorer().of(tensors, about)
