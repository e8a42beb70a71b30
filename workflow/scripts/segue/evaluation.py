"""The test: what embeddings, or a ranking by popularity, predict of the test edges."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from segue.edges import EdgeSet
from segue.files import write_json
from segue.jobs import log
from segue.losses import bpr_loss
from segue.metrics import ranking_metrics, roc_auc
from segue.sampling import RandomNegatives
from segue.sparse import Pattern, sddmm
from segue.split import Split, draw_playlists, of_playlists


def evaluate(
    split: Split,
    playlists: Tensor,
    tracks: Tensor,
    *,
    k: Sequence[int],
    seed: int,
    max_playlists: int | None = None,
    block_mb: int = 16,
) -> dict[str, dict[str, float | int]]:
    """All metrics of ``ranking_metrics`` at the cut-offs ``k``, ROC-AUC and BPR loss on the test edges.

    ``playlists`` [P, d] and ``tracks`` [T, d]: embeddings whose dot products are the scores. Train and
    validation edges are masked out of the ranking. ROC-AUC and loss compare each test edge with one
    random track for its playlist that is in no edge at all, drawn from ``seed``. With ``max_playlists``, all
    of this is about that many playlists, drawn from ``seed`` among those with test edges.

    Returns ``{name: {"value": ..., "playlists": how many it was averaged over}}``.
    """
    chosen = draw_playlists(split.test, max_playlists, seed)
    split, playlists = of_playlists(split, chosen), playlists[chosen]
    shape = split.num_playlists, split.num_tracks
    held_out = EdgeSet(split.test, *shape)
    metrics = ranking_metrics(
        playlists, tracks, EdgeSet(split.train_and_validation, *shape), held_out, k, block_mb
    )
    every_edge = EdgeSet(torch.cat([split.train_and_validation, split.test], dim=1), *shape)
    positives = Pattern.from_edges(*split.test, shape)
    drawn = RandomNegatives(positives.edges(), every_edge).draw(torch.Generator().manual_seed(seed))
    positive, negative = (
        sddmm(pairs, playlists, tracks) for pairs in (positives, positives.with_cols(drawn))
    )
    count = int((held_out.degree > 0).sum())
    metrics["roc_auc"] = {"value": roc_auc(positive, negative), "playlists": count}
    metrics["bpr_loss"] = {"value": bpr_loss(positive, negative).item(), "playlists": count}
    return metrics


def popularity_embeddings(split: Split) -> tuple[Tensor, Tensor]:
    """Embeddings [P, 1] and [T, 1] that rank tracks by their train and validation edges, for any playlist.

    A track's score is minus its place in that order, so that no two tie; of equally popular tracks the
    one with the lower index comes first. Places are exact in float32 up to 2^24 tracks.
    """
    popularity = torch.bincount(split.train_and_validation[1], minlength=split.num_tracks)
    order = popularity.argsort(descending=True, stable=True)
    place = torch.empty(split.num_tracks)
    place[order] = torch.arange(split.num_tracks, dtype=torch.float32)
    return torch.ones(split.num_playlists, 1), -place[:, None]


def save_metrics(path: str | Path, name: dict[str, str], metrics: dict[str, dict[str, float | int]]) -> None:
    """Writes what ``evaluate`` returned as JSON, below ``name`` (model, conv, ...), and logs it."""
    for metric, result in metrics.items():
        log.info("%s %.4f (%d playlists)", metric, result["value"], result["playlists"])
    write_json(path, {**name, "metrics": metrics})
