r"""Ranks of tied tracks: of tracks with one score, each order is as likely as any other.

A metric is then its mean over these orders. It does not follow the numbering of the tracks, which an order by
index would, and no scores are better for saying less: constant ones are worth what chance is. Of a group of
g tied tracks, h of them held out, that begins after rank a,

.. math:: P(\text{rank } r \text{ is a hit}) = h / g, \qquad a < r \le a + g,

.. math:: P(\text{rank } r \text{ is the first hit} \mid \text{none before}) = h / (g - (r - a - 1)).

Without ties both are 0 or 1, and the metrics are the plain ones to the last bit.
"""

import torch
from torch import Tensor

from segue.nn.topk import kth_largest


def expected_hits(scores: Tensor, top: Tensor, row: Tensor, track: Tensor) -> tuple[Tensor, Tensor]:
    """For each rank from 1 to d, [n, d] float64: the chance of a hit there, and that of none at it or before.

    ``scores``: [n, T] float32, -inf where a track is out of question; ``top``: [n, d], their columns by
    ``top_k``; ``row``, ``track``: [m] the held-out entries, of finite scores.
    """
    values, depth = scores.gather(1, top), top.size(1)
    relevant = torch.zeros_like(scores, dtype=torch.bool)
    relevant[row, track] = True
    hit = relevant.gather(1, top)
    # Where the group of each rank begins, and where it ends within the top.
    place = torch.arange(depth, device=scores.device).expand_as(top)
    differs = values[:, 1:] != values[:, :-1]
    inside = torch.ones_like(hit[:, :1])
    first = place.where(torch.cat([inside, differs], 1), 0).cummax(1).values
    last = place.where(torch.cat([differs, inside], 1), depth).flip(1).cummin(1).values.flip(1)
    before = torch.nn.functional.pad(hit.cumsum(1), (1, 0))
    size, held_out = last - first + 1, before.gather(1, last + 1) - before.gather(1, first)

    # The last group may go on below the top.
    lowest = values[:, -1:]
    at_lowest = torch.bincount(row[scores[row, track] == lowest[row, 0]], minlength=len(scores))
    cut = at_lowest.nonzero()[:, 0]
    in_last = (last[cut] == depth - 1).long()
    of_group = (scores[cut] == lowest[cut]).sum(1, keepdim=True)
    size[cut] += in_last * (of_group - size[cut])
    held_out[cut] += in_last * (at_lowest[cut, None] - held_out[cut])

    first_hit = held_out.double() / (size - (place - first))
    return held_out.double() / size, (1 - first_hit.clamp(max=1)).cumprod(1)


def expected_reciprocal_rank(scores: Tensor, missed: Tensor, row: Tensor, track: Tensor) -> Tensor:
    """[n] float64, of 1 / rank of the first hit, 0 where nothing is held out.

    ``missed``: the second of ``expected_hits``; the others are as there.
    """
    ranks = torch.arange(1, missed.size(1) + 1, device=scores.device)
    reciprocal = (-torch.diff(missed, dim=1, prepend=torch.ones_like(missed[:, :1])) / ranks).sum(1)
    best = scores.new_full((len(scores),), -torch.inf).scatter_reduce_(0, row, scores[row, track], "amax")
    # The first hit may be below the top: there it is counted, where it has to be.
    below = ((missed[:, -1] > 0) & (best > -torch.inf)).nonzero()[:, 0]
    if below.numel():
        held_out = torch.bincount(row[scores[row, track] == best[row]], minlength=len(scores))[below]
        of_row, best = scores[below], best[below, None]
        reciprocal[below] = _of_group((of_row > best).sum(1), (of_row == best).sum(1), held_out)
    return reciprocal


def _of_group(before: Tensor, size: Tensor, held_out: Tensor) -> Tensor:
    """[m] float64: the mean of 1 / rank of the first of ``held_out`` tracks in a group of ``size``."""
    place = torch.arange(int((size - held_out).max()) + 1, device=size.device)
    first_hit = (held_out[:, None].double() / (size[:, None] - place).clamp(min=1)).clamp(max=1)
    none_before = torch.ones_like(first_hit)
    none_before[:, 1:] = (1 - first_hit[:, :-1]).cumprod(1)
    return (none_before * first_hit / (before[:, None] + 1 + place)).sum(1)


def chance_in_top(scores: Tensor, k: int, row: Tensor, track: Tensor) -> Tensor:
    """[m] float64: the chance that each entry ``row``, ``track`` is among the ``k`` highest of its row.

    ``scores``: [n, T] float32, -inf where a track is out of question; 1 <= k <= T. Of the g tracks that share
    the k-th score, below a higher ones, each has the chance (k - a) / g. Summed over a row it is what
    ``expected_hits`` sums to at rank k.
    """
    cut = kth_largest(scores, k)
    above, tied = (scores > cut).sum(1).double(), (scores == cut).sum(1).double()
    own, at = scores[row, track], cut[row, 0]
    return (own > at).double().where(own != at, ((k - above) / tied)[row])
