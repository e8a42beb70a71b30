"""A trained encoder of a graph with artists or albums as a module of PyG's HeteroConv layers."""

import warnings
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.nn import HeteroConv, SimpleConv

from segue.errors import SegueError
from segue.graph.edge_types import FORWARD, EdgeType, edge_type
from segue.nn.convs import LGConv, SAGEConv
from segue.nn.hetero_encoder import HeteroEncoder
from segue.nn.pyg_layers import BothDirections, Weighted, keep_as_it_is, of_pyg
from segue.nn.score import Score


class PyGHeteroEncoder(nn.Module):
    r"""A trained ``segue.nn.hetero_encoder.HeteroEncoder``, its layers PyG's.

    It gives the rows of its ``score`` for playlists and tracks, as ``PyGEncoder`` does, and the embeddings of
    artists and albums, which have no layer L: nobody receives from them there.

    ``embedding``: [N, dim] float32, nodes by type in the order of ``num_nodes``. ``alpha``: [L + 1].
    ``convs``: L HeteroConv layers, called with features, an ``edge_index`` and, of LightGCN's convolution, an
    ``edge_weight`` of each edge type.
    """

    def __init__(self, encoder: HeteroEncoder, score: Score):
        super().__init__()
        self.num_nodes, self.score, self.degrees = encoder.num_nodes, score, encoder.degrees
        self.edge_types = [edge_type(*way) for way in encoder.ways]
        self.has_edge_weights = any(isinstance(conv, LGConv) for conv in encoder.convs[0].values())
        self.embedding = encoder.embedding
        self.convs = nn.ModuleList()
        for layer, weights in zip(encoder.convs, encoder.relation_weights, strict=True):
            last = len(self.convs) == len(encoder.convs) - 1
            convs = {
                kind: _of_way(layer[f"{kind[0]}-{kind[2]}"], weight if encoder.weighted else None)
                for kind, weight in zip(self.edge_types, weights, strict=True)
                if not last or kind[2] in ("playlist", "track")
            }
            with warnings.catch_warnings():  # PyG tells of types that do not receive
                warnings.filterwarnings("ignore", message="There exist node types")
                self.convs.append(HeteroConv(convs))
        keep_as_it_is(self, "alpha", encoder.alpha)

    def forward(self, edge_index: Mapping[EdgeType, Tensor]) -> dict[str, Tensor]:
        """Embeddings by node type, ``{"playlist": [P, d'], "track": [T, d'], "artist": [A, dim], ...}``.

        ``edge_index``: ``to_hetero_data(...).edge_index_dict``, [2, E] int64 by edge type. Of one direction
        alone the messages pass both ways; types that the model does not have are left out.
        """
        edges = self._edges(edge_index)
        weights = {"edge_weight_dict": self._weights(edges)} if self.has_edge_weights else {}
        x = dict(zip(self.num_nodes, self.embedding.split(list(self.num_nodes.values())), strict=True))
        out = {kind: self.alpha[0] * rows for kind, rows in x.items()}
        for alpha, conv in zip(self.alpha[1:], self.convs, strict=True):
            x = conv(x, edges, **weights)
            out |= {kind: out[kind] + alpha * rows for kind, rows in x.items()}
        degree = _degrees(edges[FORWARD], self.num_nodes["track"])
        rows = {
            "playlist": self.score.playlists(out["playlist"]),
            "track": self.score.tracks(out["track"], degree),
        }
        return out | rows

    def _edges(self, given: Mapping[EdgeType, Tensor]) -> dict[EdgeType, Tensor]:
        edges = {}
        for kind in self.edge_types:
            back = edge_type(kind[2], kind[0])
            if kind not in given and back not in given:
                raise SegueError(
                    f"There are no edges of {kind[0]}s and {kind[2]}s.",
                    where="the edge types that the encoder was given",
                    found=", ".join(map(str, given)) or "none",
                    expected=f"{kind} or {back}",
                    fix="pass to_hetero_data(...).edge_index_dict of the run that trained the model",
                )
            edges[kind] = given[kind] if kind in given else given[back].flip([0])
        return edges

    def _weights(self, edges: Mapping[EdgeType, Tensor]) -> dict[EdgeType, Tensor]:
        """[E] by edge type, 1 / sqrt(degree of the source x degree of the target), over all edge types or of
        each."""
        of_targets = {kind: _degrees(pairs, self.num_nodes[kind[2]]) for kind, pairs in edges.items()}
        of_sources = {kind: of_targets[edge_type(kind[2], kind[0])] for kind in edges}
        if self.degrees == "all":
            total = {
                name: sum(degree for kind, degree in of_targets.items() if kind[2] == name)
                for name in self.num_nodes
            }
            of_targets, of_sources = ({kind: total[kind[end]] for kind in edges} for end in (2, 0))
        dtype = self.embedding.dtype
        return {
            kind: (of_sources[kind][pairs[0]] * of_targets[kind][pairs[1]]).to(dtype).rsqrt()
            for kind, pairs in edges.items()
        }


def _of_way(conv: nn.Module, weight: Tensor | None) -> nn.Module:
    """PyG's layer for one edge type, with the weights of ``conv``; times ``weight``, where there is one."""
    if isinstance(conv, LGConv):
        layer: nn.Module = SimpleConv(aggr="sum")
    else:
        layer = of_pyg(conv) if isinstance(conv, SAGEConv) else BothDirections(of_pyg(conv))
    return layer if weight is None else Weighted(layer, weight)


def _degrees(edges: Tensor, num_targets: int) -> Tensor:
    return torch.bincount(edges[1], minlength=num_targets)
