"""The models and the epoch as a PyG user writes them: scores by index and sum, autograd."""

import warnings

import torch
from torch import Tensor, nn
from torch_geometric.nn import GATConv, LGConv, SAGEConv
from torch_geometric.utils import to_torch_csr_tensor


class PlainEncoder(nn.Module):
    """The same encoder as Segue's, on an ``edge_index`` [2, 2E] in node ids, or on its ``adjacency``; state
    dict as Segue's Encoder."""

    def __init__(
        self, conv: str, num_nodes: int, *, dim: int, layers: int, heads: int = 5, dropout: float = 0.5
    ):
        super().__init__()
        build = {
            "lgc": LGConv,
            "gat": lambda: _GATLayer(dim, heads, dropout),
            "sage": lambda: SAGEConv(dim, dim),
        }[conv]
        self.embedding = nn.Parameter(0.1 * torch.randn(num_nodes, dim))
        self.convs = nn.ModuleList(build() for _ in range(layers))
        self.register_buffer("alpha", torch.full((layers + 1,), 1 / (layers + 1)))

    def forward(self, edge_index: Tensor) -> Tensor:
        x = self.embedding
        out = self.alpha[0] * x
        for weight, conv in zip(self.alpha[1:], self.convs, strict=True):
            x = conv(x, edge_index)
            out = out + weight * x
        return out


class _GATLayer(nn.Module):
    def __init__(self, dim: int, heads: int, dropout: float):
        super().__init__()
        self.conv = GATConv(dim, dim, heads=heads, dropout=dropout)
        self.linear = nn.Linear(heads * dim, dim)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        return self.linear(self.conv(x, edge_index))


def node_edges(edges: Tensor, num_playlists: int) -> Tensor:
    """[2, 2E] edge_index in node ids, both directions, of [2, E] playlist and track indices."""
    there = torch.stack([edges[0], edges[1] + num_playlists])
    return torch.cat([there, there.flip(0)], dim=1)


def adjacency(edge_index: Tensor, num_nodes: int) -> Tensor:
    """``adj_t``, the CSR matrix that LGConv and SAGEConv multiply with; both directions make it symmetric."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*(CSR tensor support is in beta|[Ii]nvariant checks)")
        return to_torch_csr_tensor(edge_index, size=(num_nodes, num_nodes))


def step(
    model: PlainEncoder,
    optimizer: torch.optim.Optimizer,
    edge_index: Tensor,
    edges: Tensor,
    negatives: Tensor,
    num_playlists: int,
) -> float:
    """One step of BPR; ``edges`` [2, E] playlists and positive tracks, ``negatives`` [E] track indices."""
    model.train()
    optimizer.zero_grad()
    z = model(edge_index)
    playlists = z[edges[0]]
    positive = (playlists * z[edges[1] + num_playlists]).sum(dim=1)
    negative = (playlists * z[negatives + num_playlists]).sum(dim=1)
    loss = -nn.functional.logsigmoid(positive - negative).mean()
    loss.backward()
    optimizer.step()
    return loss.item()
