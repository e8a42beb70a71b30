"""The test of what scores playlists by their tracks: the very metrics of the models."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from segue.evaluation import known_and_held_out, pairs_of_test
from segue.metrics import metrics_of_scores, roc_auc
from segue.ranking import rows_per_block
from segue.scorer_files import Scorer
from segue.sparse import Pattern
from segue.split import Split, draw_playlists, of_playlists


def evaluate_scorer(
    split: Split,
    scorer: Scorer,
    *,
    k: Sequence[int],
    seed: int,
    max_playlists: int | None = None,
    block_mb: int = 16,
) -> dict[str, dict[str, float | int]]:
    """As ``evaluation.evaluate``, with the train and validation edges as the seeds of the playlists.

    There is no BPR loss: such scores have an order, but are no logits.
    """
    split = of_playlists(split, draw_playlists(split.test, max_playlists, seed))
    known, held_out = known_and_held_out(split)
    seeds = Pattern.from_edges(*split.train_and_validation, (split.num_playlists, split.num_tracks))
    metrics = metrics_of_scores(block_scores(scorer, seeds), known, held_out, k, block_mb)
    positive, negative = _scores_at(scorer, seeds, pairs_of_test(split, seed), block_mb)
    count = int((held_out.degree > 0).sum())
    metrics["roc_auc"] = {"value": roc_auc(positive, negative), "playlists": count}
    return metrics


def block_scores(scorer: Scorer, seeds: Pattern) -> Callable[[int, int], Tensor]:
    """``scores_of`` of ``metrics.metrics_of_scores``, of playlists with the ``seeds`` [P, T]."""

    def scores(start: int, stop: int) -> Tensor:
        return scorer.scores(seeds.block(start, stop))

    return scores


def _scores_at(
    scorer: Scorer, seeds: Pattern, pairs: tuple[Pattern, Pattern], block_mb: int
) -> tuple[Tensor, Tensor]:
    """[E] scores at the entries of each pattern [P, T]."""
    found: tuple[list[Tensor], list[Tensor]] = ([], [])
    block = rows_per_block(scorer.num_tracks, block_mb)
    for start in range(0, seeds.shape[0], block):
        stop = min(start + block, seeds.shape[0])
        scores = scorer.scores(seeds.block(start, stop))
        for values, pattern in zip(found, pairs, strict=True):
            values.append(scores[tuple(pattern.block(start, stop).edges())])
    return torch.cat(found[0]), torch.cat(found[1])
