"""The encoder: input embeddings, graph convolutions, and layer weights that add their outputs up."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from segue.nn.functional import Pair
from segue.nn.pattern import Graph
from segue.run.registry import LIKE, convolution

# Settings that a trained model no longer needs.
OF_TRAINING = ("edge_dropout", "init_std")


class Encoder(nn.Module):
    r"""Embeds playlists and tracks by message passing over a bipartite graph.

    .. math::
        X^{(l+1)} = \mathrm{conv}_l(X^{(l)}, G), \qquad Z = \sum_{l=0}^{L} \alpha_l X^{(l)}

    with learnable input embeddings :math:`X^{(0)}`, as in LightGCN (He et al. 2020, section 3.1), for any
    convolution of the registry; ``settings`` are its own. The score of a playlist and a track is the dot
    product of their rows of Z.

    ``edge_dropout``: in training, the probability that an edge passes no messages in a step; see
    ``Graph.dropped``.

    Every alpha starts at 1 / (L + 1). ``fixed`` alphas are a buffer and stay there; ``learnable`` ones
    are a parameter, used as they are (no softmax, so they may leave the simplex).

    Shapes: input embeddings [P + T, dim] float32, in node ids (playlist index, or track index + P).
    Input embeddings start from N(0, init_std^2), convolutions as PyG's do, all from ``generator`` (None:
    torch's global one).
    """

    def __init__(
        self,
        conv: str,
        num_nodes: int,
        *,
        dim: int = 64,
        layers: int = 3,
        alpha: str = "fixed",
        init_std: float = 0.1,
        edge_dropout: float = 0.0,
        generator: torch.Generator | None = None,
        **settings: Any,
    ):
        super().__init__()
        self.edge_dropout = edge_dropout
        self.embedding = nn.Parameter(torch.empty(num_nodes, dim))
        self.convs = make_convs(conv, layers, dim, generator, **settings)
        keep_weights(self, "alpha", torch.full((layers + 1,), 1 / (layers + 1)), alpha)
        nn.init.normal_(self.embedding, std=init_std, generator=generator)

    def forward(self, graph: Graph, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Z of the playlists [P, dim] and of the tracks [T, dim]; ``generator`` draws dropout in training."""
        playlists, tracks = weighted_sum(self.alpha, self.layers(graph, generator))
        return playlists, tracks

    def layers(self, graph: Graph, generator: torch.Generator | None = None) -> Iterator[Pair]:
        """X^(0), ..., X^(L), one after the other, of the playlists [P, dim] and of the tracks [T, dim]."""
        if self.training and self.edge_dropout:
            graph = graph.dropped(self.edge_dropout, generator)
        x = self.inputs(graph)
        yield x
        for conv in self.convs:
            playlists, tracks = x
            x = (
                conv((tracks, playlists), graph.playlists, generator=generator),
                conv((playlists, tracks), graph.tracks, generator=generator),
            )
            yield x

    def inputs(self, graph: Graph) -> tuple[Tensor, Tensor]:
        """The input embeddings of the playlists [P, dim] and of the tracks [T, dim]."""
        return self.embedding.split([graph.num_playlists, graph.num_tracks])


def keep_weights(module: nn.Module, name: str, values: Tensor, kind: str) -> None:
    """Makes ``values`` the attribute ``name`` of ``module``: a parameter where ``kind`` is learnable, and a
    buffer where it is fixed."""
    if kind == "learnable":
        setattr(module, name, nn.Parameter(values))
    else:
        module.register_buffer(name, values)


def weighted_sum(alpha: Tensor, outputs: Iterator[tuple[Tensor, ...]]) -> list[Tensor]:
    r""":math:`\sum_l \alpha_l X^{(l)}` of each part of the ``outputs`` X^(0), ..., X^(L)."""
    first, *rest = alpha
    out = [first * part for part in next(outputs)]
    for weight, x in zip(rest, outputs, strict=True):
        out = [total.addcmul_(weight, part) for total, part in zip(out, x, strict=True)]
    return out


def make_convs(
    conv: str, layers: int, dim: int, generator: torch.Generator | None = None, **settings: Any
) -> nn.ModuleList:
    """``layers`` convolutions [dim -> dim] of one kind, initial values from ``generator``.

    ``conv``: one of the registry, or any name where ``settings`` have a ``class`` of PyG's, or say which of
    the registry it is ``like``.
    """
    make = convolution(conv, settings).load()
    settings.pop(LIKE, None)
    return nn.ModuleList(make(dim, generator=generator, **settings) for _ in range(layers))
