"""The graphs that messages pass over at each stage, and what a model gives on them."""

from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from segue.graph.relations import Relations
from segue.graph.split import Split
from segue.nn.encoder import Encoder
from segue.nn.hetero_encoder import HeteroEncoder
from segue.nn.hetero_graph import HeteroGraph
from segue.nn.pattern import Graph, Pattern
from segue.nn.score import Score

Pair = tuple[Tensor, Tensor]


class Stage(NamedTuple):
    """What a model trains on: messages pass over ``message``; ``positives`` [P, T] are predicted, and no
    negative is among ``known`` [P, T]."""

    message: Graph
    positives: Pattern
    known: Pattern


class Graphs:
    """The edges of each role and the message passing graph of each stage, on the device.

    ``relations``: what messages pass along besides, at every stage the same.
    """

    def __init__(self, split: Split, device: torch.device, relations: Relations | None = None):
        self.split, self.device, self.relations = split, device, relations
        self.shape = split.num_playlists, split.num_tracks
        self.train_message = self._graph(split.train_message)
        self.shared = split.all_train.size(1) == split.train_message.size(1)
        self.validation_message = self.train_message if self.shared else self._graph(split.all_train)
        self.train = self.train_message.playlists if self.shared else self._pattern(split.train)
        self.test_message = self._graph(split.train_and_validation)

    @cached_property
    def validation(self) -> Pattern:
        return self._pattern(self.split.validation)

    @property
    def first(self) -> Stage:
        """Training on the train edges."""
        return Stage(self.train_message, self.train, self.validation_message.playlists)

    @cached_property
    def refit(self) -> Stage:
        """Training on train and validation edges; of train edges that were set apart, too, as supervision."""
        known = self.test_message.playlists
        if self.shared:
            return Stage(self.test_message, known, known)
        message, positives = (
            torch.cat([edges, self.split.validation], dim=1)
            for edges in (self.split.train_message, self.split.train)
        )
        return Stage(self._graph(message), self._pattern(positives), known)

    def _graph(self, edges: Tensor) -> Graph:
        edges = edges.to(self.device)
        if self.relations is None:
            return Graph(edges, *self.shape)
        return HeteroGraph(edges, *self.shape, self.relations)

    def _pattern(self, edges: Tensor) -> Pattern:
        return Pattern.from_edges(*edges.to(self.device), self.shape)


@torch.no_grad()
def embed(model: Encoder | HeteroEncoder, graph: Graph) -> Pair:
    """Embeddings without dropout or gradient, playlists' [P, d] and tracks' [T, d]."""
    model.eval()
    return model(graph)


@torch.no_grad()
def embed_others(model: Encoder | HeteroEncoder, graph: Graph) -> dict[str, Tensor]:
    """Embeddings of nodes that are neither playlists nor tracks, [n, d] by type."""
    if not isinstance(model, HeteroEncoder):
        return {}
    model.eval()
    embedded = model.all_types(graph)
    return {kind: rows for kind, rows in embedded.items() if kind not in ("playlist", "track")}


def score_rows(score: Score, z: Pair, graph: Graph) -> Pair:
    """The rows of ``score``, [P, d'] and [T, d'], of embeddings ``z`` that come from ``graph``."""
    return score.playlists(z[0]), score.tracks(z[1], graph.tracks.degree)
