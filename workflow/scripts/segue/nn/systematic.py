"""Draws without replacement whose inclusion probabilities are known exactly: systematic sampling."""

import torch
from torch import Tensor

BITS = 40
ONE = 2**BITS  # a probability of 1: of integers, sums are exact, and the same on every device


def inclusion(log_weights: Tensor, count: int) -> Tensor:
    r""":math:`\pi_j = \min(1, \lambda w_j)` of n candidates, lambda such that they add up to ``count`` < n.

    ``log_weights``: [n] float64, finite logarithms of w. Returns [n] int64, in units of 1 / ONE, rounded down
    but for those below one unit.
    """
    weights = (log_weights - log_weights.max()).exp().cpu()  # on a GPU, sums are not the same bits each time
    falling = weights.sort(descending=True).values
    rest = falling.flip(0).cumsum(0).flip(0)  # of each, with all that follow
    left = count - torch.arange(len(falling), dtype=torch.float64)
    certain = int((left * falling >= rest).cumprod(0).sum())
    shares = left[certain] / rest[certain] * weights * ONE
    return shares.clamp(1, ONE).long().to(log_weights.device)


def systematic_sample(included: Tensor, generator: torch.Generator) -> Tensor:
    """The drawn candidates in rising order, int64; j is one of them with probability ``included[j]`` / ONE.

    Candidates lie in a random order on a line, each as long as its probability, and those are drawn in which
    one of the points u, u + 1, u + 2, ... falls, u uniform in [0, 1) (Madow 1949, and Goodman and Kish 1950
    in random order). They are as many as the probabilities add up to; of ``inclusion``'s with a chance below
    n / ONE one fewer, for the rounding.
    """
    order = torch.randperm(len(included), generator=generator, device=included.device)
    first = torch.randint(ONE, (), generator=generator, device=included.device)
    ends = included[order].cumsum(0).add_(first).bitwise_right_shift_(BITS)
    return order[ends.diff(prepend=ends.new_zeros(1)) > 0].sort().values
