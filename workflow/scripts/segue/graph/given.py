"""Splits that come with the data: train and test edges are given, and validation edges often are not."""

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from segue.errors import SegueError
from segue.graph.split import Split, cut_by_key, split_of

ROLES = ("train", "validation", "test")  # codes 0, 1, 2 of an assignment
# Of `dispersion`: below the one, a test was drawn over playlists; within the other, over edges. In between,
# and above, it was drawn in a way of its own, by time for one.
OF_PLAYLISTS, OF_EDGES = 0.5, (0.8, 1.25)
ENOUGH = 200  # playlists; of so many, a draw over edges has a dispersion of 1 with a deviation of 0.1


def given_split(
    edges: Tensor,
    role: Tensor,
    *,
    validation: float = 0.15,
    validation_by: Literal["edges", "playlists"] = "edges",
    disjoint_train_ratio: float = 0.0,
    seed: int = 0,
) -> Split:
    """Splits edges as they are assigned, for benchmarks that come with a split.

    ``edges``: as in ``split_edges``. ``role``: [E] integers, 0 train, 1 validation, 2 test. Where no edge is
    a validation edge, the share ``validation`` of the train edges, drawn at random, become validation edges.
    By ``edges`` these are floor(``validation`` E_train) of all; by ``playlists``, of each playlist with n
    train edges ``validation`` n of them, rounded, a half up, and never all: as tests are drawn that hold the
    same share of each playlist.

    Then as in ``split_edges``: floor(``disjoint_train_ratio`` E_train) of the train edges that are left are
    supervision only, and one seed draws the same everywhere. Raises SegueError when a stage has no edge.
    """
    train, held_out, test = ((role == code).nonzero()[:, 0] for code in range(3))
    keys = np.random.PCG64(seed).random_raw(train.numel())
    drawn = torch.zeros(train.numel(), dtype=torch.bool)
    if not held_out.numel():
        if validation_by == "playlists":
            drawn = _of_each(edges[0, train].numpy(), keys, validation)
        else:
            count = int(validation * train.numel())
            drawn[cut_by_key(keys, [train.numel() - count, count])[1]] = True
        held_out = train[drawn]
    left = train[~drawn]
    num_disjoint = int(disjoint_train_ratio * left.numel())
    apart, message = (
        left[part] for part in cut_by_key(keys[~drawn.numpy()], [num_disjoint, left.numel() - num_disjoint])
    )
    stages = {
        "train message passing": message,
        "train supervision": apart if disjoint_train_ratio else message,
        "validation": held_out,
        "test": test,
    }
    for stage, part in stages.items():
        if not part.numel():
            raise SegueError(
                f"The given assignment leaves no edge for {stage}.",
                where="the column split of the graph's edges",
                found=", ".join(f"{int((role == i).sum()):,} {name}" for i, name in enumerate(ROLES))
                + f" edges; split.validation {validation:g}, "
                f"split.disjoint_train_ratio {disjoint_train_ratio:g}",
                expected="at least one edge for each stage",
                fix="lower graph.k_core, raise that share, or add edges of that stage to the data",
            )
    return split_of(edges, apart, message, held_out, test)


def _of_each(playlists: np.ndarray, keys: np.ndarray, share: float) -> Tensor:
    """[E] bool: of each playlist the edges with the least ``keys``, ``share`` of them, rounded, never all."""
    order = np.lexsort((keys, playlists))
    degree = np.bincount(playlists)
    counts = np.minimum(np.floor(share * degree + 0.5).astype(int), np.maximum(degree - 1, 0))
    place = np.empty(len(keys), dtype=int)
    place[order] = np.arange(len(keys)) - (np.cumsum(degree) - degree)[playlists[order]]
    return torch.from_numpy(place < counts[playlists])


def dispersion(playlists: Tensor, held_out: Tensor) -> float:
    r"""How unevenly held-out edges lie on the playlists, beside a draw of them over all edges:

    .. math:: \frac{1}{P} \sum_u \frac{(t_u - s n_u)^2}{n_u s (1 - s)}, \quad s = \sum t_u / \sum n_u

    with :math:`t_u` of a playlist's :math:`n_u` edges held out. Pearson's statistic over its degrees of
    freedom: 1 where each edge was drawn on its own, near 0 where each playlist gave the same share, far above
    1 where each gave one edge or its last ones. ``playlists`` [E] int64, ``held_out`` [E] bool, of both some.
    """
    degree = torch.bincount(playlists).double()
    count = torch.bincount(playlists, held_out.double())
    some = degree > 0
    degree, count = degree[some], count[some]
    share = count.sum() / degree.sum()
    return float(((count - share * degree) ** 2 / (degree * share * (1 - share))).mean())


def drawn_by(playlists: Tensor, held_out: Tensor) -> Literal["edges", "playlists"] | None:
    """How ``held_out`` was drawn, by its ``dispersion``; None where that is neither, or of few playlists."""
    if playlists.unique().numel() < ENOUGH:
        return None
    value = dispersion(playlists, held_out)
    if value < OF_PLAYLISTS:
        return "playlists"
    return "edges" if OF_EDGES[0] <= value <= OF_EDGES[1] else None
