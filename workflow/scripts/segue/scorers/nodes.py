"""What artists and albums are to tracks, in a frozen model of a graph that has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from segue.graph.edge_types import Way
from segue.nn.functional import Formula, mean
from segue.nn.hetero_graph import HeteroGraph
from segue.nn.pattern import Pattern
from segue.nn.score import TINY, Score
from segue.run.models import KINDS
from segue.scorers.receiving import State, flat_convs, formulas_of, pop_convs

INPUTS = ("zero", "mean")
POPULARITIES = ("own", "core", "node")
PREFIX = "nodes."
OF_KIND = ("layers", "degree", "inputs", "popularity")


@dataclass(frozen=True)
class Kind:
    """The n nodes of one kind. ``layers``: [L, n, d] float32, their X^(0..L-1). ``degree``: [n] int32, by
    which tracks receive from them. ``inputs``: [n, d] float32, the mean of the input embeddings of their
    tracks, and ``popularity``: [n] float32, of these tracks' ``log_popularity``."""

    layers: Tensor
    degree: Tensor
    inputs: Tensor
    popularity: Tensor


@dataclass(frozen=True)
class Nodes:
    """``kinds``: artist or album, in the order of KINDS. ``convs``: by type of source, playlist and these,
    the state dicts of L convolutions into tracks; ``weights``: likewise, [L] float32 of the relation.

    ``shared``: whether the degree of a track is that of all its edges, or of each kind of edge by itself.
    ``inputs`` and ``popularity``: what stands for the input embedding and the ``log_popularity`` of a track
    that no playlist holds, of INPUTS and POPULARITIES: nothing, or the mean over the tracks of its album, or
    else its artist; and nothing, the mean over all tracks of the graph, or that of its album's or artist's.
    ``of_all``: [] float32, the mean ``log_popularity`` of all tracks.
    """

    kinds: dict[str, Kind]
    convs: dict[str, Sequence[State]]
    weights: dict[str, Tensor]
    shared: bool
    of_all: Tensor
    inputs: str = INPUTS[0]
    popularity: str = POPULARITIES[0]

    @property
    def tensors(self) -> dict[str, Tensor]:
        """By one name each, for a file, of which ``of`` makes them anew with ``facts``."""
        found = {f"{PREFIX}of_all": self.of_all}
        for source, convs in self.convs.items():
            found[f"{PREFIX}{source}.weights"] = self.weights[source]
            found |= flat_convs(convs, f"{PREFIX}{source}.convs.")
        for kind, nodes in self.kinds.items():
            found |= {f"{PREFIX}{kind}.{name}": getattr(nodes, name) for name in OF_KIND}
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "kinds": [*self.kinds],
            "shared": self.shared,
            "inputs": self.inputs,
            "popularity": self.popularity,
        }

    @classmethod
    def of(cls, tensors: dict[str, Tensor], facts: dict[str, Any], layers: int) -> "Nodes":
        """Takes its own out of ``tensors``."""
        kinds = facts.pop("kinds")
        sources = ["playlist", *kinds]
        return cls(
            {kind: Kind(*(tensors.pop(f"{PREFIX}{kind}.{name}") for name in OF_KIND)) for kind in kinds},
            {source: pop_convs(tensors, layers, f"{PREFIX}{source}.convs.") for source in sources},
            {source: tensors.pop(f"{PREFIX}{source}.weights") for source in sources},
            of_all=tensors.pop(f"{PREFIX}of_all"),
            **facts,
        )

    def formulas(self, settings: dict[str, Any]) -> dict[str, list[Formula]]:
        """By type of source, of each layer; ``settings``: of the frozen model."""
        return {
            source: formulas_of(settings, self.convs[source], self.weights[source]) for source in self.convs
        }

    def patterns(self, of: Mapping[str, Tensor]) -> dict[str, Pattern]:
        """[n, nodes] of each kind, where a track has the node ``of`` that kind, [n] int64 or -1 for none."""
        found = {}
        for kind, nodes in self.kinds.items():
            rows = (of[kind] >= 0).nonzero()[:, 0]
            shape = of[kind].numel(), nodes.degree.numel()
            found[kind] = Pattern.from_edges(rows, of[kind][rows], shape)
        return found

    def known(self, of: Mapping[str, Tensor]) -> Tensor:
        """[n] bool, whether a track has a node of some kind."""
        return torch.stack([of[kind] >= 0 for kind in self.kinds]).any(0)

    def start(self, of: Mapping[str, Tensor]) -> Tensor:
        """[n, d], what stands for the input embeddings of tracks; zeros of those without a node."""
        means = self._nearest(of, {kind: nodes.inputs for kind, nodes in self.kinds.items()})
        return means if self.inputs == "mean" else torch.zeros_like(means)

    def rows(self, score: Score, z: Tensor, of: Mapping[str, Tensor]) -> Tensor:
        """[n, d'] rows of the ``score`` of tracks that no playlist holds, with embeddings ``z`` [n, d]."""
        rows = score.tracks(z, z.new_zeros(len(z)))
        if self.popularity == "own":
            return rows
        popularity = self.of_all.expand(len(z))
        if self.popularity == "node":
            means = {kind: nodes.popularity[:, None] for kind, nodes in self.kinds.items()}
            popularity = torch.where(self.known(of), self._nearest(of, means)[:, 0], popularity)
        if score.prior is not None:
            return score.tracks(z, popularity.exp())
        norms = torch.linalg.vector_norm(rows, dim=1).clamp(min=TINY)
        return rows * (popularity.exp() / norms)[:, None]

    def _nearest(self, of: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> Tensor:
        """[n, d], of each track the row of its album, or else its artist, or else 0."""
        first = next(iter(values.values()))
        out = first.new_zeros(next(iter(of.values())).numel(), first.size(1))
        for kind in KINDS:  # the album last, over the artist
            if kind in values:
                rows = of[kind] >= 0
                out[rows] = values[kind][of[kind][rows]]
        return out


def convs_of(model: torch.nn.Module, way: Way) -> list[torch.nn.Module]:
    """Of each layer of a ``HeteroEncoder``, along ``way``."""
    return [of_layer["-".join(way)] for of_layer in model.convs]


def weights_of(model: torch.nn.Module, way: Way) -> Tensor:
    """[L] float32, likewise."""
    return model.relation_weights[:, model.ways.index(way)].detach().clone()


def log_popularity(score: Score, rows: Tensor, degree: Tensor) -> Tensor:
    """[T] float32, the logarithm of what makes tracks with these ``rows`` [T, d'] of the ``score`` come first
    for everybody: in one with a popularity prior their ``degree`` [T], and else the norm of the row."""
    if score.prior is not None:
        return degree.clamp(min=1).float().log()
    return torch.linalg.vector_norm(rows, dim=1).clamp(min=TINY).log()


def nodes_of(
    model: torch.nn.Module, graph: HeteroGraph, layers: Sequence[Mapping[str, Tensor]], popularity: Tensor
) -> Nodes:
    """What tracks receive from in a ``HeteroEncoder``, after message passing over ``graph``.

    ``layers``: X^(0), ..., of tracks, artists and albums. ``popularity``: [T] ``log_popularity``.
    """
    messages, alone = graph.messages(model.degrees), graph.messages("each")
    kinds = {
        kind: Kind(
            torch.stack([each[kind] for each in layers[: len(model.convs)]]),
            messages[kind, "track"].source_degree.int(),
            mean(layers[0]["track"], alone["track", kind]),
            mean(popularity[:, None], alone["track", kind])[:, 0],
        )
        for kind in KINDS
        if kind in graph.num_nodes
    }
    ways = {source: (source, "track") for source in ("playlist", *kinds)}
    return Nodes(
        kinds,
        {source: [conv.state_dict() for conv in convs_of(model, way)] for source, way in ways.items()},
        {source: weights_of(model, way) for source, way in ways.items()},
        model.degrees == "all",
        popularity[graph.tracks.degree > 0].mean(),
    )
