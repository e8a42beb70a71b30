"""Graph convolutions on a bipartite graph: LGConv, SAGEConv and GATConv, with PyG's numbers and state dicts.

Each takes and returns a pair: features of the playlists [P, d] and of the tracks [T, d]. One below the other
they are what PyG's layer of the same name takes and returns, on the edges in both directions.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from segue.nn.pattern import Graph, Pattern
from segue.nn.sparse import attend, spmm

Pair = tuple[Tensor, Tensor]
NEGATIVE_SLOPE = 0.2  # of GAT's leaky ReLU (Veličković et al. 2018, section 3.3)


def propagate(x: Pair, graph: Graph, power: float, source_power: float) -> Pair:
    r""":math:`y_i = \sum_{j \in N(i)} \deg(i)^{-power} \deg(j)^{-source\_power} x_j`, of each node i."""

    def receive(pattern: Pattern, other: Tensor) -> Tensor:
        weights = pattern.weights(power, source_power, other.dtype)
        return spmm(pattern, weights, other, pattern.T.weights(source_power, power, other.dtype))

    return receive(graph.playlists, x[1]), receive(graph.tracks, x[0])


class Attached:
    """Playlists outside a graph, each attached to tracks of it that they change nothing about.

    ``seeds``: the pattern [n, m] of the playlists' tracks, no pair twice, with the degrees of the tracks,
    each playlist counted where it is attached.
    """

    def __init__(self, seeds: Pattern):
        self.seeds = seeds

    def propagate(self, tracks: Tensor, power: float, power_other: float) -> Tensor:
        """What ``propagate`` gives playlists that receive ``tracks`` [m, d]; 0 for no tracks."""
        return spmm(self.seeds, self.seeds.weights(power, power_other, tracks.dtype), tracks)


class LGConv(nn.Module):
    r"""Light graph convolution (He et al. 2020, eq. 3): :math:`y_i = \sum_j x_j / \sqrt{\deg(i) \deg(j)}`."""

    def forward(self, x: Pair, graph: Graph, generator: torch.Generator | None = None) -> Pair:
        return propagate(x, graph, 0.5, 0.5)

    def playlists(self, own: Tensor, tracks: Tensor, attached: Attached) -> Tensor:
        """[n, d] of playlists with features ``own`` [n, d], attached to ``tracks`` [m, d]."""
        return attached.propagate(tracks, 0.5, 0.5)


class SAGEConv(nn.Module):
    r"""GraphSAGE with the mean (Hamilton et al. 2017): :math:`y_i = W_l \mathrm{mean}_j x_j + b + W_r x_i`.

    The mean over no neighbours is 0. Initial values as PyG's, from ``generator``.
    """

    def __init__(self, inputs: int, outputs: int, generator: torch.Generator | None = None):
        super().__init__()
        self.lin_l = uniform_linear(inputs, outputs, generator)
        self.lin_r = uniform_linear(inputs, outputs, generator, bias=False)

    def forward(self, x: Pair, graph: Graph, generator: torch.Generator | None = None) -> Pair:
        means = propagate(x, graph, 1.0, 0.0)
        return tuple(self._update(mean, own) for mean, own in zip(means, x, strict=True))

    def playlists(self, own: Tensor, tracks: Tensor, attached: Attached) -> Tensor:
        """[n, d] of playlists with features ``own`` [n, d], attached to ``tracks`` [m, d]."""
        return self._update(attached.propagate(tracks, 1.0, 0.0), own)

    def _update(self, mean: Tensor, own: Tensor) -> Tensor:
        return torch.addmm(self.lin_l(mean), own, self.lin_r.weight.T)


class GATConv(nn.Module):
    r"""Graph attention with self-loops (Veličković et al. 2018); the heads' outputs one after the other.

    .. math:: y_i^{(h)} = \sum_{j \in N(i) \cup \{i\}} \alpha_{ij}^{(h)} W^{(h)} x_j + b^{(h)}, \qquad
        \alpha_{ij}^{(h)} = \mathrm{softmax}_j\big(\mathrm{leaky}(
        \langle a_{src}^{(h)}, W^{(h)} x_j \rangle + \langle a_{dst}^{(h)}, W^{(h)} x_i \rangle)\big)

    In training mode each alpha is dropped with probability ``dropout``, drawn from ``generator`` of the call
    (None: torch's global one). Initial values as PyG's, from the constructor's.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        heads: int = 1,
        dropout: float = 0.0,
        generator: torch.Generator | None = None,
    ):
        super().__init__()
        self.heads, self.outputs, self.dropout = heads, outputs, dropout
        self.lin = nn.utils.skip_init(nn.Linear, inputs, heads * outputs, bias=False)
        self.att_src = nn.Parameter(torch.empty(1, heads, outputs))
        self.att_dst = nn.Parameter(torch.empty(1, heads, outputs))
        self.bias = nn.Parameter(torch.zeros(heads * outputs))
        for parameter in (self.lin.weight, self.att_src, self.att_dst):
            nn.init.uniform_(parameter, *_bounds((6 / sum(parameter.shape[-2:])) ** 0.5), generator)

    def forward(self, x: Pair, graph: Graph, generator: torch.Generator | None = None) -> Pair:
        heads = zip(*self.attend(x, graph, self.weights(), generator), strict=True)
        return tuple(torch.cat(outputs, dim=1) + self.bias for outputs in heads)

    def weights(self) -> Tensor:
        """[heads, outputs, inputs], W of each head."""
        return self.lin.weight.view(self.heads, self.outputs, -1)

    def attend(self, x: Pair, graph: Graph, values: Tensor, generator: torch.Generator | None) -> list[Pair]:
        r"""Sums :math:`\sum_j \alpha_{ij}^{(h)} V^{(h)} x_j`; V is ``values`` [heads, d, inputs]."""
        scores = self._scores(x)
        settings = {
            "slope": NEGATIVE_SLOPE,
            "dropout": self.dropout if self.training else 0.0,
            "generator": generator,
        }
        outputs = []
        for value, (source_p, target_p), (source_t, target_t) in zip(
            values, *(score.unbind(1) for score in scores), strict=True
        ):
            p, t = (linear(own, value) for own in x)
            outputs.append(
                (
                    attend(graph.playlists, t, p, source_t, source_p, target_p, **settings),
                    attend(graph.tracks, p, t, source_p, source_t, target_t, **settings),
                )
            )
        return outputs

    def attend_playlists(self, own: Tensor, tracks: Tensor, seeds: Pattern, values: Tensor) -> Tensor:
        """The playlists' half of ``attend``, without dropout: [heads, n, d].

        All heads at once, one below the other, since with few playlists the number of calls is what counts.
        """
        (source_p, target_p), (source_t, _) = self._scores((own, tracks))
        of_tracks, of_own = tracks @ values.transpose(1, 2), own @ values.transpose(1, 2)
        outputs = attend(
            seeds.repeat(self.heads),
            of_tracks.flatten(0, 1),
            of_own.flatten(0, 1),
            *(score.flatten() for score in (source_t, source_p, target_p)),
            slope=NEGATIVE_SLOPE,
        )
        return outputs.unflatten(0, (self.heads, -1))

    def _scores(self, x: Pair) -> list[Tensor]:
        """Of each side [2, heads, n]: what a node adds to an attention as its source, and as its target."""
        attention = torch.einsum("sho,hoi->shi", torch.cat([self.att_src, self.att_dst]), self.weights())
        return [linear(own, attention.flatten(0, 1)).T.contiguous().unflatten(0, (2, -1)) for own in x]


