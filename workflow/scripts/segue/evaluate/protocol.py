"""How models and scorers are tested: who is ranked, known by which tracks, and what is masked out."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from segue.evaluate.metrics import Each, metrics_of_scores, ranking_metrics, roc_auc
from segue.files import save_table, write_json
from segue.graph.split import Split, draw_playlists, of_playlists, require_cutoffs
from segue.jobs import log
from segue.nn.losses import bpr_loss
from segue.nn.negatives import RandomNegatives
from segue.nn.pattern import Pattern
from segue.nn.sparse import sddmm
from segue.scorers.base import Scorer


def evaluate(
    split: Split,
    playlists: Tensor,
    tracks: Tensor,
    *,
    k: Sequence[int],
    seed: int,
    max_playlists: int | None = None,
    block_mb: int = 16,
    each: Each | None = None,
) -> dict[str, dict[str, float | int]]:
    """All metrics of ``ranking_metrics`` at the cut-offs ``k``, ROC-AUC and BPR loss on the test edges.

    ``playlists`` [P, d] and ``tracks`` [T, d]: embeddings whose dot products are the scores. Train and
    validation edges are masked out of the ranking. ROC-AUC and loss compare each test edge with one
    random track for its playlist that is in no edge at all, drawn from ``seed``. With ``max_playlists``, all
    of this is about that many playlists, drawn from ``seed`` among those with test edges. ``each`` receives
    the values of each playlist, block by block, as in ``metrics_of_scores``, by its index in ``split``.

    Returns ``{name: {"value": ..., "playlists": how many it was averaged over}}``. Raises SegueError where a
    cut-off is above T.
    """
    chosen, split, known, held_out = tested_playlists(split, k, max_playlists, seed)
    playlists = playlists[chosen]
    metrics = ranking_metrics(playlists, tracks, known, held_out, k, block_mb, _by_index(each, chosen))
    positives, negatives = pairs_of_test(split, seed)
    positive, negative = (sddmm(pairs, playlists, tracks) for pairs in (positives, negatives))
    count = int((held_out.degree > 0).sum())
    metrics["roc_auc"] = {"value": roc_auc(positive, negative), "playlists": count}
    metrics["bpr_loss"] = {"value": bpr_loss(positive, negative).item(), "playlists": count}
    return metrics


def tested_playlists(
    split: Split, k: Sequence[int], max_playlists: int | None, seed: int
) -> tuple[Tensor, Split, Pattern, Pattern]:
    """The playlists of a test, as ``evaluate`` draws them, [n] int64, their edges alone, and
    ``known_and_held_out`` of these. Raises SegueError where one of the cut-offs ``k`` is above T."""
    require_cutoffs(k, split.num_tracks)
    chosen = draw_playlists(split.test, max_playlists, seed)
    part = of_playlists(split, chosen)
    return chosen, part, *known_and_held_out(part)


def known_and_held_out(split: Split) -> tuple[Pattern, Pattern]:
    """What the test masks out of the ranking, and what is to be found in it."""
    shape = split.num_playlists, split.num_tracks
    return Pattern.from_edges(*split.train_and_validation, shape), Pattern.from_edges(*split.test, shape)


def pairs_of_test(split: Split, seed: int) -> tuple[Pattern, Pattern]:
    """The test edges [P, T], and with each a random track for its playlist that is on no edge of it."""
    shape = split.num_playlists, split.num_tracks
    every_edge = Pattern.from_edges(*torch.cat([split.train_and_validation, split.test], dim=1), shape)
    positives = Pattern.from_edges(*split.test, shape)
    drawn = RandomNegatives(positives.edges(), every_edge).draw(torch.Generator().manual_seed(seed))
    return positives, positives.with_cols(drawn)


def save_test(
    targets: dict[str, str],
    name: dict[str, Any],
    metrics: dict[str, dict[str, float | int]],
    blocks: Sequence[dict[str, Tensor]],
) -> None:
    """Writes what a test returned, and what its ``each`` received, ``blocks``; logs the former.

    ``targets``, paths: ``metrics``, JSON, below ``name`` (model, conv, ...); ``playlists``, Parquet: playlist
    (Int32) and a Float64 a metric.
    """
    import polars as pl  # not where models are trained by other means

    columns = {name: torch.cat([block[name] for block in blocks]).cpu().numpy() for name in blocks[0]}
    save_table(pl.DataFrame(columns).with_columns(pl.col("playlist").cast(pl.Int32)), targets["playlists"])
    for metric, result in metrics.items():
        log.info("%s %.4f (%d playlists)", metric, result["value"], result["playlists"])
    write_json(targets["metrics"], {**name, "metrics": metrics})


def _by_index(each: Each | None, chosen: Tensor) -> Each | None:
    """``each``, of playlists that are numbered as in ``chosen``, their indices."""
    if each is None:
        return None
    return lambda values: each(values | {"playlist": chosen[values["playlist"].cpu()]})


ScoresOf = Callable[[int, int], Tensor]  # as ``metrics.metrics_of_scores`` takes it


def evaluate_scorer(split: Split, scorer: Scorer, **options: Any) -> dict[str, dict[str, float | int]]:
    """As ``evaluate_scores``, of playlists that ``scorer`` knows by their train and validation edges."""
    return evaluate_scores(split, lambda known, _: block_scores(scorer, known), **options)


def evaluate_scores(
    split: Split,
    scores_of_playlists: Callable[[Pattern, Tensor], ScoresOf],
    *,
    k: Sequence[int],
    seed: int,
    max_playlists: int | None = None,
    block_mb: int = 16,
    each: Each | None = None,
) -> dict[str, dict[str, float | int]]:
    """As ``evaluate``, by the scores of ``scores_of_playlists``, which is given the known tracks [n, T] of
    the playlists that are tested, and their indices [n].

    There is no BPR loss: such scores have an order, but are no logits.
    """
    chosen, split, known, held_out = tested_playlists(split, k, max_playlists, seed)
    pairs, found = pairs_of_test(split, seed), ([], [])
    scores_of = scores_of_playlists(known, chosen)

    def noted_scores(start: int, stop: int) -> Tensor:
        scores = scores_of(start, stop)
        for values, pattern in zip(found, pairs, strict=True):
            values.append(scores[tuple(pattern.block(start, stop).edges())])
        return scores

    metrics = metrics_of_scores(noted_scores, known, held_out, k, block_mb, _by_index(each, chosen))
    positive, negative = map(torch.cat, found)
    count = int((held_out.degree > 0).sum())
    metrics["roc_auc"] = {"value": roc_auc(positive, negative), "playlists": count}
    return metrics


def block_scores(scorer: Scorer, known: Pattern) -> ScoresOf:
    """Of playlists that these tracks [P, T] are known of."""

    def scores(start: int, stop: int) -> Tensor:
        return scorer.scores(known.block(start, stop))

    return scores


def unseen_validation(split: Split, max_playlists: int | None, seed: int) -> tuple[Pattern, Pattern]:
    """What playlists that pass for unseen ones are known by [n, T], and what is to be found for them.

    They are known by all their train edges, which are masked out of the ranking; validation edges are to be
    found. With ``max_playlists``, n is that many, drawn from ``seed`` among the playlists with some.
    """
    part = of_playlists(split, draw_playlists(split.validation, max_playlists, seed))
    shape = part.num_playlists, part.num_tracks
    return Pattern.from_edges(*part.all_train, shape), Pattern.from_edges(*part.validation, shape)
