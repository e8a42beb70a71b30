"""Ranking metrics of held-out edges, and ROC-AUC."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from segue.evaluate.ties import expected_hits, expected_reciprocal_rank
from segue.nn.pattern import Pattern
from segue.nn.topk import rows_per_block, top_k

Each = Callable[[dict[str, Tensor]], None]


def ranking_metrics(
    playlists: Tensor,
    tracks: Tensor,
    known: Pattern,
    held_out: Pattern,
    ks: Sequence[int],
    block_mb: int = 16,
    each: Each | None = None,
) -> dict[str, dict[str, float | int]]:
    """As ``metrics_of_scores``, by dot products of ``playlists`` [P, d] and ``tracks`` [T, d] embeddings.

    ``known``: what the embeddings passed messages over.
    """

    def scores(start: int, stop: int) -> Tensor:
        return playlists[start:stop] @ tracks.T

    return metrics_of_scores(scores, known, held_out, ks, block_mb, each)


def metrics_of_scores(
    scores_of: Callable[[int, int], Tensor],
    known: Pattern,
    held_out: Pattern,
    ks: Sequence[int],
    block_mb: int = 16,
    each: Each | None = None,
) -> dict[str, dict[str, float | int]]:
    r"""Metrics of each playlist's ranking of all tracks but its known ones, by score.

    With G the held-out tracks of a playlist and r_1 < r_2 < ... their ranks (from 1):

    ===============  =====================================================================
    recall@K         :math:`|\{r_i \le K\}| / |G|`
    precision@K      :math:`|\{r_i \le K\}| / K`
    ndcg@K           :math:`\sum_{r_i \le K} 1/\log_2(1 + r_i)` over its largest value,
                     :math:`\sum_{i \le \min(|G|, K)} 1/\log_2(1 + i)`
    hit_rate@K       1 if :math:`r_1 \le K`, else 0
    r_precision      recall@\|G\|
    mrr              :math:`1 / r_1`
    coverage@K       share of all T tracks that are in the top K of at least one playlist
    ===============  =====================================================================

    Where tracks have one score, all but coverage are expected values over every order of theirs, each as
    likely (see `evaluate.ties`; ROC-AUC counts a tie as half, which is the same); so what is found does not
    follow the numbering of tracks, and constant scores are worth what chance is. Coverage is about what a
    user is shown: of equal scores the lower index.

    All but coverage are means over the playlists with at least one held-out track; the others have no
    say, nor do they count as 1. ``scores_of(start, stop)``: [n, T] float32 scores of playlists
    start..stop-1, which may be written over, for as many at a time as ``block_mb`` MiB hold, called once for
    each block in their order. ``known`` edges are masked out; ``held_out`` edges are to be found and must
    not be known.

    ``each`` receives, for each block, playlist (its index, int64) and the metrics that are means (float64),
    all [m], of the m playlists that have a say.

    Returns ``{name: {"value": mean, "playlists": how many}}``, sums in float64.
    """
    (num_playlists, num_tracks), device = held_out.shape, held_out.degree.device
    count = int((held_out.degree > 0).sum())
    # Deep enough for every K and for R-precision, whose cut is the number of held-out tracks.
    depth = min(num_tracks, max(*ks, int(held_out.degree.max())))
    discount = 1 / torch.arange(2, depth + 2, dtype=torch.float64, device=device).log2()
    ideal = discount.cumsum(0)
    sums = dict.fromkeys(_names(ks), 0.0)
    # Hits are summed before they are divided: whole numbers, where no scores are tied.
    shares = dict.fromkeys(sums, 1) | {f"precision@{k}": k for k in ks}
    recommended = {k: torch.zeros(num_tracks, dtype=torch.bool, device=device) for k in ks}

    block = rows_per_block(num_tracks, block_mb)
    for start in range(0, num_playlists, block):
        stop = min(start + block, num_playlists)
        size = held_out.degree[start:stop]
        scores = scores_of(start, stop)
        scores[known.entries(start, stop)] = -torch.inf
        top, to_find = top_k(scores, depth), held_out.entries(start, stop)
        hits, missed = expected_hits(scores, top, *to_find)
        reciprocal = expected_reciprocal_rank(scores, missed, *to_find)
        recommendable = scores.gather(1, top) > -torch.inf

        evaluated = size > 0
        size, hits, missed, reciprocal, top, recommendable = (
            values[evaluated] for values in (size, hits, missed, reciprocal, top, recommendable)
        )
        found, gain = hits.cumsum(1), (hits * discount).cumsum(1)
        values = {"r_precision": found.gather(1, size[:, None] - 1)[:, 0] / size, "mrr": reciprocal}
        for k in ks:
            at = min(k, depth) - 1
            values[f"recall@{k}"] = found[:, at] / size
            values[f"precision@{k}"] = found[:, at]
            values[f"ndcg@{k}"] = gain[:, at] / ideal[size.clamp(max=k) - 1]
            values[f"hit_rate@{k}"] = 1 - missed[:, at]
            recommended[k][top[:, :k][recommendable[:, :k]]] = True
        for name in sums:
            sums[name] += values[name].sum().item() / shares[name]
        if each is not None:
            each(
                {"playlist": start + evaluated.nonzero()[:, 0]}
                | {name: values[name] / shares[name] for name in sums}
            )

    metrics = {name: {"value": total / count, "playlists": count} for name, total in sums.items()}
    for k in ks:
        metrics[f"coverage@{k}"] = {"value": recommended[k].double().mean().item(), "playlists": count}
    return metrics


def recall_at_k(
    playlists: Tensor, tracks: Tensor, known: Pattern, held_out: Pattern, k: int, block_mb: int = 16
) -> float:
    """Recall@K alone, as in ``ranking_metrics``."""
    return ranking_metrics(playlists, tracks, known, held_out, [k], block_mb)[f"recall@{k}"]["value"]


def recall_of_scores(
    scores_of: Callable[[int, int], Tensor], known: Pattern, held_out: Pattern, k: int, block_mb: int = 16
) -> float:
    """Recall@K alone, as in ``metrics_of_scores``."""
    return metrics_of_scores(scores_of, known, held_out, [k], block_mb)[f"recall@{k}"]["value"]


def roc_auc(positive: Tensor, negative: Tensor) -> float:
    r"""Area under the ROC curve: :math:`P(s^+ > s^-) + \frac{1}{2} P(s^+ = s^-)`.

    ``positive``: [m], ``negative``: [n] scores; all m n pairs count, by ranks (Mann-Whitney), ties half.
    """
    ordered = negative.sort().values
    below = torch.searchsorted(ordered, positive).double()
    not_above = torch.searchsorted(ordered, positive, right=True).double()
    return ((below + not_above).mean() / (2 * negative.numel())).item()


def _names(ks: Sequence[int]) -> list[str]:
    return [f"{name}@{k}" for name in ("recall", "precision", "ndcg", "hit_rate") for k in ks] + [
        "r_precision",
        "mrr",
    ]
