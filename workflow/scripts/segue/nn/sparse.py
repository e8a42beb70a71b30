r"""Sparse linear algebra on the pattern of a bipartite graph, with gradients made of the same products.

A ``Pattern`` says which entries of an [n, m] matrix are there; their values are a separate tensor [E] in its
order. Three functions on it do all of the message passing and scoring:

- ``spmm``: a sparse matrix times a dense one. Messages.
- ``sddmm``: dot products of rows, only at the pattern's entries. Scores of edges.
- ``attend``: a softmax along each row, and the product with it. Attention.

None of them holds a tensor of E x d numbers, forward or backward, and none adds with atomics: every sum runs
along a row of the pattern or of its transpose, in order, so results are the same bits each time.
"""

import warnings

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import embedding_bag, leaky_relu

from segue.nn.dropout import draw_kept
from segue.nn.pattern import Pattern


def _multiply(pattern: Pattern, values: Tensor, x: Tensor) -> Tensor:
    """[n, d]: row i is the sum of value times row of ``x`` over the entries of row i."""
    # Torch's embedding bag is this very product. On a CPU it is 3 to 5 times as fast as the CSR one; on a GPU
    # that one, cuSPARSE's, adds in another order each time.
    return embedding_bag(
        pattern.cols,
        x.detach().contiguous(),
        pattern.rowptr,
        mode="sum",
        per_sample_weights=values.detach(),
        include_last_offset=True,
    )


def _dots(pattern: Pattern, x: Tensor, y: Tensor) -> Tensor:
    """[E] dot products of a row of ``x`` and a row of ``y``, at each entry."""
    entries = _csr(pattern, x.new_zeros(pattern.cols.numel()))
    # In place: a result of its own would copy the indices, too.
    return torch.sparse.sampled_addmm(entries, x.detach(), y.detach().T, beta=0, out=entries).values()


def _csr(pattern: Pattern, values: Tensor) -> Tensor:
    with warnings.catch_warnings():
        # Torch calls CSR tensors beta, once a process. Its checks would refuse repeats and unsorted columns.
        warnings.filterwarnings("ignore", message=".*(CSR tensor support is in beta|[Ii]nvariant checks)")
        return torch.sparse_csr_tensor(
            pattern.rowptr, pattern.cols, values, pattern.shape, check_invariants=False
        )


def _row_sums(pattern: Pattern, values: Tensor, reduce: str = "sum") -> Tensor:
    """[n] sums (or maxima, -inf of none) of the [E] values of each row."""
    return torch.segment_reduce(values, reduce, offsets=pattern.rowptr, unsafe=True)


class _SpMM(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, values, transposed, pattern):
        ctx.pattern, ctx.transposed = pattern, transposed
        ctx.save_for_backward(values, x if values.requires_grad else None)
        return _multiply(pattern, values, x)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        values, x = ctx.saved_tensors
        grad_x = grad_values = None
        if ctx.needs_input_grad[0]:
            transposed = ctx.transposed
            if transposed is None:
                transposed = values.index_select(0, ctx.pattern.order)
            grad_x = _multiply(ctx.pattern.T, transposed, grad)
        if ctx.needs_input_grad[1]:
            grad_values = _dots(ctx.pattern, grad, x)
        return grad_x, grad_values, None, None


def spmm(pattern: Pattern, values: Tensor, x: Tensor, transposed: Tensor | None = None) -> Tensor:
    r"""Y = A X, where A has the ``values`` [E] at the entries of ``pattern`` [n, m]; X [m, d], Y [n, d].

    .. math:: \bar X = A^\top \bar Y \quad\text{(spmm)}, \qquad
        \bar a_{ij} = \langle \bar y_i, x_j \rangle \quad\text{(sddmm)}

    ``transposed``: the values in the order of ``pattern.T``, where they are at hand.
    """
    return _SpMM.apply(x, values, transposed, pattern)


class _SDDMM(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y, pattern):
        ctx.pattern = pattern
        ctx.save_for_backward(x, y)
        return _dots(pattern, x, y)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        x, y = ctx.saved_tensors
        grad_x = grad_y = None
        if ctx.needs_input_grad[0]:
            grad_x = _multiply(ctx.pattern, grad, y)
        if ctx.needs_input_grad[1]:
            grad_y = _multiply(ctx.pattern.T, grad.index_select(0, ctx.pattern.order), x)
        return grad_x, grad_y, None


def sddmm(pattern: Pattern, x: Tensor, y: Tensor) -> Tensor:
    r""":math:`s_{ij} = \langle x_i, y_j \rangle` at the entries of ``pattern`` [n, m]; x [n, d], y [m, d].

    With S the sparse matrix of the gradients :math:`\bar s_{ij}`,

    .. math:: \bar X = S Y, \qquad \bar Y = S^\top X \quad\text{(both spmm)}

    Returns [E] in the order of ``pattern``; E may be at most n m, repeats included.
    """
    return _SDDMM.apply(x, y, pattern)


