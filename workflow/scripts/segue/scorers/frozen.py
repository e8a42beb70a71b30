"""A trained model frozen: playlists that it never saw are embedded by their tracks, in milliseconds."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from segue.graph.relations import Relations
from segue.nn.functional import Formula, mean
from segue.nn.hetero_graph import HeteroGraph
from segue.nn.pattern import Graph, Pattern
from segue.nn.score import DOT_PRODUCT, Score
from segue.scorers.base import save_scorer
from segue.scorers.nodes import Nodes, convs_of, log_popularity, nodes_of, weights_of
from segue.scorers.receiving import State, attached, flat_convs, formulas_of, pop_convs

STAND_INS = ("zero", "mean")
NODES = "nodes"


@dataclass(frozen=True)
class Frozen:
    r"""What is left of a model when the features of the tracks are known at every layer.

    A playlist p is a node attached to its given tracks S. With the tracks' features :math:`X_t^{(l)}` frozen,
    its own follow layer by layer from the model's convolution, as for any playlist of the graph:

    .. math::
        x_p^{(l+1)} = \mathrm{conv}_l\big(x_p^{(l)}, \{X_t^{(l)} : t \in S\}\big), \qquad
        z_p = \sum_{l=0}^{L} \alpha_l x_p^{(l)}

    It has no input embedding; in place of :math:`x_p^{(0)}` stands ``stand_in``: ``zero``, or the ``mean`` of
    its tracks' input embeddings. ``score`` says what the score of a track is, as a dot product of two rows.

    In a graph with artists or albums a playlist has edges with tracks alone, so that the same holds with the
    convolution of that way, times its weight of the relation; tracks have received from all nodes.

    ``convs``: the state dicts of L convolutions, into playlists. ``layers``: [L, T, d] float32, the tracks'
    X^(0..L-1); ``tracks``: [T, d'] float32, their rows of the score; ``alpha``: [L + 1] float32; ``degree``:
    [T] int32, by which playlists receive from them. Track indices throughout. ``settings``: conv, layers, dim
    and the convolution's own, to make it anew; ``facts``: what else is worth knowing of the file, JSON-able.
    ``weights``: [L] float32 of the relation, and ``nodes``: what tracks receive from; both None where the
    graph has playlists and tracks alone.
    """

    KIND: ClassVar[str] = "gnn"
    convs: Sequence[State]
    layers: Tensor
    tracks: Tensor
    alpha: Tensor
    degree: Tensor
    stand_in: str
    settings: dict[str, Any]
    facts: dict[str, Any]
    score: Score = DOT_PRODUCT
    weights: Tensor | None = None
    nodes: Nodes | None = None

    @property
    def num_tracks(self) -> int:
        return self.tracks.size(0)

    @torch.inference_mode()
    def embed(self, given: Pattern, own: Tensor | None = None, *, counted: bool = False) -> Tensor:
        """[n, d'] float32, the rows of n playlists, whose dot products with ``tracks`` are the scores.

        ``given``: [n, T], each playlist's tracks, no pair twice; an empty row gets what the model gives a
        playlist without neighbours. ``own``: [n, d] input embeddings, where the playlists have some.
        ``counted``: whether they are playlists of the graph, which ``degree`` counts already.
        """
        return self.score.playlists(self.received(*attached(given, self.degree + (0 if counted else 1)), own))

    def received(self, used: Tensor, alone: Pattern, own: Tensor | None = None) -> Tensor:
        """[n, d], z of n playlists, as ``embed`` by what ``attached`` gives of their tracks."""
        if own is None:
            own = self.start(self.layers[0].index_select(0, used), alone)
        z = self.alpha[0] * own
        for weight, formula, layer in zip(self.alpha[1:], self.formulas, self.layers, strict=True):
            own = formula((layer.index_select(0, used), own), alone)
            z.addcmul_(weight, own)
        return z

    def part(self, tracks: Tensor) -> "Frozen":
        """Over some of its tracks alone, [n] int64, in their order."""
        return replace(
            self,
            layers=self.layers.index_select(1, tracks),
            tracks=self.tracks.index_select(0, tracks),
            degree=self.degree.index_select(0, tracks),
        )

    def scores(self, given: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``."""
        return self.embed(given) @ self.tracks.T

    def start(self, inputs: Tensor, pattern: Pattern) -> Tensor:
        """[n, d], what stands for the input embeddings of nodes that have none, by ``stand_in``; ``inputs``
        [m, d]: of their neighbours along ``pattern`` [n, m]."""
        if self.stand_in == "mean":
            return mean(inputs, pattern)
        return inputs.new_zeros(pattern.shape[0], inputs.size(1))

    @functools.cached_property
    def formulas(self) -> list[Formula]:
        """Of each layer, into playlists."""
        return formulas_of(self.settings, self.convs, self.weights)

    def save(self, path: str | Path) -> None:
        tensors = {name: getattr(self, name) for name in ("layers", "tracks", "alpha", "degree")}
        tensors |= flat_convs(self.convs)
        about = {"stand_in": self.stand_in, "settings": self.settings, **self.score.facts, **self.facts}
        if self.nodes is not None:
            tensors |= {"weights": self.weights, **self.nodes.tensors}
            about[NODES] = self.nodes.facts
        save_scorer(path, self.KIND, tensors, about)

    @classmethod
    def of(cls, tensors: dict[str, Tensor], about: dict[str, Any]) -> "Frozen":
        settings, stand_in = about.pop("settings"), about.pop("stand_in")
        nodes = Nodes.of(tensors, about.pop(NODES), settings["layers"]) if NODES in about else None
        convs = pop_convs(tensors, settings["layers"])
        score = Score.from_facts(about)
        about.pop("score", None)
        return cls(
            convs, **tensors, stand_in=stand_in, settings=settings, facts=about, score=score, nodes=nodes
        )


@torch.inference_mode()
def freeze(
    model: torch.nn.Module,
    edges: Tensor,
    num_playlists: int,
    num_tracks: int,
    *,
    stand_in: str,
    settings: dict[str, Any],
    facts: dict[str, Any],
    score: Score = DOT_PRODUCT,
    relations: Relations | None = None,
) -> Frozen:
    """The tracks' features at every layer of ``model``, after message passing over ``edges`` [2, E] int64.

    ``model``: a ``segue.nn.encoder.Encoder``, or with ``relations``, its graph's, a ``HeteroEncoder``;
    ``settings``: its conv, layers, dim and the convolution's own.
    """
    model = model.eval()
    if relations is None:
        graph = Graph(edges, num_playlists, num_tracks)
        layers = [tracks for _, tracks in model.layers(graph)]
        convs, degree = model.convs, graph.tracks.degree
    else:
        graph = HeteroGraph(edges, num_playlists, num_tracks, relations)
        by_type = [
            {name: x for name, x in each.items() if name != "playlist"} for each in model.layers(graph)
        ]
        layers, way = [each["track"] for each in by_type], ("track", "playlist")
        convs, degree = convs_of(model, way), graph.messages(model.degrees)[way].source_degree
    z = model.alpha[0] * layers[0]
    for weight, layer in zip(model.alpha[1:], layers[1:], strict=True):
        z.addcmul_(weight, layer)
    rows, beside = score.tracks(z, graph.tracks.degree.int()), {}
    if relations is not None:
        popularity = log_popularity(score, rows, graph.tracks.degree)
        beside = {"weights": weights_of(model, way), "nodes": nodes_of(model, graph, by_type, popularity)}
    return Frozen(
        [conv.state_dict() for conv in convs],
        torch.stack(layers[:-1]),
        rows,
        model.alpha.detach().clone(),
        degree.int(),
        stand_in,
        settings,
        facts,
        score,
        **beside,
    )
