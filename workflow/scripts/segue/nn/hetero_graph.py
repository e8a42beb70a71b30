"""A graph of playlists, tracks, and artists or albums beside them, as patterns that messages pass along."""

import torch
from torch import Tensor

from segue.graph.edge_types import Way
from segue.graph.relations import Relations
from segue.nn.pattern import Graph, Pattern, both_ways


class HeteroGraph(Graph):
    """The bipartite graph of ``edges``, as in ``Graph``, and ``relations`` of its tracks.

    ``playlists`` and ``tracks`` are what they are in ``Graph``, so that what is known, drawn and ranked is.
    ``num_nodes``: counts by node type, in the order of node ids: playlist, track, artist, album.
    """

    def __init__(self, edges: Tensor, num_playlists: int, num_tracks: int, relations: Relations):
        super().__init__(edges, num_playlists, num_tracks)
        self.num_nodes = self.num_nodes | relations.num_nodes
        self._each = {("track", "playlist"): self.playlists, ("playlist", "track"): self.tracks}
        for (one, other), pairs in relations.edges.items():
            shape = self.num_nodes[one], self.num_nodes[other]
            there, back = both_ways(*pairs.to(edges.device), shape)
            self._each |= {(other, one): there, (one, other): back}
        self._all: dict[Way, Pattern] | None = None
        self._whole: HeteroGraph | None = None
        self._last_thinned: tuple[Pattern, ...] = ()

    def messages(self, degrees: str) -> dict[Way, Pattern]:
        """The pattern [targets, sources] of each way, (source, target).

        ``degrees``: that patterns have, in ``each`` way its own, or of a node over ``all`` its edges.
        """
        if degrees == "each":
            return self._each
        if self._all is None:
            self._all = self._by_all_degrees() if self._whole is None else self._thinned(self._whole)
        return self._all

    def _by_all_degrees(self) -> dict[Way, Pattern]:
        totals: dict[str, Tensor] = {}
        for (_, target), pattern in self._each.items():
            totals[target] = totals.get(target, 0) + pattern.degree
        return _linked(
            {
                (source, target): pattern.with_degrees(totals[target], totals[source])
                for (source, target), pattern in self._each.items()
            }
        )

    def _thinned(self, whole: "HeteroGraph") -> dict[Way, Pattern]:
        of_whole = whole.messages("all")
        ways = ("track", "playlist"), ("playlist", "track")
        thin = {way: self._each[way].on(of_whole[way]) for way in ways}
        whole._last_thinned = tuple(thin.values())
        return of_whole | _linked(thin)

    def dropped(self, probability: float, generator: torch.Generator | None = None) -> "HeteroGraph":
        """As ``Graph.dropped``: edges of playlists and tracks are dropped, those of relations never."""
        for pattern in self._last_thinned:
            del pattern.T  # as each of the two knows the other, they would stay in memory
        self._last_thinned = ()
        dropped = super().dropped(probability, generator)
        thin = {("track", "playlist"): dropped.playlists, ("playlist", "track"): dropped.tracks}
        dropped._each, dropped._all, dropped._whole = self._each | thin, None, self
        return dropped


def _linked(patterns: dict[Way, Pattern]) -> dict[Way, Pattern]:
    for source, target in patterns:
        patterns[source, target].T = patterns[target, source]
    return patterns
