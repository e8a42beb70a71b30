"""What nodes that are attached to a frozen model receive from the nodes of its graph."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from segue.nn.functional import Formula, Pair
from segue.nn.pattern import Pattern
from segue.run.registry import convolution

EDGES = 2**18  # that pass messages at a time; with the features of their ends, it bounds memory
State = dict[str, Tensor]


def formulas_of(
    settings: dict[str, Any], convs: Sequence[State], weights: Tensor | None = None
) -> list[Formula]:
    """Of each layer; of relations, ``weights`` [L] times as large.

    ``convs``: the state dicts of L convolutions; ``settings``: their conv, layers, dim and own ones. One
    without a formula in the registry is made anew, as for training.
    """
    formula = convolution(settings["conv"], settings).load_frozen()
    if formula:
        formulas = [formula(state) for state in convs]
    else:
        from segue.nn.encoder import make_convs  # imports torch_geometric, which takes seconds

        formulas = list(make_convs(**settings, generator=torch.Generator()).eval())
        for module, state in zip(formulas, convs, strict=True):
            module.load_state_dict(state)
    if weights is None:
        return formulas
    return [_weighted(formula, weight) for formula, weight in zip(formulas, weights, strict=True)]


def _weighted(formula: Formula, weight: Tensor) -> Formula:
    def weighted(x: Pair, pattern: Pattern) -> Tensor:
        return formula(x, pattern) * weight

    return weighted


def flat_convs(convs: Sequence[State], prefix: str = "convs.") -> dict[str, Tensor]:
    """Their tensors by one name each, for a file."""
    return {
        f"{prefix}{layer}.{name}": value for layer, state in enumerate(convs) for name, value in state.items()
    }


def pop_convs(tensors: dict[str, Tensor], layers: int, prefix: str = "convs.") -> list[State]:
    """What ``flat_convs`` has made one-named, taken out of ``tensors``; ``layers``: L."""
    convs: list[State] = [{} for _ in range(layers)]
    for full in [name for name in tensors if name.startswith(prefix)]:
        layer, name = full.removeprefix(prefix).split(".", 1)
        convs[int(layer)][name] = tensors.pop(full)
    return convs


def attached(given: Pattern, degree: Tensor) -> tuple[Tensor, Pattern]:
    """The columns that ``given`` [n, m] uses, [u] int64 and rising, and its pattern [n, u] on these alone: so
    that one row costs what its own length asks for.

    ``degree``: [m] of the columns. It is theirs in the pattern whichever rows there are, since each row is
    attached alone: what it gets must not depend on which others are asked about.
    """
    used, cols = given.cols.long().unique(return_inverse=True)
    shape = given.shape[0], used.numel()
    degree = degree.index_select(0, used)
    return used, Pattern(given.rowptr, given.rows, cols.to(given.cols.dtype), shape, degree)


@dataclass(frozen=True)
class Way:
    """How nodes that are attached receive from nodes of the graph of one type, at each layer.

    ``pattern``: [n, m], from which each does. ``degree``: [m], of these, as each is attached alone.
    ``own_degree``: [n], of those attached, where it is not what the pattern counts.
    """

    formulas: Sequence[Formula]
    pattern: Pattern
    degree: Tensor
    own_degree: Tensor | None = None

    def blocks(self) -> Iterator[tuple[slice, Tensor, Pattern]]:
        """Rows of about EDGES entries at most, or one row, with their ``attached``; an entry more counts for
        each row, so that empty ones are bounded too."""
        ends = self.pattern.rowptr[1:].long() + torch.arange(1, self.pattern.shape[0] + 1)
        start = done = 0
        while start < self.pattern.shape[0]:
            stop = max(int(torch.searchsorted(ends, done + EDGES, right=True)), start + 1)
            used, alone = attached(self.pattern.block(start, stop), self.degree)
            if self.own_degree is not None:
                alone.degree = self.own_degree[start:stop]
            yield slice(start, stop), used, alone
            start, done = stop, int(ends[stop - 1])

    def received(self, layer: int, sources: Tensor, targets: Tensor) -> Tensor:
        """[n, d] what the targets [n, d] receive from ``sources`` [m, d] in this layer."""
        out = torch.empty_like(targets)
        for rows, used, alone in self.blocks():
            out[rows] = self.formulas[layer]((sources.index_select(0, used), targets[rows]), alone)
        return out
