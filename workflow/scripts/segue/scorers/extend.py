"""A frozen model beyond its graph: tracks outside it get features from the playlists that hold them, and in a
graph with artists or albums from these."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from segue.nn.pattern import Pattern
from segue.scorers.frozen import Frozen
from segue.scorers.receiving import Way


@torch.inference_mode()
def extended(
    frozen: Frozen,
    own: Tensor,
    message: Pattern,
    unseen: Pattern,
    holders: Pattern,
    order: Tensor,
    facts: dict[str, Any],
    nodes: Mapping[str, Tensor] | None = None,
) -> Frozen:
    r"""``frozen`` over more tracks: those of its graph, whose rows stay as they are, and others.

    First every playlist q has its features at each layer: a playlist of the graph those of the model, an
    unseen one those that ``Frozen.embed`` gives it by its tracks of the graph. From these a track t outside
    follows as an unseen playlist does from its tracks, with the sides changed: for l = 0, ..., L - 1

    .. math::
        x_t^{(l+1)} = \mathrm{conv}_l\big(x_t^{(l)}, \{X_q^{(l)} : q \ni t\}\big), \qquad
        z_t = \sum_{l=0}^{L} \alpha_l x_t^{(l)}

    where :math:`x_t^{(0)}` is the model's ``stand_in``, zero or the mean of the playlists' inputs. Each track
    is attached alone: its degree is the number n of all playlists that hold it, and that of a playlist counts
    one more than the tracks it receives from, :math:`d_q + 1`. So with LightGCN's convolution

    .. math:: x_t^{(l+1)} = n^{-1/2} \sum_{q \ni t} (d_q + 1)^{-1/2} X_q^{(l)}

    and its row of the score is ``Score.tracks`` of :math:`z_t` and n, as that of any track. In a graph with
    artists or albums it receives from these too; see ``outside``.

    ``own``: [P, d] input embeddings of the graph's playlists. ``message``: [P, T], along which they received.
    ``unseen``: [Q, T], the tracks of the graph on each unseen playlist. ``holders``: [N, P + Q], the
    playlists that hold each track outside: by index, and of unseen ones by index + P. ``order``: [C] int64,
    each track of the result: a track of the graph by index, or one outside by index + T. ``facts``: of the
    result. ``nodes``: of a model with ``Frozen.nodes``, the artist and album of each track outside, [N] int64
    by kind, or -1. Besides the features of all nodes at one layer, memory is that of EDGES edges.
    """
    counts = torch.cat([message.degree, unseen.degree])
    playlists = _playlists(frozen, own, message, unseen)
    layers, tracks, degree = outside(frozen, playlists, holders, counts, nodes)
    return with_others(frozen, layers, tracks, degree, order, facts)


def outside(
    frozen: Frozen,
    playlists: Iterable[Tensor],
    holders: Pattern,
    counts: Tensor,
    nodes: Mapping[str, Tensor] | None,
) -> tuple[Tensor, Tensor, Tensor]:
    r"""Features [L, N, d], rows of the score [N, d'] and degrees [N] of N tracks outside the graph.

    In a graph with artists or albums, a track t outside receives along every way s that leads to tracks:
    from its playlists, its artist and its album, as far as it has any,

    .. math::
        x_t^{(l+1)} = \sum_s w_s^{(l)} \,
            \mathrm{conv}_s^{(l)}\big(x_t^{(l)}, \{X_v^{(l)} : v \in N_s(t)\}\big)

    where artists and albums have the features that the model gives them, and each counts one track more than
    in the graph, as playlists do. In place of :math:`x_t^{(0)}` stands, for a track with an artist or album,
    ``Nodes.start``; the row of the score of a track that no playlist holds is ``Nodes.rows``.

    ``playlists``: X^(0), ..., X^(L-1) of those in ``holders`` [N, Q], [Q, d] each, whose degrees are
    ``counts``, [Q]. ``nodes``: as in ``extended``; None where the graph has playlists and tracks alone.
    """
    ways, degree = _ways(frozen, holders, counts + 1, nodes)
    layers: list[Tensor] = []
    for layer, from_playlists in enumerate(playlists):
        if not layers:
            layers.append(_first(frozen, from_playlists, ways["playlist"], nodes))
            z = frozen.alpha[0] * layers[0]
        total = None
        for source, way in ways.items():
            features = from_playlists if source == "playlist" else frozen.nodes.kinds[source].layers[layer]
            received = way.received(layer, features, layers[-1])
            total = received if total is None else total.add_(received)
        z.addcmul_(frozen.alpha[layer + 1], total)
        layers.append(total)
    rows = frozen.score.tracks(z, holders.degree)
    if nodes is not None:
        held = (holders.degree > 0)[:, None]
        rows = torch.where(held, rows, frozen.nodes.rows(frozen.score, z, nodes))
    return torch.stack(layers[:-1]), rows, degree.int()


def with_others(
    frozen: Frozen, layers: Tensor, tracks: Tensor, degree: Tensor, order: Tensor, facts: dict[str, Any]
) -> Frozen:
    """``frozen`` over its own tracks and others, of which ``outside`` gives the rest, in this ``order``."""
    return replace(
        frozen,
        layers=torch.stack(
            [
                torch.cat(pair).index_select(0, order)
                for pair in zip(frozen.layers.unbind(), layers.unbind(), strict=True)
            ]
        ),
        tracks=torch.cat([frozen.tracks, tracks]).index_select(0, order),
        degree=torch.cat([frozen.degree, degree]).index_select(0, order),
        facts=facts,
    )


def _ways(
    frozen: Frozen, holders: Pattern, counts: Tensor, nodes: Mapping[str, Tensor] | None
) -> tuple[dict[str, Way], Tensor]:
    """By type of source, and the degree of each track outside, [N], by which playlists receive from it."""
    if nodes is None:
        return {"playlist": Way(frozen.formulas, holders, counts)}, holders.degree
    formulas, patterns = frozen.nodes.formulas(frozen.settings), frozen.nodes.patterns(nodes)
    total = holders.degree + sum(pattern.degree for pattern in patterns.values())
    shared = total if frozen.nodes.shared else None
    ways = {"playlist": Way(formulas["playlist"], holders, counts, shared)}
    for kind, pattern in patterns.items():
        ways[kind] = Way(formulas[kind], pattern, frozen.nodes.kinds[kind].degree + 1, shared)
    return ways, holders.degree if shared is None else total


def _first(frozen: Frozen, inputs: Tensor, from_playlists: Way, nodes: Mapping[str, Tensor] | None) -> Tensor:
    """[N, d], what stands for the input embeddings of tracks outside."""
    start = _start(frozen, inputs, from_playlists)
    if nodes is None:
        return start
    return torch.where(frozen.nodes.known(nodes)[:, None], frozen.nodes.start(nodes), start)


def _start(frozen: Frozen, inputs: Tensor, way: Way) -> Tensor:
    """[n, d] ``Frozen.start`` of each node attached along ``way``; ``inputs``: [m, d]."""
    out = inputs.new_empty(way.pattern.shape[0], inputs.size(1))
    for rows, used, alone in way.blocks():
        out[rows] = frozen.start(inputs.index_select(0, used), alone)
    return out


def _playlists(frozen: Frozen, own: Tensor, message: Pattern, unseen: Pattern) -> Iterator[Tensor]:
    """X^(0), ..., X^(L-1) of the graph's playlists and of unseen ones, [P + Q, d] each."""
    ways = [
        Way(frozen.formulas, message, frozen.degree),
        Way(frozen.formulas, unseen, frozen.degree + 1),
    ]
    parts = [own, _start(frozen, frozen.layers[0], ways[1])]
    yield torch.cat(parts)
    for layer, inputs in enumerate(frozen.layers[:-1]):
        parts = [way.received(layer, inputs, part) for way, part in zip(ways, parts, strict=True)]
        yield torch.cat(parts)
