r"""Sampled softmax over one draw of tracks for all playlists, on cosines, with its gradient by hand."""

import math

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from segue.nn.pattern import Pattern
from segue.nn.sparse import spmm
from segue.nn.systematic import ONE, inclusion, systematic_sample
from segue.nn.topk import rows_per_block

STEEPEST = 40.0  # 1 / temperature up to which exp of a logit, and a sum of them, is far from float32's ends
LOG2_E = math.log2(math.e)
IN_CACHE_MB = 8  # of a block, for a thread on a CPU: larger ones take longer
TINY = 1e-12  # norm of a vector that is none: its cosines are 0, and their gradients


class SoftmaxLoss:
    r"""The cross-entropy of all positive edges, with one draw S of tracks as the classes of all playlists.

    .. math::
        L = \frac{1}{E} \sum_u d_u \Big[ \ln \sum_{j \in S} \exp(s_{uj} / \tau + \gamma \ln d_j - \ln \pi_j)
        - \frac{1}{d_u} \sum_{i \in N(u)} (s_{ui} / \tau + \gamma \ln d_i) \Big], \qquad
        s_{ui} = \frac{\langle z_u, z_i \rangle}{\|z_u\| \|z_i\|}

    N(u) are the d_u tracks of playlist u in ``supervision``, a pattern [P, T] of E edges, and d_i the degrees
    of tracks in it, at least 1. A playlist without edges has no part in L. ``temperature`` is tau. ``prior``
    is gamma: how much of the tracks' popularity stands in the logits, so that embeddings need not learn it.

    S holds ``tracks`` = m tracks without repeats, drawn with inclusion probabilities :math:`\pi` that are as
    :math:`d^\beta`, at most 1 (``segue.nn.systematic``). The sum over S is then an unbiased estimate of that
    over all tracks (Horvitz and Thompson 1952), what the correction by the proposal's q is for draws with
    repeats (Bengio and Senécal 2008). With beta = gamma, prior and correction are one constant together,
    where no track is certain to be drawn. Where m is T or more, S is all tracks, nothing is drawn or
    corrected, and L is the cross-entropy.

    A logsumexp is taken once for a playlist, not for each of its edges, and its gradient while its block of
    logits is there: ``block_mb`` MiB are held, never P x m. The positives are a sparse product each way.
    """

    def __init__(
        self,
        supervision: Pattern,
        *,
        tracks: int,
        temperature: float,
        beta: float = 0.0,
        prior: float = 0.0,
        block_mb: int = 16,
    ):
        self.supervision, self.block_mb = supervision, block_mb
        self.steepness = 1 / temperature
        log_degree = supervision.T.degree.clamp(min=1).double().log()
        self.prior = prior * log_degree
        # In S, by track; None: all of them.
        self.included = inclusion(beta * log_degree, tracks) if tracks < supervision.shape[1] else None

    def __call__(self, playlists: Tensor, tracks: Tensor, generator: torch.Generator) -> Tensor:
        """L, a scalar, of a new draw; ``playlists`` [P, d] and ``tracks`` [T, d] are the embeddings z."""
        return self.of(self.supervision, playlists, tracks, self.draw(generator))

    def draw(self, generator: torch.Generator) -> Tensor | None:
        """[m] int64, the tracks of an S in rising order; None where it is all tracks."""
        return None if self.included is None else systematic_sample(self.included, generator)

    def of(self, edges: Pattern, playlists: Tensor, tracks: Tensor, drawn: Tensor | None = None) -> Tensor:
        """L of other positives, ``edges`` [P, T], with the popularities of the supervision; S is ``drawn``,
        or all tracks."""
        bias = self.prior
        if drawn is not None:
            bias = bias[drawn] - (self.included[drawn].double() / ONE).log()
        in_caches = math.inf if playlists.is_cuda else IN_CACHE_MB * torch.get_num_threads()
        rows = rows_per_block(bias.numel(), min(self.block_mb, in_caches))
        loss = _Softmax.apply(playlists, tracks, edges, drawn, bias, self.steepness, rows)
        return loss - (self.prior @ edges.T.degree.double() / edges.cols.numel()).to(loss.dtype)


