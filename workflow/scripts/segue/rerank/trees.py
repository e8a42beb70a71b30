r"""Gradient-boosted trees as arrays: read with checks, and asked by bit masks instead of walks.

A row x reaches one leaf of every tree, and its score is

.. math:: s(x) = b + \sum_k v_{k, \mathrm{leaf}_k(x)}.

A walk would look at one node after the other. Instead each tree's leaves are numbered from left to right,
one bit each, and a node whose test fails, :math:`x_f > t`, clears the bits of the leaves at its left: the
lowest bit that is left is the leaf (Lucchese et al. 2015, "QuickScorer", https://doi.org/10.1145/2766462.2767733,
algorithm 1). What all tests of one feature clear in all trees depends only on how many of the feature's
thresholds lie below x, so that it is one row of a table: a row x costs one such row a feature.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.errors import SegueError

LEAVES = 32  # of a tree at most: bits of a mask
ROWS = 512  # rows at a time, so that masks stay in the cache
PART = 1 << 12  # rows whose places in the tables are held
ALL = np.uint32(0xFFFFFFFF)

# What a file holds: of each tree's nodes, in the order of the trees, parents before their children.
COLUMNS = {
    "feature": np.int32,  # that is tested; -1 of a leaf
    "threshold": np.float64,  # left where the value is at most this
    "missing_left": np.uint8,  # 1: left where the value is missing (NaN)
    "left": np.int32,  # a child's place in its own tree; 0 of a leaf
    "right": np.int32,
    "value": np.float64,  # of a leaf
}


@dataclass(frozen=True)
class Trees:
    """``nodes``: COLUMNS by name; ``offsets``: int64 [trees + 1], where each tree begins; ``base``: b.

    Raises SegueError where these are no trees over ``num_features`` features.
    """

    nodes: dict[str, NDArray[Any]]
    offsets: NDArray[np.int64]
    base: float
    num_features: int

    def __post_init__(self) -> None:
        if fault := _fault(self):
            raise SegueError(
                "The trees of a second stage are damaged.",
                found=fault,
                expected=f"binary trees of at most {LEAVES} leaves over {self.num_features} features",
                fix="make the file again: remove it and ask for it by its path",
            )

    def scores(
        self, values: NDArray[np.float32], given: NDArray[np.integer] | None = None
    ) -> NDArray[np.float32]:
        """[n, K] of ``values`` [F, n, K] float32, features first; NaN is a missing value.

        ``given``, of other second stages, is not used: it is a feature here.
        """
        flat = values.reshape(len(values), -1)
        scores = np.empty(flat.shape[1])
        for start in range(0, len(scores), PART):
            part = flat[:, start : start + PART]
            places = np.stack([self._place(f, column) for f, column in enumerate(part)])
            for first in range(0, part.shape[1], ROWS):
                some = places[:, first : first + ROWS]
                scores[start + first : start + first + some.shape[1]] = self._sums(some)
        return (scores + self.base).astype(np.float32).reshape(values.shape[1:])

    def _sums(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """[rows] of the leaves that rows of ``places`` [F, rows] in the tables reach, added up."""
        tables, leaves = self._tables
        masks = np.full((places.shape[1], len(leaves)), ALL)
        cleared = np.empty_like(masks)
        for table, place in zip(tables, places, strict=True):
            if len(table) > 1:  # or no tree tests the feature
                np.take(table, place, axis=0, out=cleared, mode="clip")
                masks &= cleared
        lowest = masks & (~masks + np.uint32(1))
        # A power of two's exponent is in the upper bits of its float.
        leaf = (lowest.astype(np.float32).view(np.int32) >> 23) - 127
        return leaves.ravel()[leaf + np.arange(len(leaves)) * LEAVES].sum(axis=1)

    def _place(self, f: int, column: NDArray[np.float32]) -> NDArray[np.int64]:
        """Each value's row in the table of feature f: how many thresholds are below; the last, of a NaN."""
        thresholds = self._thresholds[f]
        place = np.searchsorted(thresholds, column)
        place[np.isnan(column)] = len(thresholds) + 1
        return place

    @cached_property
    def _thresholds(self) -> list[NDArray[np.float32]]:
        """Of each feature, each once, rising, rounded down: a float32 at most t is at most that too."""
        found = []
        for f in range(self.num_features):
            exact = np.unique(self.nodes["threshold"][self.nodes["feature"] == f])
            with np.errstate(over="ignore"):
                near = exact.astype(np.float32)
            found.append(np.unique(np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)))
        return found

    @cached_property
    def _tables(self) -> tuple[list[NDArray[np.uint32]], NDArray[np.float64]]:
        """Of each feature, [thresholds + 2, trees] the masks by place; [trees, LEAVES] the leaves' values."""
        trees = len(self.offsets) - 1
        tables = [np.full((len(t) + 2 if len(t) else 1, trees), ALL) for t in self._thresholds]
        leaves = np.zeros((trees, LEAVES))
        rank = self._ranks()
        feature, missing_left, left, right, value = (
            self.nodes[name].tolist() for name in ("feature", "missing_left", "left", "right", "value")
        )

        def enter(k: int, node: int, leaf: int) -> int:
            """Enters a node whose first leaf is ``leaf``, and what is below it; the leaf behind its last."""
            f = feature[node]
            if f < 0:
                leaves[k, leaf] = value[node]
                return leaf + 1
            first = int(self.offsets[k])
            middle = enter(k, first + left[node], leaf)
            end = enter(k, first + right[node], middle)
            at_left, at_right = (1 << middle) - (1 << leaf), (1 << end) - (1 << middle)
            table = tables[f]
            table[rank[node] + 1 : -1, k] &= ALL ^ np.uint32(at_left)
            table[-1, k] &= ALL ^ np.uint32(at_right if missing_left[node] else at_left)
            return end

        for k, first in enumerate(self.offsets[:-1].tolist()):
            enter(k, first, 0)
        return tables, leaves

    def _ranks(self) -> list[int]:
        """Of each node, how many thresholds of its feature are below its own."""
        ranks = np.zeros(len(self.nodes["feature"]), dtype=np.int64)
        for f, thresholds in enumerate(self._thresholds):
            own = self.nodes["feature"] == f
            # The rounded threshold is the largest that is at most the exact one.
            ranks[own] = np.searchsorted(thresholds, self.nodes["threshold"][own], side="right") - 1
        return ranks.tolist()

    def tensors(self) -> dict[str, NDArray[Any]]:
        """What a file holds."""
        return {**self.nodes, "offsets": self.offsets, "base": np.array([self.base])}

    @classmethod
    def of(cls, tensors: dict[str, NDArray[Any]], num_features: int) -> "Trees":
        """Of what ``tensors`` gave. Raises SegueError where something is missing, or of another kind."""
        expected = {**COLUMNS, "offsets": np.int64, "base": np.float64}
        wrong = [
            name
            for name, kind in expected.items()
            if name not in tensors or tensors[name].dtype != kind or tensors[name].ndim != 1
        ]
        if wrong or tensors["base"].size != 1:
            raise SegueError(
                "The file of a second stage does not hold its trees.",
                found=f"no {', '.join(wrong or ['base'])} as expected, among {', '.join(sorted(tensors))}",
                expected="; ".join(f"{name}: a row of {np.dtype(kind)}" for name, kind in expected.items()),
                fix="make the file again: remove it and ask for it by its path",
            )
        nodes = {name: tensors[name] for name in COLUMNS}
        return cls(nodes, tensors["offsets"], float(tensors["base"][0]), num_features)


