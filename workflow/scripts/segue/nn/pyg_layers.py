"""The layers of a trained encoder as PyG's own, for its modules on ``edge_index``."""

import torch
from torch import Tensor, nn

from segue.errors import SegueError
from segue.nn.convs import GATLayer, LGConv, SAGEConv
from segue.nn.functional import Pair
from segue.nn.pyg import PyGConv


def of_pyg(conv: nn.Module) -> nn.Module:
    """A layer with the weights of ``conv`` that is PyG's, or falls back on PyG's for an edge_index."""
    if isinstance(conv, PyGConv):
        return conv.plain()
    if not isinstance(conv, (LGConv, SAGEConv, GATLayer)):
        raise SegueError(
            f"A layer of class {type(conv).__name__} is not PyG's.",
            where="load_encoder",
            found=f"{type(conv).__module__}.{type(conv).__name__}",
            expected="a convolution of torch_geometric.nn",
            fix="use the model's embeddings.safetensors, or segue.load",
        )
    return conv


def keep_as_it_is(module: nn.Module, name: str, values: Tensor) -> None:
    """Makes ``values`` the attribute ``name`` of ``module``: a parameter if they are one, else a buffer."""
    if isinstance(values, nn.Parameter):
        setattr(module, name, values)
    else:
        module.register_buffer(name, values)


class Weighted(nn.Module):
    """What ``layer`` gives, times the ``weight`` of its edge type."""

    def __init__(self, layer: nn.Module, weight: Tensor):
        super().__init__()
        self.layer = layer
        own = weight.detach().clone()
        keep_as_it_is(self, "weight", nn.Parameter(own) if weight.requires_grad else own)

    def forward(self, *args: Tensor | Pair, **weights: Tensor) -> Tensor:
        return self.weight * self.layer(*args, **weights)


class BothDirections(nn.Module):
    """A layer of PyG's for the targets of an edge type, whose self-loops and degrees are a node's own.

    It is called on the graph of sources and targets, with the edges in both directions: in a bipartite call
    PyG would tie target i to source i, and would know no degrees of sources.
    """

    def __init__(self, layer: nn.Module):
        super().__init__()
        self.layer = layer

    def forward(self, x: Pair, edge_index: Tensor) -> Tensor:
        sources, targets = x
        there = edge_index + torch.tensor([[len(targets)], [0]], device=edge_index.device)
        both = torch.cat([there, there.flip([0])], dim=1)
        return self.layer(torch.cat([targets, sources]), both)[: len(targets)]