class _Softmax(torch.autograd.Function):
    r"""L without the popularities of the positives, and its gradients, in one pass over blocks of playlists.

    With the unit vectors û of playlists and ĵ of S, a = 1 / tau, w = exp(bias) and c_u = d_u / E,

    .. math::
        e_{uj} = \exp(a \langle \hat u, \hat j \rangle), \quad t_u = \sum_{j \in S} w_j e_{uj}, \quad
        \frac{\partial L}{\partial \hat u}
        = \frac{a c_u}{t_u} \sum_{j \in S} e_{uj} w_j \hat j - \frac{a}{E} \sum_{i \in N(u)} \hat i, \quad
        \frac{\partial L}{\partial \hat j}
        = a w_j \sum_u e_{uj} \frac{c_u}{t_u} \hat u - \frac{a}{E} \sum_{u \in N(j)} \hat u.

    A block of e is made, exponentiated in place, and then a factor in products, since the weights stand at
    the vectors. On a CPU 2^x takes a third of the time of exp, and e on the right of the gradient's product
    three quarters of that on its left.
    """

    @staticmethod
    def forward(ctx, playlists, tracks, edges, drawn, bias, steepness, rows):
        needed = any(ctx.needs_input_grad)
        unit, scale = _unit(playlists)
        unit_tracks, scale_tracks = _unit(tracks)
        count = edges.cols.numel()
        ones = playlists.new_ones(count)
        share = edges.degree.to(playlists.dtype) / count
        positives = spmm(edges, ones, unit_tracks).mul_(-steepness / count)

        drawn = slice(None) if drawn is None else drawn
        classes = unit_tracks[drawn]
        largest = bias.max()
        weights = (bias - largest).exp().to(playlists.dtype)
        weighted = weights[:, None] * classes
        grad_classes = classes.new_zeros(classes.shape[::-1])
        block = playlists.new_empty(min(rows, len(unit)), len(classes))
        log_total = playlists.new_zeros(len(unit))  # to base 2
        of_edges = torch.linalg.vecdot(unit, positives).sum(dtype=torch.float64)
        for start in range(0, len(unit), rows):
            part = slice(start, start + rows)
            each, of_positives = unit[part], positives[part]
            logits = torch.mm((LOG2_E * steepness) * each, classes.T, out=block[: len(each)])
            if steepness > STEEPEST:
                log_total[part] = highest = logits.amax(dim=1)
                logits.sub_(highest[:, None])
            total = logits.exp2_() @ weights
            log_total[part] += total.log2()
            if needed:
                factor = (steepness * share[part] / total)[:, None]
                grad_classes.addmm_((factor * each).T, logits)
                _through_unit(of_positives.addcmul_(factor, logits @ weighted), each, scale[part])
        if needed:
            grad_tracks = spmm(edges.T, ones, unit).mul_(-steepness / count)
            grad_tracks[drawn] += grad_classes.mul_(weights).T
            ctx.save_for_backward(positives, _through_unit(grad_tracks, unit_tracks, scale_tracks))
        of_playlists = (share * log_total).sum(dtype=torch.float64) / LOG2_E
        return (of_playlists + of_edges + largest * share.sum(dtype=torch.float64)).to(playlists.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        playlists, tracks = ctx.saved_tensors
        return grad * playlists, grad * tracks, None, None, None, None, None


def _unit(x: Tensor) -> tuple[Tensor, Tensor]:
    """Rows of length 1, and what they were multiplied by for that, [n, 1]; of a row without length, 0."""
    norm = torch.linalg.vector_norm(x, dim=1, keepdim=True)
    scale = torch.where(norm > TINY, norm.reciprocal(), 0.0)
    return x * scale, scale


def _through_unit(grad: Tensor, unit: Tensor, scale: Tensor) -> Tensor:
    """The gradient of x from that of ``_unit(x)``, in place."""
    return grad.addcmul_(unit, torch.linalg.vecdot(unit, grad)[:, None], value=-1).mul_(scale)
