"""What stands in for the input embedding that an unseen playlist lacks: chosen by validation."""

from typing import Any

import torch

from segue.edges import EdgeSet
from segue.inductive import STAND_INS, freeze
from segue.metrics import recall_at_k
from segue.models import Encoder
from segue.sparse import Pattern
from segue.split import Split, draw_playlists, of_playlists


@torch.inference_mode()
def stand_in_recalls(
    model: Encoder,
    split: Split,
    k: int,
    settings: dict[str, Any],
    max_playlists: int | None = None,
    seed: int = 0,
    block_mb: int = 16,
) -> dict[str, float]:
    """Validation Recall@``k`` of each stand-in, by its name.

    Playlists of the graph are taken for unseen ones: embedded from their train edges alone, with no input
    embedding, by tracks whose features come from all train edges. ``settings``: as in ``freeze``. With
    ``max_playlists``, that many are drawn from ``seed`` among those with validation edges.
    """
    part = of_playlists(split, draw_playlists(split.validation, max_playlists, seed))
    shape = part.num_playlists, part.num_tracks
    seeds = Pattern.from_edges(*part.all_train, shape)
    known, held_out = EdgeSet(part.all_train, *shape), EdgeSet(part.validation, *shape)
    recalls = {}
    for stand_in in STAND_INS:
        frozen = freeze(
            model,
            split.all_train,
            split.num_playlists,
            split.num_tracks,
            stand_in=stand_in,
            settings=settings,
            facts={},
        )
        playlists = frozen.embed(seeds, counted=True)
        recalls[stand_in] = recall_at_k(playlists, frozen.tracks, known, held_out, k, block_mb)
    return recalls


def best_stand_in(recalls: dict[str, float]) -> str:
    """The one with the highest recall; of equal ones the first of ``STAND_INS``."""
    return max(STAND_INS, key=recalls.__getitem__)
