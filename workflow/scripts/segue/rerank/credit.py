r"""A ranking that also counts what R-precision gives for artists: a part of a track for each one found.

With :math:`p_t` the probability that track t is to be found, an artist a is among those to be found with
probability :math:`P_a = 1 - \prod_{t \in a} (1 - p_t)`, and only the first track of an artist earns that:

.. math:: v_t = p_t + \lambda P_{a(t)} [t \text{ is the first of its artist by } p].
"""

import numpy as np
from numpy.typing import NDArray

LEAST = -500.0  # log-odds
CERTAIN = 1 - 1e-12  # or the logarithm of what is left would be infinite


def credited(scores: NDArray[np.float32], artist: NDArray[np.integer], credit: float) -> NDArray[np.float32]:
    """[n, K] v, of log-odds ``scores`` [n, K] of candidates by ``artist`` [n, K], -1 for none; -inf stays.

    ``credit``: lambda; 0 leaves the scores as they are. Of equal scores the first candidate comes first.
    """
    if not credit:
        return scores
    p = 1 / (1 + np.exp(-scores.astype(np.float64).clip(min=LEAST)))
    order = np.argsort(-scores, axis=1, kind="stable")
    row, _ = np.indices(scores.shape)
    number = row * (int(artist.max(initial=0)) + 2) + artist + 1
    by_rank = np.take_along_axis(number, order, 1)
    _, first, group = np.unique(by_rank, return_index=True, return_inverse=True)
    missed = np.bincount(group.ravel(), np.log1p(-np.take_along_axis(p, order, 1).clip(max=CERTAIN)).ravel())
    earned = np.zeros(scores.size)
    earned[first] = 1 - np.exp(missed)
    bonus = np.empty_like(p)
    np.put_along_axis(bonus, order, earned.reshape(p.shape), 1)
    bonus[artist < 0] = 0
    return np.where(np.isneginf(scores), -np.inf, p + credit * bonus).astype(np.float32)
