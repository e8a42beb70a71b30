"""The encoder on a graph with artists or albums: a convolution for each way that messages pass."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from segue.graph.edge_types import Way, ways_of
from segue.nn.encoder import Encoder, keep_weights, make_convs, weighted_sum
from segue.nn.functional import Pair
from segue.nn.hetero_graph import HeteroGraph
from segue.nn.pattern import Pattern
from segue.run.registry import convolution


def build_encoder(
    conv: str, num_nodes: Mapping[str, int], *, relations: Mapping[str, Any] | None = None, **settings: Any
) -> "Encoder | HeteroEncoder":
    """The encoder of a graph with ``num_nodes``, counts by node type.

    ``relations``: None of a bipartite graph; else of the model's settings, and the encoder a HeteroEncoder.
    """
    if relations is None:
        return Encoder(conv, sum(num_nodes.values()), **settings)
    own = {key: relations[key] for key in ("aggregate", "strength", "weights", "degrees")}
    return HeteroEncoder(conv, num_nodes, **own, **settings)


class HeteroEncoder(nn.Module):
    r"""Embeds playlists and tracks by message passing over them, their artists and albums.

    .. math::
        X_t^{(l+1)} = \sum_{s \to t} w_{st}^{(l)} \, \mathrm{conv}_{st}^{(l)}(X_s^{(l)}, X_t^{(l)}), \qquad
        Z_t = \sum_{l=0}^{L} \alpha_l X_t^{(l)}

    for each type t of nodes, over the types s that have edges with it: PyG's ``HeteroConv`` (Schlichtkrull et
    al. 2018, section 2.1), whose sum or mean is what the weights w start from: 1, or 1 / (number of ways into
    t); of messages from or to artists and albums times ``strength``. They are a buffer and stay there where
    ``weights`` is ``fixed``, and parameters where it is ``learnable``, as alpha. The score of a playlist and
    a track is the dot product of their rows of Z.

    ``num_nodes``: counts by node type, as in ``HeteroGraph``. ``degrees``: what LightGCN's convolution
    divides by, ``HeteroGraph.messages``; others have the degrees of each way. ``edge_dropout``: of the edges
    of playlists and tracks alone. All else as in ``segue.nn.encoder.Encoder``.

    Shapes: input embeddings [N, dim] float32, nodes by type in the order of ``num_nodes``;
    ``relation_weights`` [L, W], in the order of ``ways``.
    """

    def __init__(
        self,
        conv: str,
        num_nodes: Mapping[str, int],
        *,
        aggregate: str = "sum",
        strength: float = 1.0,
        weights: str = "fixed",
        degrees: str = "all",
        dim: int = 64,
        layers: int = 3,
        alpha: str = "fixed",
        init_std: float = 0.1,
        edge_dropout: float = 0.0,
        generator: torch.Generator | None = None,
        **settings: Any,
    ):
        super().__init__()
        self.num_nodes, self.edge_dropout = dict(num_nodes), edge_dropout
        self.ways = ways_of(num_nodes)
        self.embedding = nn.Parameter(torch.empty(sum(num_nodes.values()), dim))
        self.convs = nn.ModuleList()
        for _ in range(layers):
            convs = make_convs(conv, len(self.ways), dim, generator, **settings)
            self.convs.append(nn.ModuleDict(zip(map("-".join, self.ways), convs, strict=True)))
        self.degrees = degrees if convolution(conv, settings).normalised else "each"
        # Or else all weights are 1.
        self.weighted = aggregate != "sum" or strength != 1 or weights == "learnable"
        into = [target for _, target in self.ways]
        start = torch.tensor([1.0 if aggregate == "sum" else 1 / into.count(target) for target in into])
        start *= torch.tensor([1.0 if "playlist" in way else strength for way in self.ways])
        keep_weights(self, "relation_weights", start.repeat(layers, 1), weights)
        keep_weights(self, "alpha", torch.full((layers + 1,), 1 / (layers + 1)), alpha)
        nn.init.normal_(self.embedding, std=init_std, generator=generator)

    def forward(self, graph: HeteroGraph, generator: torch.Generator | None = None) -> Pair:
        """Z of the playlists [P, dim] and of the tracks [T, dim]; ``generator`` draws dropout in training."""
        pairs = ((x["playlist"], x["track"]) for x in self.layers(graph, generator))
        playlists, tracks = weighted_sum(self.alpha, pairs)
        return playlists, tracks

    def all_types(self, graph: HeteroGraph) -> dict[str, Tensor]:
        """Z of the nodes of each type, [n, dim]; of artists and albums up to X^(L-1)."""
        outputs = list(self.layers(graph))
        z = {}
        for kind in self.num_nodes:
            rows = [(x[kind],) for x in outputs if kind in x]
            (z[kind],) = weighted_sum(self.alpha[: len(rows)], iter(rows))
        return z

    def layers(
        self, graph: HeteroGraph, generator: torch.Generator | None = None
    ) -> Iterator[dict[str, Tensor]]:
        """X^(0), ..., X^(L), one after the other, [n, dim] by node type.

        X^(L) is of playlists and tracks alone: nobody receives from the others' any more, so that no loss
        would train what makes it.
        """
        if self.training and self.edge_dropout:
            graph = graph.dropped(self.edge_dropout, generator)
        patterns = graph.messages(self.degrees)
        x = self._inputs()
        yield x
        for number in range(len(self.convs)):
            last = number == len(self.convs) - 1
            targets = ("playlist", "track") if last else self.num_nodes
            x = {target: self._received(number, target, x, patterns, generator) for target in targets}
            yield x

    def _received(
        self,
        number: int,
        target: str,
        x: dict[str, Tensor],
        patterns: dict[Way, Pattern],
        generator: torch.Generator | None,
    ) -> Tensor:
        """[n, dim] what nodes of type ``target`` receive in a layer, from all that have edges with them."""
        places = [place for place, (_, into) in enumerate(self.ways) if into == target]
        ways = [self.ways[place] for place in places]
        convs = [self.convs[number]["-".join(way)] for way in ways]
        received = [(x[source], patterns[source, target]) for source, _ in ways]
        weights = self.relation_weights[number, places] if self.weighted else None
        if hasattr(convs[0], "of_ways"):  # does once what the ways have in common
            return convs[0].of_ways(convs, received, x[target], weights)
        outputs = (
            conv((sources, x[target]), pattern, generator=generator)
            for conv, (sources, pattern) in zip(convs, received, strict=True)
        )
        if weights is not None:
            outputs = (weight * output for weight, output in zip(weights, outputs, strict=True))
        return functools.reduce(torch.add, outputs)

    def inputs(self, graph: HeteroGraph) -> Pair:
        """The input embeddings of the playlists [P, dim] and of the tracks [T, dim]."""
        inputs = self._inputs()
        return inputs["playlist"], inputs["track"]

    def _inputs(self) -> dict[str, Tensor]:
        return dict(zip(self.num_nodes, self.embedding.split(list(self.num_nodes.values())), strict=True))
