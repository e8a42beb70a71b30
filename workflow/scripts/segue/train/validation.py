"""What validation measures of a model while it trains."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from segue.evaluate.metrics import recall_at_k, roc_auc
from segue.graph.split import Split, draw_playlists, of_playlists
from segue.nn.negatives import RandomNegatives
from segue.nn.pattern import Pattern
from segue.nn.sparse import sddmm
from segue.train.graphs import Pair
from segue.train.objectives import Objective


class Validation:
    """Loss and ROC-AUC of the validation edges, against one draw of negatives, and Recall@K."""

    def __init__(self, positives: Pattern, known: Pattern, generator: torch.Generator, recall: "Recall"):
        """``known``: all train and validation edges, which no negative is among."""
        self.positives, self.recall = positives, recall
        known = known.with_cols(known.cols)  # lookups are needed this once, and go with it
        drawn = RandomNegatives(positives.edges(), known).draw(generator)
        self.negatives = positives.with_cols(drawn)

    def measure(self, objective: Objective, z: Pair, rows: Pair, ranked: bool) -> dict[str, float | None]:
        """``z``: embeddings of playlists and tracks; ``rows``: those of ``Score``, whose dot products are the
        scores; ``ranked``: whether to take the recall, too."""
        positive, negative = (sddmm(pairs, *rows) for pairs in (self.positives, self.negatives))
        loss = objective.validated(z, self.positives, positive, negative).item()
        return {
            "validation_loss": loss,
            "validation_auc": roc_auc(positive, negative),
            "validation_recall": self.recall(*rows) if ranked and math.isfinite(loss) else None,
        }


class Recall:
    """Recall@``k`` of the validation edges of ``count`` playlists (None: all), all others' scores spared."""

    def __init__(
        self, split: Split, k: int, count: int | None, seed: int, block_mb: int, device: torch.device
    ):
        playlists = draw_playlists(split.validation, count, seed)
        part = of_playlists(split, playlists)
        self.playlists, self.k, self.block_mb = playlists.to(device), k, block_mb
        self.known, self.held_out = (
            Pattern.from_edges(*edges.to(device), (part.num_playlists, part.num_tracks))
            for edges in (part.all_train, part.validation)
        )

    def __call__(self, playlists: Tensor, tracks: Tensor) -> float:
        return recall_at_k(
            playlists[self.playlists], tracks, self.known, self.held_out, self.k, self.block_mb
        )


def best_of(values: list[Any], measure: Callable[[Any], float]) -> tuple[Any, float]:
    """Of ``values`` the one that ``measure`` finds highest, and what it found; of equal ones the first."""
    measured = [measure(value) for value in values]
    best = max(range(len(values)), key=measured.__getitem__)
    return values[best], measured[best]
