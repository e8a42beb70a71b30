"""The encoder of a graph with artists and albums as a PyG user writes it: ``HeteroConv`` on edge_index."""

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn
from torch_geometric.nn import GATConv, HeteroConv, MessagePassing, SAGEConv, SimpleConv

Way = tuple[str, str]  # node types of sources and targets
EdgeType = tuple[str, str, str]


def edge_type(way: Way) -> EdgeType:
    return way[0], "to", way[1]


def both_ways(
    edges: Tensor, relations: Mapping[Way, Tensor], first: Way = ("playlist", "track")
) -> dict[EdgeType, Tensor]:
    """Each direction of ``edges`` [2, E] and of each relation's edges, as ``edge_index_dict``."""
    pairs = {first: edges, **relations}
    there = {edge_type(ends): pair for ends, pair in pairs.items()}
    return there | {edge_type(ends[::-1]): pair.flip(0) for ends, pair in pairs.items()}


def layer(conv: str, dim: int, heads: int = 5, dropout: float = 0.5) -> nn.Module:
    """One convolution of one edge type."""
    if conv == "gat":
        return GATWithTargets(dim, heads, dropout)
    return SAGEConv(dim, dim) if conv == "sage" else SimpleConv(aggr="sum")


class PlainHetero(nn.Module):
    """Z of each node type: the sum of ``alpha`` times the outputs of HeteroConv layers.

    ``make``: a convolution of one edge type. ``aggr``: HeteroConv's. ``degrees``: of LightGCN's
    normalisation, over ``all`` edge types or of ``each``; None: edges have no weights.
    """

    def __init__(
        self,
        make: Callable[[], nn.Module],
        num_nodes: Mapping[str, int],
        edge_types: Iterable[EdgeType],
        *,
        dim: int,
        layers: int,
        aggr: str = "sum",
        degrees: str | None = None,
    ):
        super().__init__()
        self.num_nodes, self.degrees = dict(num_nodes), degrees
        self.embedding = nn.Parameter(0.1 * torch.randn(sum(num_nodes.values()), dim))
        self.convs = nn.ModuleList(
            HeteroConv({kind: make() for kind in edge_types}, aggr) for _ in range(layers)
        )
        self.register_buffer("alpha", torch.full((layers + 1,), 1 / (layers + 1)))

    def forward(self, edge_index_dict: Mapping[EdgeType, Tensor]) -> dict[str, Tensor]:
        parts = self.embedding.split(list(self.num_nodes.values()))
        x = dict(zip(self.num_nodes, parts, strict=True))
        out = {name: self.alpha[0] * own for name, own in x.items()}
        more = {}
        if self.degrees:
            weights = light_weights(edge_index_dict, self.num_nodes, self.degrees, self.embedding.dtype)
            more = {"edge_weight_dict": weights}
        for weight, layer in zip(self.alpha[1:], self.convs, strict=True):
            x = layer(x, edge_index_dict, **more)
            out = {name: total + weight * x[name] for name, total in out.items()}
        return out


def light_weights(
    edge_index_dict: Mapping[EdgeType, Tensor], num_nodes: Mapping[str, int], degrees: str, dtype: torch.dtype
) -> dict[EdgeType, Tensor]:
    """1 / sqrt(deg deg) of each edge; degrees over ``all`` kinds of edges, or of ``each`` alone."""
    own = {
        kind: torch.bincount(edges[1], minlength=num_nodes[kind[2]])
        for kind, edges in edge_index_dict.items()
    }
    back = {kind: own[kind[::-1]] for kind in own}
    if degrees == "all":
        total = {name: sum(degree for kind, degree in own.items() if kind[2] == name) for name in num_nodes}
        own, back = ({kind: total[kind[end]] for kind in own} for end in (2, 0))
    return {
        kind: (own[kind][edges[1]] * back[kind][edges[0]]).to(dtype).pow(-0.5)
        for kind, edges in edge_index_dict.items()
    }


class GATWithTargets(MessagePassing):
    """GATConv and a linear layer back, with each target as one more of its sources: its self-loop."""

    def __init__(self, dim: int, heads: int, dropout: float):
        super().__init__()
        self.conv = GATConv(dim, dim, heads, dropout=dropout, add_self_loops=False)
        self.linear = nn.Linear(heads * dim, dim)

    def forward(self, x: tuple[Tensor, Tensor], edge_index: Tensor) -> Tensor:
        sources, targets = x
        own = torch.arange(len(targets), device=edge_index.device)
        loops = torch.stack([own + len(sources), own])
        return self.linear(
            self.conv((torch.cat([sources, targets]), targets), torch.cat([edge_index, loops], dim=1))
        )


def step(
    model: PlainHetero,
    optimizer: torch.optim.Optimizer,
    edge_index_dict: Mapping[EdgeType, Tensor],
    edges: Tensor,
    negatives: Tensor,
) -> float:
    """One step of BPR; ``edges`` [2, E] playlists and positive tracks, ``negatives`` [E] track indices."""
    model.train()
    optimizer.zero_grad()
    z = model(edge_index_dict)
    playlists = z["playlist"][edges[0]]
    positive = (playlists * z["track"][edges[1]]).sum(dim=1)
    negative = (playlists * z["track"][negatives]).sum(dim=1)
    loss = -nn.functional.logsigmoid(positive - negative).mean()
    loss.backward()
    optimizer.step()
    return loss.item()
