r"""Message passing in one direction: what target nodes receive from their sources, as functions of tensors.

Each formula takes ``x``, the features of sources [m, d] and of targets [n, d], and a ``Pattern`` [n, m] that
says which source is whose neighbour, and returns [n, ...]. So a playlist that no graph holds is one more row
of a pattern. Convolutions train by these functions, and frozen models serve by them, without torch_geometric.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import linear

from segue.nn.pattern import Pattern
from segue.nn.sparse import attend, spmm

Pair = tuple[Tensor, Tensor]
Received = tuple[Tensor, Pattern]  # sources [m, d], and which of them each target has
Formula = Callable[[Pair, Pattern], Tensor]
NEGATIVE_SLOPE = 0.2  # of GAT's leaky ReLU (Veličković et al. 2018, section 3.3)


def receive(sources: Tensor, pattern: Pattern, power: float, source_power: float) -> Tensor:
    r""":math:`y_i = \sum_{j \in N(i)} \deg(i)^{-power} \deg(j)^{-source\_power} x_j`; 0 of no neighbours."""
    weights = pattern.weights(power, source_power, sources.dtype)
    transposed = None
    if sources.requires_grad:
        transposed = pattern.T.weights(source_power, power, sources.dtype)
    return spmm(pattern, weights, sources, transposed)


def mean(sources: Tensor, pattern: Pattern) -> Tensor:
    """[n, d] of the neighbours; 0 of none."""
    return receive(sources, pattern, 1.0, 0.0)


def lgc(x: Pair, pattern: Pattern) -> Tensor:
    r"""Light graph convolution (He et al. 2020, eq. 3): :math:`y_i = \sum_j x_j / \sqrt{\deg(i) \deg(j)}`."""
    return receive(x[0], pattern, 0.5, 0.5)


def sage(x: Pair, pattern: Pattern, left: Tensor, bias: Tensor | None, right: Tensor) -> Tensor:
    r"""GraphSAGE with the mean (Hamilton et al. 2017): :math:`y_i = W_l \mathrm{mean}_j x_j + b + W_r x_i`.

    ``left``, ``right``: W_l and W_r, [outputs, d].
    """
    sources, targets = x
    return linear(mean(sources, pattern), left, bias).addmm_(targets, right.T)


def sage_of_ways(
    ways: Iterable[Received], targets: Tensor, left: Tensor, bias: Tensor, right: Tensor
) -> Tensor:
    r"""The sum of ``sage`` over several types of sources, ``ways``:

    .. math:: y_i = W_r x_i + b + \sum_s W_s \mathrm{mean}_{j \in s} x_j

    W_r and b are sums too, so that targets are mapped once; and sources are, in place of their means, where
    they are fewer. ``left``: W_s, [ways, outputs, d]; ``right``: W_r, [outputs, d]; ``bias``: b, [outputs].
    """
    out = torch.addmm(bias, targets, right.T)
    for (sources, pattern), weight in zip(ways, left, strict=True):
        if len(sources) < len(targets):
            out.add_(mean(linear(sources, weight), pattern))
        else:
            out.addmm_(mean(sources, pattern), weight.T)
    return out


def gat(
    x: Pair,
    pattern: Pattern,
    weight: Tensor,
    attention: Pair,
    *,
    slope: float = NEGATIVE_SLOPE,
    dropout: float = 0.0,
    generator: torch.Generator | None = None,
) -> Iterator[Tensor]:
    r"""Graph attention with self-loops (Veličković et al. 2018), head by head, before the heads' maps:

    .. math:: y_i^{(h)} = \sum_{j \in N(i) \cup \{i\}} \alpha_{ij}^{(h)} x_j, \qquad
        \alpha_{ij}^{(h)} = \mathrm{softmax}_j\big(\mathrm{leaky}(
        \langle a_{src}^{(h)}, W^{(h)} x_j \rangle + \langle a_{dst}^{(h)}, W^{(h)} x_i \rangle)\big)

    :math:`W^{(h)}` is linear: mapped after the sum, it is applied to the targets alone, once.

    ``weight``: W, [heads, outputs, d]; ``attention``: a_src and a_dst, [1, heads, outputs]. Each alpha is
    dropped with probability ``dropout``, drawn from ``generator`` (None: torch's global one). Those of edges
    take the factors of the pattern, where it has some. Yields [n, d] of each head.
    """
    sources, targets = x
    for of_sources, (as_source, as_target) in zip(*_scores(x, _vectors(weight, attention)), strict=True):
        yield attend(
            pattern.whole,
            sources,
            targets,
            of_sources,
            as_source,
            as_target,
            slope=slope,
            dropout=dropout,
            generator=generator,
            factors=pattern.factors,
        )


def _gat_at_once(x: Pair, pattern: Pattern, vectors: Tensor) -> Tensor:
    """``gat`` without dropout, [heads, n, d]: for few targets, where the number of calls is what counts."""
    heads = len(vectors)
    of_sources, of_targets = _scores(x, vectors)
    scores = of_sources.flatten(), *of_targets.transpose(0, 1).flatten(1)
    sources, targets = (own.repeat(heads, 1) for own in x)
    # The heads one below the other.
    outputs = attend(pattern.repeat(heads), sources, targets, *scores, slope=NEGATIVE_SLOPE)
    return outputs.unflatten(0, (heads, -1))


def _vectors(weight: Tensor, attention: Pair) -> Tensor:
    """[heads, 2, d]: a_src W and a_dst W of each head."""
    return torch.einsum("sho,hoi->hsi", torch.cat(attention), weight)


def _scores(x: Pair, vectors: Tensor) -> Pair:
    """Shares in attention: of sources [heads, m]; of targets, as own source and as target [heads, 2, n]."""
    sources, targets = x
    of_sources = linear(sources, vectors[:, 0]).T.contiguous()
    return of_sources, linear(targets, vectors.flatten(0, 1)).T.contiguous().unflatten(0, (-1, 2))


def mapped_back(weight: Tensor, bias: Tensor | None, back: Tensor, back_bias: Tensor) -> Pair:
    """[heads, dim, d] and [dim]: the heads' maps, and a linear layer from all heads back, as one map a head.

    Nothing stands between the two, so the product of their matrices is applied, and the heads add up.
    ``weight``: [heads, outputs, d]; ``bias``: [heads outputs]; ``back``: [dim, heads outputs].
    """
    maps = back.unflatten(1, (len(weight), -1)).transpose(0, 1) @ weight
    return maps, back_bias if bias is None else linear(bias, back, back_bias)


# The layers of frozen models, from their state dicts.


def frozen_lgc(state: Mapping[str, Tensor]) -> Formula:
    return lgc


def frozen_sage(state: Mapping[str, Tensor]) -> Formula:
    left, bias, right = (state[name] for name in ("lin_l.weight", "lin_l.bias", "lin_r.weight"))
    return partial(sage, left=left, bias=bias, right=right)


def frozen_gat(state: Mapping[str, Tensor]) -> Formula:
    """Of a ``convs.GATLayer``."""
    attention = state["conv.att_src"], state["conv.att_dst"]
    weight = state["conv.lin.weight"].unflatten(0, (attention[0].size(1), -1))
    maps, bias = mapped_back(weight, state["conv.bias"], state["linear.weight"], state["linear.bias"])
    vectors = _vectors(weight, attention)
    joined = maps.transpose(1, 2).flatten(0, 1)  # [heads d, dim]

    def layer(x: Pair, pattern: Pattern) -> Tensor:
        heads = _gat_at_once(x, pattern, vectors)
        return torch.addmm(bias, heads.transpose(0, 1).flatten(1), joined)

    return layer
