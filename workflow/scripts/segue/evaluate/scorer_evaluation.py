"""The test of what scores playlists by their tracks: the very metrics of the models."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from segue.evaluate.metrics import metrics_of_scores, roc_auc
from segue.evaluate.protocol import known_and_held_out, pairs_of_test
from segue.graph.split import Split, draw_playlists, of_playlists
from segue.nn.sparse import Pattern
from segue.scorers.base import Scorer


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
    pairs, found = pairs_of_test(split, seed), ([], [])
    scores_of = block_scores(scorer, seeds)

    def noted_scores(start: int, stop: int) -> Tensor:
        scores = scores_of(start, stop)
        for values, pattern in zip(found, pairs, strict=True):
            values.append(scores[tuple(pattern.block(start, stop).edges())])
        return scores

    metrics = metrics_of_scores(noted_scores, known, held_out, k, block_mb)
    positive, negative = map(torch.cat, found)
    count = int((held_out.degree > 0).sum())
    metrics["roc_auc"] = {"value": roc_auc(positive, negative), "playlists": count}
    return metrics


def block_scores(scorer: Scorer, seeds: Pattern) -> Callable[[int, int], Tensor]:
    """``scores_of`` of ``metrics.metrics_of_scores``, of playlists with the ``seeds`` [P, T]."""

    def scores(start: int, stop: int) -> Tensor:
        return scorer.scores(seeds.block(start, stop))

    return scores
