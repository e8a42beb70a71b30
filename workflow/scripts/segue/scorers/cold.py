"""Tracks that training never saw, by their artists and albums alone."""

from typing import Any

import torch
from torch import Tensor

from segue.nn.pattern import Pattern
from segue.scorers.extend import outside, with_others
from segue.scorers.frozen import Frozen


def cold_rows(scorer: Frozen, artists: Tensor, albums: Tensor) -> tuple[Tensor, Tensor]:
    """Rows of the score [n, d'] of n tracks that no playlist holds, as in ``Frozen.tracks``, and whether each
    has an artist or album among the nodes of the model, [n] bool; what it has else is a row of no meaning.

    ``artists``, ``albums``: [n] int64, their nodes' indices, -1 for none; a model without artists, say, takes
    no notice of theirs. Each track is embedded alone, as ``extend.outside`` says. Raises ValueError for a
    scorer without ``nodes``.
    """
    nodes = _nodes(scorer, artists, albums)
    return _embedded(scorer, nodes)[1], scorer.nodes.known(nodes)


def with_cold(scorer: Frozen, artists: Tensor, albums: Tensor, facts: dict[str, Any]) -> Frozen:
    """``scorer`` over its own tracks and n more after them, embedded as by ``cold_rows``."""
    found = _embedded(scorer, _nodes(scorer, artists, albums))
    return with_others(scorer, *found, torch.arange(scorer.num_tracks + len(artists)), facts)


def _nodes(scorer: Frozen, artists: Tensor, albums: Tensor) -> dict[str, Tensor]:
    if scorer.nodes is None:
        raise ValueError("a model of playlists and tracks alone knows no artist and no album")
    both = {"artist": artists, "album": albums}
    return {kind: both[kind] for kind in scorer.nodes.kinds}


@torch.inference_mode()
def _embedded(scorer: Frozen, nodes: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    count = len(next(iter(nodes.values())))
    nobody = scorer.layers.new_empty(0, scorer.layers.size(2))
    none = torch.zeros(0, dtype=torch.int64)
    holders = Pattern.from_edges(none, none, (count, 0))
    return outside(scorer, [nobody] * len(scorer.convs), holders, none, nodes)
