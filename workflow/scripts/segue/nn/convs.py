"""PyG's LGConv, SAGEConv and GATConv, made fast on a bipartite ``Pattern``; and layers of them, by name.

Each is PyG's class: its constructor, its parameters, its state dict. On a ``segue.nn.pattern.Pattern``
[n_target, n_source], ``forward((x_source, x_target), pattern)`` takes the products of ``segue.nn.functional``
and returns what PyG's returns for the targets. All else, an ``edge_index`` or an ``adj_t``, goes to PyG's.

``lgc``, ``sage`` and ``gat`` make one layer [dim -> dim] of an encoder. PyG draws initial values from torch's
global generator; they draw the same distributions from one that is passed, and leave the global one alone.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch_geometric import nn as pyg
from torch_geometric.typing import OptPairTensor, OptTensor

from segue.errors import SegueError
from segue.nn import functional
from segue.nn.functional import Pair, Received
from segue.nn.pattern import Pattern


class OnPattern:
    """``forward`` of a PyG convolution that takes a ``Pattern`` too.

    ``SETTINGS``: what the constructor must have been told for that, by attribute. ``propagate_type`` and
    ``edge_updater_type`` tell PyG what its own ``forward`` passes on: it looks into the source of a class for
    that, and finds nothing in a subclass of the same name.
    """

    SETTINGS: ClassVar[dict[str, Any]]

    def forward(self, x: Tensor | Pair, edge_index: Any, *args: Any, **kwargs: Any) -> Any:
        """As PyG's; on a pattern ``x`` is (x_source [m, d], x_target [n, d]); ``generator`` draws dropout."""
        if not isinstance(edge_index, Pattern):
            return super().forward(x, edge_index, *args, **kwargs)
        for name, value in self.SETTINGS.items():
            if getattr(self, name) != value:
                raise SegueError(
                    f"{type(self).__name__} has no fast path for this setting.",
                    where=name,
                    found=repr(getattr(self, name)),
                    expected=repr(value),
                    fix="call it on an edge_index or an adj_t, which takes PyG's own path",
                )
        return self.on_pattern(x, edge_index, *args, **kwargs)


class LGConv(OnPattern, pyg.LGConv):
    """``functional.lgc``."""

    propagate_type: ClassVar = {"x": Tensor, "edge_weight": OptTensor}
    SETTINGS: ClassVar = {"normalize": True, "aggr": "add", "flow": "source_to_target"}

    def on_pattern(self, x: Pair, pattern: Pattern, generator: torch.Generator | None = None) -> Tensor:
        return functional.lgc(x, pattern)


class SAGEConv(OnPattern, pyg.SAGEConv):
    """``functional.sage``."""

    propagate_type: ClassVar = {"x": OptPairTensor}
    SETTINGS: ClassVar = {
        "aggr": "mean",
        "normalize": False,
        "root_weight": True,
        "project": False,
        "flow": "source_to_target",
    }

    def on_pattern(self, x: Pair, pattern: Pattern, generator: torch.Generator | None = None) -> Tensor:
        return functional.sage(x, pattern, self.lin_l.weight, self.lin_l.bias, self.lin_r.weight)

    @staticmethod
    def of_ways(
        convs: Sequence["SAGEConv"], ways: Sequence[Received], targets: Tensor, weights: Tensor | None
    ) -> Tensor:
        """``functional.sage_of_ways`` with these layers' weights, each layer's times its one of ``weights``;
        None: all are 1."""
        left = torch.stack([conv.lin_l.weight for conv in convs])
        bias = torch.stack([conv.lin_l.bias for conv in convs])
        right = torch.stack([conv.lin_r.weight for conv in convs])
        if weights is not None:
            of_maps = weights[:, None, None]
            left, bias, right = of_maps * left, weights[:, None] * bias, of_maps * right
        return functional.sage_of_ways(ways, targets, left, bias.sum(dim=0), right.sum(dim=0))


