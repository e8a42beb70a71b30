"""Node types of a user's own HeteroData that are the artists and albums of its tracks."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import torch
from torch import Tensor

from segue.graph.hetero_checks import graph_error, num_nodes, require_pairs, sorted_edges
from segue.run.models import KINDS

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData


def without_owners(stages: Sequence["HeteroData"], owners: Mapping[str, str]) -> list["HeteroData"]:
    """``stages`` without the node types ``owners``, by KINDS, and their edges. Raises SegueError where one is
    not there."""
    there = stages[0].node_types
    for word, node in owners.items():
        if word not in KINDS or node not in there or [*owners.values()].count(node) > 1:
            raise graph_error(
                "`owners` names no node type of artists or albums.",
                f"{word!r}: {node!r}, in a graph of {', '.join(there)}",
                f"{' or '.join(KINDS)}, and for each a node type of its own",
                "correct `owners`",
            )
    kept = [node for node in there if node not in owners.values()]
    return [stage.node_type_subgraph(kept) for stage in stages]


def owner_of_tracks(stages: Sequence["HeteroData"], track: str, owner: str, names: np.ndarray) -> pl.Series:
    """[T] whom each node of type ``track`` is joined with, by the ``names`` of nodes of type ``owner``.

    Null for none. Raises SegueError where one is joined with several, or where stages differ, as edges do
    that were split.
    """
    first, *others = (_edges(stage, track, owner) for stage in stages)
    if any(not torch.equal(first, other) for other in others):
        raise graph_error(
            f"The edges of {track} and {owner} are not the same at all stages.",
            ", ".join(f"{edges.size(1):,}" for edges in (first, *others)),
            "the same edges: those that are split are the others",
            "leave them out of edge_types of RandomLinkSplit",
        )
    tracks, nodes = first.numpy(force=True)
    counts = np.bincount(tracks, minlength=num_nodes(stages[0], track))
    if counts.max() > 1:
        raise graph_error(
            f"Nodes of type {track} have several of type {owner} ({(counts > 1).sum():,} in all).",
            f"{counts.max()} of node {counts.argmax()}",
            "one at most: edge lists have a column of it",
            "choose one of them, such as the first",
        )
    place = np.full(len(counts), -1)
    place[tracks] = nodes
    column = pl.Series(names[place])
    return pl.select(pl.when(pl.Series(place >= 0)).then(column)).to_series()


def _edges(data: "HeteroData", track: str, owner: str) -> Tensor:
    """[2, E] of both nodes, sorted; of an edge type in either direction, or of two with the same edges."""
    joined = (kind for kind in data.edge_types if {kind[0], kind[2]} == {track, owner})
    found = {kind: data[kind].edge_index for kind in joined if "edge_index" in data[kind]}
    sizes = num_nodes(data, track), num_nodes(data, owner)
    each = []
    for kind, edges in found.items():
        there = kind[0] == track
        require_pairs(edges, sizes if there else sizes[::-1], kind, str(kind))
        each.append(sorted_edges(edges if there else edges.flip([0])))
    if not each or any(not torch.equal(each[0], other) for other in each[1:]):
        raise graph_error(
            f"Nodes of types {track} and {owner} are not joined by edges of one kind.",
            ", ".join(map(str, found)) or "no edge type",
            "one edge type, and at most its reverse",
            f"keep one edge type of {track} and {owner}",
        )
    return each[0]
