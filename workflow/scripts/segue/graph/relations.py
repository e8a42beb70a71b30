"""Nodes beside playlists and tracks, artists and albums, and the edges between them and tracks."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from segue.files import atomic
from segue.graph.edge_types import RELATIONS, Ends
from segue.run.models import KINDS


@dataclass(frozen=True)
class Relations:
    """``num_nodes``: how many artists and albums, as far as there are such nodes, in the order of KINDS.

    ``edges``: by pair of RELATIONS, [2, E] int64: indices of the first type of node, and of the second; no
    pair twice, sorted by the first, then the second. They follow from the tracks alone, so that they are the
    same at every stage of the split, and none of them joins a playlist and an artist.
    """

    num_tracks: int
    num_nodes: dict[str, int]
    edges: dict[Ends, Tensor]

    def of(self, kinds: Iterable[str]) -> "Relations":
        """The nodes of these ``kinds`` alone, and the edges that have both ends left."""
        kinds = set(kinds)
        kept = {"track", *kinds}
        return Relations(
            self.num_tracks,
            {kind: count for kind, count in self.num_nodes.items() if kind in kinds},
            {ends: edges for ends, edges in self.edges.items() if kept.issuperset(ends)},
        )

    def of_tracks(self, kind: str) -> Tensor:
        """[T] int64, the node of this ``kind`` that each track has, -1 for none."""
        tracks, nodes = self.edges["track", kind]
        return torch.full((self.num_tracks,), -1).index_copy(0, tracks, nodes)


def save_relations(relations: Relations, path: str | Path) -> None:
    """Writes ``relations`` as safetensors, whole or not at all; always the same bytes."""
    tensors = {"-".join(ends): edges.contiguous() for ends, edges in relations.edges.items()}
    counts = {"track": relations.num_tracks, **relations.num_nodes}
    with atomic(path, sum(tensor.nbytes for tensor in tensors.values())) as temporary:
        # Under one key: safetensors writes several in random order.
        save_file(tensors, temporary, metadata={"counts": json.dumps(counts)})


def load_relations(path: str | Path, kinds: Iterable[str] | None = None) -> Relations:
    """What ``save_relations`` wrote; with ``kinds``, those alone."""
    with safe_open(str(path), framework="pt") as file:
        counts = json.loads(file.metadata()["counts"])
        names = file.keys()  # of no dict
        edges = {ends: file.get_tensor("-".join(ends)) for ends in RELATIONS if "-".join(ends) in names}
    num_nodes = {kind: counts[kind] for kind in KINDS if kind in counts}
    relations = Relations(counts["track"], num_nodes, edges)
    return relations if kinds is None else relations.of(kinds)
