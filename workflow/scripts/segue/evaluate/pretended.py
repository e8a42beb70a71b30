"""What stands in for cold tracks, by tracks of the graph that one pretends no playlist holds."""

from dataclasses import replace
from itertools import product

import torch
from torch import Tensor

from segue.evaluate.metrics import recall_at_k
from segue.evaluate.protocol import unseen_validation
from segue.graph.relations import Relations
from segue.graph.split import Split
from segue.nn.pattern import Pattern
from segue.scorers.cold import cold_rows
from segue.scorers.frozen import Frozen, freeze
from segue.scorers.nodes import INPUTS, POPULARITIES

SHARE = 0.1  # of the tracks


@torch.inference_mode()
def cold_stand_ins(
    model: torch.nn.Module,
    split: Split,
    relations: Relations,
    frozen: Frozen,
    k: int,
    max_playlists: int | None = None,
    seed: int = 0,
    block_mb: int = 16,
) -> dict[tuple[str, str], float]:
    """Validation Recall@``k`` of each pair of ``Nodes.inputs`` and ``Nodes.popularity``.

    SHARE of the tracks, drawn from ``seed`` among those with an artist or album, are cut off: ``model``
    passes messages over the train edges and the ``relations`` of the others alone. They are embedded as cold
    tracks are (``cold_rows``), and ranked among all. Playlists are known by the rest of their train edges,
    and all of their validation edges are to be found, so that cold tracks that rank too high cost recall,
    too. What is left of them is in the weights, which were trained with them.

    ``frozen``: of the same weights, for its settings, its score and its stand-in for playlists.
    """
    of = {kind: relations.of_tracks(kind) for kind in relations.num_nodes}
    cold = _drawn(torch.stack([*of.values()]).amax(0) >= 0, seed)
    cut_off = torch.zeros(split.num_tracks, dtype=torch.bool)
    cut_off[cold] = True
    left = _without(relations, cut_off)
    edges = split.all_train[:, ~cut_off[split.all_train[1]]]
    apart = freeze(
        model,
        edges,
        split.num_playlists,
        split.num_tracks,
        stand_in=frozen.stand_in,
        settings=frozen.settings,
        facts={},
        score=frozen.score,
        relations=left,
    )
    known, held_out = unseen_validation(split, max_playlists, seed)
    stays = ~cut_off[known.cols.long()]
    playlists = apart.embed(
        Pattern.from_edges(known.rows[stays], known.cols[stays], known.shape), counted=True
    )
    nodes = {kind: _still_there(left, kind, of[kind][cold]) for kind in of}
    none = torch.full_like(cold, -1)
    artists, albums = (nodes.get(kind, none) for kind in ("artist", "album"))
    recalls = {}
    for pair in product(INPUTS, POPULARITIES):
        told = replace(apart, nodes=replace(apart.nodes, inputs=pair[0], popularity=pair[1]))
        rows = apart.tracks.index_copy(0, cold, cold_rows(told, artists, albums)[0])
        recalls[pair] = recall_at_k(playlists, rows, known, held_out, k, block_mb)
    return recalls


def _drawn(some: Tensor, seed: int) -> Tensor:
    """SHARE of all places, rising [n] int64, of those where ``some`` [T] bool is true, or all of these."""
    places = some.nonzero()[:, 0]
    order = torch.randperm(places.numel(), generator=torch.Generator().manual_seed(seed))
    return places[order[: max(1, int(SHARE * some.numel()))]].sort().values


def _without(relations: Relations, cut_off: Tensor) -> Relations:
    """``relations`` of tracks but those ``cut_off`` [T] bool."""
    edges = {
        ends: pairs[:, ~cut_off[pairs[0]]] if ends[0] == "track" else pairs
        for ends, pairs in relations.edges.items()
    }
    return replace(relations, edges=edges)


def _still_there(relations: Relations, kind: str, nodes: Tensor) -> Tensor:
    """``nodes`` with -1 for those that no track is left of."""
    left = torch.bincount(relations.edges["track", kind][1], minlength=relations.num_nodes[kind])
    return torch.where((nodes >= 0) & (left[nodes.clamp(min=0)] > 0), nodes, -1)
