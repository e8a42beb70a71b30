"""What stands in for cold tracks, by tracks of the graph that one pretends no playlist holds."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from segue.evaluate.metrics import recall_at_k
from segue.evaluate.protocol import unseen_validation
from segue.graph.relations import Relations
from segue.graph.split import Split
from segue.nn.pattern import Pattern
from segue.run.models import KINDS
from segue.scorers.cold import cold_rows, with_cold
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
) -> dict[str, dict[str, float]]:
    """Validation Recall@``k`` of each of ``Nodes.inputs``, and with the best of them of each of
    ``Nodes.popularity``, by these two names.

    SHARE of the tracks, drawn from ``seed`` among those with an artist or album, are cut off: ``model``
    passes messages over the train edges and the ``relations`` of the others alone, and they are embedded as
    cold tracks are. What is left of them is in the weights, which were trained with them. Their inputs are
    what playlists go by that are known by such tracks alone, to find their other validation edges. Their
    popularity is what counts where they are ranked among all, for playlists that are known by the rest: of
    these all validation edges are to be found, so that cold tracks that rank too high cost recall, too.

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
    nodes = {kind: _still_there(left, kind, of[kind][cold]) for kind in of}
    none = torch.full_like(cold, -1)
    pretended = Pretended(
        apart,
        cold,
        (nodes.get("artist", none), nodes.get("album", none)),
        *unseen_validation(split, max_playlists, seed),
    )
    by_inputs = {inputs: pretended.recall_when_given(inputs, k, block_mb) for inputs in INPUTS}
    best = best_stand_in(by_inputs)
    by_popularity = {
        popularity: pretended.recall_when_ranked(best, popularity, k, block_mb) for popularity in POPULARITIES
    }
    return {"inputs": by_inputs, "popularity": by_popularity}


def best_stand_in(recalls: dict[str, float]) -> str:
    """The name of the highest; of equal ones the first."""
    return max(recalls, key=recalls.__getitem__)


@dataclass(frozen=True)
class Pretended:
    """``frozen``: over all tracks, of which ``cold`` [C] int64, rising, are cut off, with ``nodes``, artist
    and album of each, [C] int64. ``known``, ``held_out``: [n, T], as ``unseen_validation`` gives them."""

    frozen: Frozen
    cold: Tensor
    nodes: tuple[Tensor, Tensor]
    known: Pattern
    held_out: Pattern

    def recall_when_given(self, inputs: str, k: int, block_mb: int) -> float:
        """Of playlists known by cold tracks alone, which find others; 0 where there is none."""
        larger = with_cold(self._told(inputs=inputs), *self.nodes, {})
        given, sought = self._cold(self.known), self._others(self.held_out)
        place = self.frozen.num_tracks + torch.searchsorted(self.cold, given.cols.long())
        given = Pattern.from_edges(given.rows, place, (given.shape[0], larger.num_tracks))
        has_some = given.degree.index_select(0, sought.rows.long()) > 0
        if not has_some.any():
            return 0.0
        sought = _part(sought, has_some)
        playlists = larger.embed(given)
        return recall_at_k(playlists, self.frozen.tracks, self.known, sought, k, block_mb)

    def recall_when_ranked(self, inputs: str, popularity: str, k: int, block_mb: int) -> float:
        """Of playlists known by other tracks, which find all."""
        told = self._told(inputs=inputs, popularity=popularity)
        tracks = told.tracks.index_copy(0, self.cold, cold_rows(told, *self.nodes)[0])
        playlists = told.embed(self._others(self.known), counted=True)
        return recall_at_k(playlists, tracks, self.known, self.held_out, k, block_mb)

    def _told(self, **stand_ins: str) -> Frozen:
        return replace(self.frozen, nodes=replace(self.frozen.nodes, **stand_ins))

    def _cold(self, pattern: Pattern) -> Pattern:
        """The entries of cold tracks that have a node."""
        of_some = self.cold[self.frozen.nodes.known(dict(zip(KINDS, self.nodes, strict=True)))]
        return _part(pattern, torch.isin(pattern.cols, of_some))

    def _others(self, pattern: Pattern) -> Pattern:
        return _part(pattern, ~torch.isin(pattern.cols, self.cold))


def _part(pattern: Pattern, stays: Tensor) -> Pattern:
    """The entries that ``stays`` [E] bool names."""
    return Pattern.from_edges(pattern.rows[stays], pattern.cols[stays], pattern.shape)


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