class _Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h, h_self, source, source_self, target, pattern, slope, mask):
        along = source.index_select(0, pattern.cols)
        # leaky_relu rises, so the largest score of a row is that of its largest source.
        largest = torch.maximum(_row_sums(pattern, along, "max"), source_self).add_(target)
        largest = leaky_relu(largest, slope, inplace=True)
        z = along.add_(target.index_select(0, pattern.rows))
        z_self = source_self + target
        rising, rising_self = z > 0, z_self > 0
        e = leaky_relu(z, slope, inplace=True).sub_(largest.index_select(0, pattern.rows)).exp_()
        e_self = leaky_relu(z_self, slope, inplace=True).sub_(largest).exp_()
        total = _row_sums(pattern, e).add_(e_self)

        kept, kept_self, scale = mask or (None, None, 1.0)
        v, v_self = _drop(e, kept), _drop(e_self, kept_self)
        out = _multiply(pattern, v, h).addcmul_(v_self[:, None], h_self).mul_((scale / total)[:, None])
        ctx.pattern, ctx.slope, ctx.scale = pattern, slope, scale
        ctx.save_for_backward(h, h_self, out, e, e_self, total, rising, rising_self, kept, kept_self)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        h, h_self, out, e, e_self, total, rising, rising_self, kept, kept_self = ctx.saved_tensors
        pattern, order = ctx.pattern, ctx.pattern.order
        slopes, slopes_self = (_slopes(up, ctx.slope, e.dtype) for up in (rising, rising_self))
        ratio = (grad * out).sum(dim=1) / total
        grad = grad * (ctx.scale / total)[:, None]

        v = _drop(e, kept)
        v_t = v.index_select(0, order)
        grad_h = _multiply(pattern.T, v_t, grad)
        grad_h_self = grad * _drop(e_self, kept_self)[:, None]

        w_t = v_t.mul_(slopes.index_select(0, order))
        u = slopes * e
        grad_source = (_multiply(pattern.T, w_t, grad) * h).sum(dim=1)
        grad_target = (_multiply(pattern, v * slopes, h) * grad).sum(dim=1)
        grad_target.addcmul_(_row_sums(pattern, u), ratio, value=-1)
        u.mul_(ratio.index_select(0, pattern.rows))
        grad_source.sub_(_row_sums(pattern.T, u.index_select(0, order)))
        grad_self = (grad_h_self * h_self).sum(dim=1).addcmul_(e_self, ratio, value=-1).mul_(slopes_self)
        return grad_h, grad_h_self, grad_source, grad_self, grad_target.add_(grad_self), None, None, None


def _drop(values: Tensor, kept: Tensor | None) -> Tensor:
    return values if kept is None else values * kept


def _slopes(rising: Tensor, slope: float, dtype: torch.dtype) -> Tensor:
    """Derivatives of leaky_relu: 1 where it rises with slope 1, elsewhere ``slope``."""
    return rising.to(dtype).mul_(1 - slope).add_(slope)


def attend(
    pattern: Pattern,
    h: Tensor,
    h_self: Tensor,
    source: Tensor,
    source_self: Tensor,
    target: Tensor,
    *,
    slope: float,
    dropout: float = 0.0,
    generator: torch.Generator | None = None,
    factors: Tensor | None = None,
) -> Tensor:
    r"""One head of graph attention: a softmax along each row, dropout, and the product, self-loops included.

    .. math::
        z_{ij} = \mathrm{source}_j + \mathrm{target}_i, \quad
        e_{ij} = \exp(\mathrm{leaky}(z_{ij}) - c_i), \quad
        t_i = \sum_j e_{ij}, \quad
        y_i = \frac{1}{t_i} \sum_j k_{ij} e_{ij} h_j

    over the entries of row i and, as one more column, row i itself (``h_self``, ``source_self``). c_i is the
    row's largest score. k is 0 with probability ``dropout`` and otherwise 1 / (1 - dropout); at an entry of
    the pattern, times its one of ``factors``, where they are given.

    Backward, with :math:`g_i = \bar y_i / t_i` and :math:`l_{ij} = \mathrm{leaky}'(z_{ij})`,

    .. math::
        \bar h_j = \sum_i k_{ij} e_{ij} g_i, \qquad
        \bar z_{ij} = l_{ij} e_{ij} (k_{ij} \langle g_i, h_j \rangle - \langle g_i, y_i \rangle),

    and as only sums of :math:`\bar z` along rows (target) and columns (source) are needed, no dot product of
    an edge is:

    .. math::
        \sum_j \bar z_{ij} = \Big\langle g_i, \sum_j l_{ij} k_{ij} e_{ij} h_j \Big\rangle
        - \langle g_i, y_i \rangle \sum_j l_{ij} e_{ij},

    and likewise by column: products of the pattern, and of its transpose, with other values.

    Shapes: pattern [n, m]; h [m, d], h_self [n, d]; source [m], source_self and target [n]; factors [E].
    Returns [n, d].
    """
    mask = None if factors is None else (factors, None, 1.0)
    if dropout:
        count = pattern.cols.numel()
        kept, scale = draw_kept(count + pattern.shape[0], dropout, generator, h.device)
        mask = _drop(kept[:count], factors), kept[count:], scale
    return _Attend.apply(h, h_self, source, source_self, target, pattern, slope, mask)
