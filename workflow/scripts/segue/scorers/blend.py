"""Scorers added up, each on the scale of its own scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from segue.errors import SegueError
from segue.nn.pattern import Pattern
from segue.scorers.base import Scorer, read_scorer, save_scorer

MEMBERS, WEIGHTS = "members", "weights"


def blended(scores: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    r"""[n, T] float32, of the scores of each member [n, T]:

    .. math:: s_{pt} = \sum_m w_m \frac{s^m_{pt} - \mu^m_p}{\sigma^m_p}

    with mean and standard deviation over all T tracks of a playlist. A member that gives a playlist all
    tracks alike has no say in it.
    """
    total = torch.zeros_like(scores[0])
    for own, weight in zip(scores, weights, strict=True):
        differs = own.amax(1, keepdim=True) > own.amin(1, keepdim=True)
        deviation, mean = torch.std_mean(own, dim=1, correction=0, keepdim=True)
        total += ((own - mean) * (weight / deviation)).where(differs, 0)
    return total


@dataclass(frozen=True)
class Blend:
    """The ``blended`` scores of its ``members``. ``facts``: as in ``base.Scorer``, and of: their names."""

    KIND: ClassVar[str] = "blend"
    members: Sequence[Scorer]
    weights: Sequence[float]
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.members[0].num_tracks

    def scores(self, given: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``."""
        return blended([member.scores(given) for member in self.members], self.weights)


def save_blend(
    path: str | Path, members: Sequence[str | Path], weights: Sequence[float], facts: dict[str, Any]
) -> None:
    """Writes the scorers in the files ``members`` whole into one, as ``members_of`` finds them again.

    ``facts``: of the blend; its catalogue has to be each member's. Raises SegueError where it is not, or a
    member is a blend itself.
    """
    tensors, abouts = {}, []
    for place, file in enumerate(members):
        kind, own, about = read_scorer(file)
        if kind == Blend.KIND or about["catalogue"] != facts["catalogue"]:
            raise SegueError(
                "A scorer cannot be a member of the blend.",
                where=str(file),
                found="a blend" if kind == Blend.KIND else f"a scorer of catalogue {about['catalogue']}",
                expected=f"a model or baseline of this run's tracks, catalogue {facts['catalogue']}",
                fix="make it again: remove the file and ask for it by its path",
            )
        tensors |= {f"{place}.{name}": tensor for name, tensor in own.items()}
        abouts.append({"kind": kind} | about)
    save_scorer(path, Blend.KIND, tensors, {MEMBERS: abouts, WEIGHTS: list(weights), **facts})


def members_of(tensors: dict[str, Tensor], about: dict[str, Any]) -> list[tuple[str, dict, dict]]:
    """Kind, tensors and ``about`` of each member of what ``save_blend`` wrote."""
    found = []
    for place, own in enumerate(about[MEMBERS]):
        kind = own.pop("kind")
        prefix = f"{place}."
        mine = {name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)}
        found.append((kind, mine, own))
    return found
