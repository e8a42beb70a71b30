"""What stands in for the input embedding that an unseen playlist lacks: chosen by validation."""

from dataclasses import replace
from typing import Any

import torch

from segue.evaluate.metrics import recall_at_k
from segue.evaluate.unseen_validation import unseen_validation
from segue.graph.split import Split
from segue.nn.encoder import Encoder
from segue.scorers.frozen import STAND_INS, freeze


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
    seeds, known, held_out = unseen_validation(split, max_playlists, seed)
    shape = split.num_playlists, split.num_tracks
    frozen = freeze(model, split.all_train, *shape, stand_in=STAND_INS[0], settings=settings, facts={})

    def recall(stand_in: str) -> float:
        playlists = replace(frozen, stand_in=stand_in).embed(seeds, counted=True)
        return recall_at_k(playlists, frozen.tracks, known, held_out, k, block_mb)

    return {stand_in: recall(stand_in) for stand_in in STAND_INS}


def best_stand_in(recalls: dict[str, float]) -> str:
    """The one with the highest recall; of equal ones the first of ``STAND_INS``."""
    return max(STAND_INS, key=recalls.__getitem__)
