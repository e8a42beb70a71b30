"""Losses on scores of positive and negative edges."""

from torch import Tensor
from torch.nn.functional import logsigmoid

from segue.nn.pattern import Pattern


def bpr_loss(positive: Tensor, negative: Tensor) -> Tensor:
    r"""Bayesian personalised ranking: :math:`-\frac{1}{n} \sum_i \ln \sigma(s_i^+ - s_i^-)`.

    (Rendle et al. 2009, section 4.1, as a mean over the pairs.)

    ``positive``, ``negative``: [n] scores of paired edges of the same playlist. Returns a scalar.
    """
    return -logsigmoid(positive - negative).mean()


def bce_loss(positive: Tensor, negative: Tensor) -> Tensor:
    r"""Binary cross-entropy: :math:`-\frac{1}{2n} \sum_i [\ln \sigma(s_i^+) + \ln(1 - \sigma(s_i^-))]`.

    ``positive``, ``negative``: [n] scores (logits). Returns a scalar.
    """
    return -(logsigmoid(positive).mean() + logsigmoid(-negative).mean()) / 2


def l2_penalty(playlists: Tensor, tracks: Tensor, positives: Pattern, negatives: Pattern) -> Tensor:
    r"""Mean over the pairs of the squared norms of their input embeddings, halved.

    .. math:: \frac{1}{2n} \sum_i \|x_{p_i}\|^2 + \|x_{t_i^+}\|^2 + \|x_{t_i^-}\|^2

    as in LightGCN's own code (He et al. 2020, eq. 15): the nodes of the batch, as often as they occur
    in it, not all nodes. ``playlists`` [P, d], ``tracks`` [T, d]: input embeddings. ``positives``,
    ``negatives``: patterns [P, T] of the pairs, n entries each.
    """
    dtype = playlists.dtype
    of_tracks = (positives.T.degree + negatives.T.degree).to(dtype)
    squares = (
        occurrences @ x.square().sum(dim=1)
        for occurrences, x in ((positives.degree.to(dtype), playlists), (of_tracks, tracks))
    )
    return sum(squares) / (2 * positives.cols.numel())
