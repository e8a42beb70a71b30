r"""Logistic regression of its own for playlists of few and of many given tracks.

With g the group of a playlist's number of given tracks, a candidate's features x score

.. math:: s(x) = w_g^\top \frac{x - \mu_g}{\sigma_g} + b_g.

A missing value (NaN) counts as the group's mean :math:`\mu_g`, which says nothing either way.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.errors import SegueError

# The least number of given tracks of each group: none, 1, 2 to 10, 11 to 25, more.
GROUPS = np.array([0, 1, 2, 11, 26])


def groups_of(given: NDArray[np.integer]) -> NDArray[np.int64]:
    """[n] the group of each playlist, by its number of given tracks."""
    return np.searchsorted(GROUPS, given, side="right") - 1


@dataclass(frozen=True)
class Logistic:
    """``mean``, ``scale`` (above 0), ``weights``: float64 [groups, F]; ``intercept``: float64 [groups]."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    intercept: NDArray[np.float64]

    def scores(self, values: NDArray[np.float32], given: NDArray[np.integer]) -> NDArray[np.float32]:
        """[n, K] of ``values`` [F, n, K], features first; ``given``: [n] numbers of given tracks."""
        group = groups_of(given)
        slopes = (self.weights / self.scale)[group].astype(np.float32)
        centres = self.mean[group].astype(np.float32)
        scores = np.repeat(self.intercept[group].astype(np.float32)[:, None], values.shape[2], axis=1)
        for column, slope, centre in zip(values, slopes.T, centres.T, strict=True):
            centred = column - centre[:, None]
            np.copyto(centred, 0, where=np.isnan(centred))
            scores += centred * slope[:, None]
        return scores

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What a file holds."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, tensors: dict[str, NDArray[Any]], num_features: int) -> "Logistic":
        """Of what ``tensors`` gave. Raises SegueError where it is not of ``num_features`` features."""
        shapes = dict.fromkeys(("mean", "scale", "weights"), (len(GROUPS), num_features))
        shapes["intercept"] = (len(GROUPS),)
        wrong = [
            name
            for name, shape in shapes.items()
            if name not in tensors
            or tensors[name].shape != shape
            or tensors[name].dtype != np.float64
            or not np.isfinite(tensors[name]).all()
        ]
        if wrong or (tensors["scale"] <= 0).any():
            raise SegueError(
                "The regression of a second stage is damaged.",
                found=f"no {', '.join(wrong)} as expected" if wrong else "a scale that is not above 0",
                expected=f"finite float64 numbers of {num_features} features in {len(GROUPS)} groups",
                fix="make the file again: remove it and ask for it by its path",
            )
        return cls(*(tensors[field.name] for field in fields(cls)))