class GATConv(OnPattern, pyg.GATConv):
    """``functional.gat``, each head mapped, one after the other.

    On a pattern the self-loop of a target is the target itself as one more source, as in a homogeneous graph
    of both sides; PyG's bipartite call would tie target i to source i instead.
    """

    propagate_type: ClassVar = {"x": OptPairTensor, "alpha": Tensor}
    edge_updater_type: ClassVar = {"alpha": OptPairTensor, "edge_attr": OptTensor}
    SETTINGS: ClassVar = {
        "concat": True,
        "add_self_loops": True,
        "lin_src": None,  # one weight for both sides
        "edge_dim": None,
        "residual": False,
        "aggr": "add",
        "flow": "source_to_target",
    }

    def on_pattern(self, x: Pair, pattern: Pattern, generator: torch.Generator | None = None) -> Tensor:
        heads = zip(self.attended(x, pattern, generator), self.weights(), strict=True)
        out = torch.cat([nn.functional.linear(head, weight) for head, weight in heads], dim=1)
        return out if self.bias is None else out + self.bias

    def weights(self) -> Tensor:
        """[heads, outputs, inputs], W of each head."""
        return self.lin.weight.view(self.heads, self.out_channels, -1)

    def attended(self, x: Pair, pattern: Pattern, generator: torch.Generator | None) -> Iterator[Tensor]:
        """``functional.gat`` with this layer's weights: [n, inputs] of each head."""
        return functional.gat(
            x,
            pattern,
            self.weights(),
            (self.att_src, self.att_dst),
            slope=self.negative_slope,
            dropout=self.dropout if self.training else 0.0,
            generator=generator,
        )


class GATLayer(nn.Module):
    """GATConv and a linear layer from its heads back to ``dim``; on a pattern the two maps are one."""

    def __init__(self, dim: int, heads: int, dropout: float):
        super().__init__()
        self.conv = GATConv(dim, dim, heads, dropout=dropout)
        self.linear = nn.Linear(heads * dim, dim)

    def forward(self, x: Tensor | Pair, edge_index: Any, generator: torch.Generator | None = None) -> Tensor:
        if not isinstance(edge_index, Pattern):
            return self.linear(self.conv(x, edge_index))
        maps, bias = functional.mapped_back(
            self.conv.weights(), self.conv.bias, self.linear.weight, self.linear.bias
        )
        heads = self.conv.attended(x, edge_index, generator)
        out = torch.addmm(bias, next(heads), maps[0].T)
        for head, back in zip(heads, maps[1:], strict=True):
            out.addmm_(head, back.T)
        return out


def lgc(dim: int, *, generator: torch.Generator | None = None) -> LGConv:
    """It has no parameters; ``dim`` is that of the features."""
    return LGConv()


def sage(dim: int, *, generator: torch.Generator | None = None) -> SAGEConv:
    r"""Weights and bias from :math:`U(-1/\sqrt{dim}, 1/\sqrt{dim})`, as PyG's."""
    conv = _without_values(lambda: SAGEConv(dim, dim))
    for parameter in conv.parameters():
        _draw(parameter, dim**-0.5, generator)
    return conv


def gat(
    dim: int, *, heads: int = 5, dropout: float = 0.5, generator: torch.Generator | None = None
) -> GATLayer:
    """GATConv's weights by Glorot, as PyG's; the linear layer's as torch's."""
    layer = _without_values(lambda: GATLayer(dim, heads, dropout))
    conv = layer.conv
    for parameter in (conv.lin.weight, conv.att_src, conv.att_dst):
        _draw(parameter, (6 / sum(parameter.shape[-2:])) ** 0.5, generator)
    nn.init.zeros_(conv.bias)
    for parameter in layer.linear.parameters():
        _draw(parameter, (heads * dim) ** -0.5, generator)
    return layer


def _without_values(make: Callable[[], nn.Module]) -> nn.Module:
    """The module with uninitialised parameters: on the meta device its constructor draws nothing."""
    with torch.device("meta"):
        module = make()
    return module.to_empty(device="cpu")


def _draw(parameter: Tensor, bound: float, generator: torch.Generator | None) -> None:
    nn.init.uniform_(parameter, -bound, bound, generator)