def _fault(trees: Trees) -> str:
    """What is wrong with the arrays; empty where nothing is."""
    nodes, offsets = trees.nodes, trees.offsets
    count = len(nodes["feature"])
    if any(len(column) != count for column in nodes.values()):
        return "columns of " + ", ".join(f"{len(column):,}" for column in nodes.values()) + " nodes"
    if len(offsets) < 2 or offsets[0] != 0 or offsets[-1] != count or (np.diff(offsets) < 1).any():
        return f"{len(offsets)} offsets that do not divide {count:,} nodes into trees"
    size = np.diff(offsets)
    tree = np.repeat(np.arange(len(size)), size)
    place = np.arange(count) - offsets[tree]
    leaf = nodes["feature"] < 0
    if (nodes["feature"] >= trees.num_features).any() or (nodes["feature"] < -1).any():
        return f"a feature numbered {nodes['feature'].max()} or {nodes['feature'].min()}"
    inner = ~leaf
    for side in ("left", "right"):
        child = nodes[side]
        if ((child <= place) | (child >= size[tree]))[inner].any():
            return f"a {side} child that is not behind its parent in the same tree"
    children = np.concatenate([(nodes[side] + offsets[tree])[inner] for side in ("left", "right")])
    times = np.bincount(children, minlength=count)
    if (times != (place > 0)).any():  # with children behind parents: every node is reached, by one path
        return "a node that is no child, or the child of two"
    leaves = np.bincount(tree[leaf], minlength=len(size))
    if leaves.max() > LEAVES:
        return f"a tree of {leaves.max()} leaves"
    if np.isnan(nodes["threshold"][inner]).any() or (nodes["threshold"][inner] == -np.inf).any():
        return "a threshold that no value can be compared with"
    if not np.isfinite(nodes["value"][leaf]).all() or not np.isfinite(trees.base):
        return "a leaf whose value is not finite"
    if (nodes["missing_left"] > 1).any():
        return "a missing_left that is neither 0 nor 1"
    return ""
