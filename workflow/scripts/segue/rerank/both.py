"""A regression and trees together: what one gets wrong on a playlist, the other need not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.rerank.logistic import Logistic
from segue.rerank.trees import Trees


@dataclass(frozen=True)
class Both:
    """Scores by the mean of the log-odds of the two."""

    logistic: Logistic
    trees: Trees

    def scores(self, values: NDArray[np.float32], given: NDArray[np.integer]) -> NDArray[np.float32]:
        """[n, K] of ``values`` [F, n, K] float32; ``given``: [n] numbers of given tracks."""
        return mean_of(self.logistic.scores(values, given), self.trees.scores(values, given))

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What a file holds."""
        parts = {"logistic": self.logistic.tensors(), "trees": self.trees.tensors()}
        return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}

    @classmethod
    def of(cls, tensors: dict[str, NDArray[Any]], num_features: int) -> "Both":
        """Of what ``tensors`` gave. Raises SegueError where one of the two is damaged."""
        parts: dict[str, dict[str, NDArray[Any]]] = {"logistic": {}, "trees": {}}
        for full, array in tensors.items():
            part, _, name = full.partition(".")
            parts.setdefault(part, {})[name] = array
        return cls(Logistic.of(parts["logistic"], num_features), Trees.of(parts["trees"], num_features))


def mean_of(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    return (one + other) / 2