class GATLayer(nn.Module):
    """GATConv and a linear layer from its heads back to ``dim``.

    Nothing stands between the two linear maps of a head, so the product of their matrices is applied, and the
    heads add up instead of standing one after the other.
    """

    def __init__(self, dim: int, heads: int, dropout: float, generator: torch.Generator | None = None):
        super().__init__()
        self.conv = GATConv(dim, dim, heads, dropout, generator)
        self.linear = uniform_linear(heads * dim, dim, generator)

    def forward(self, x: Pair, graph: Graph, generator: torch.Generator | None = None) -> Pair:
        values, bias = self._combined()
        heads = self.conv.attend(x, graph, values, generator)
        return tuple(sum(outputs, start=bias) for outputs in zip(*heads, strict=True))

    def playlists(self, own: Tensor, tracks: Tensor, attached: Attached) -> Tensor:
        """[n, d] of playlists with features ``own`` [n, d], attached to ``tracks`` [m, d]."""
        values, bias = self._combined()
        return self.conv.attend_playlists(own, tracks, attached.seeds, values).sum(0) + bias

    def _combined(self) -> tuple[Tensor, Tensor]:
        """[heads, dim, dim] and [dim]: GATConv's and the linear layer's weights and biases in one."""
        back = self.linear.weight.unflatten(1, (self.conv.heads, -1)).transpose(0, 1)
        return back @ self.conv.weights(), self.linear(self.conv.bias)


def uniform_linear(
    inputs: int, outputs: int, generator: torch.Generator | None, bias: bool = True
) -> nn.Linear:
    r"""A linear layer, weights and bias from torch's default :math:`U(-1/\sqrt{inputs}, 1/\sqrt{inputs})`."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias)
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, *_bounds(inputs**-0.5), generator)
    return layer


def _bounds(bound: float) -> tuple[float, float]:
    return -bound, bound
