"""A frozen model beyond its graph: tracks outside it get features from the playlists that hold them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from segue.nn.pattern import Pattern
from segue.scorers.frozen import Frozen, attached

EDGES = 2**18  # that pass messages at a time; with the features of their ends, it bounds memory


@torch.inference_mode()
def extended(
    frozen: Frozen,
    own: Tensor,
    message: Pattern,
    unseen: Pattern,
    holders: Pattern,
    order: Tensor,
    facts: dict[str, Any],
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

    and its row of the score is ``Score.tracks`` of :math:`z_t` and n, as that of any track.

    ``own``: [P, d] input embeddings of the graph's playlists. ``message``: [P, T], along which they received.
    ``unseen``: [Q, T], the tracks of the graph on each unseen playlist. ``holders``: [N, P + Q], the
    playlists that hold each track outside: by index, and of unseen ones by index + P. ``order``: [C] int64,
    each track of the result: a track of the graph by index, or one outside by index + T. ``facts``: of the
    result. Besides the features of all nodes at one layer, memory is that of EDGES edges.
    """
    playlists = torch.cat([own, _start(frozen, frozen.layers[0], unseen, frozen.degree + 1)])
    counts = torch.cat([message.degree, unseen.degree])
    tracks = _start(frozen, playlists, holders, counts + 1)
    z, layers = frozen.alpha[0] * tracks, []
    for layer, weight in enumerate(frozen.alpha[1:]):
        layers.append(tracks)
        tracks = _receive(frozen, layer, playlists, tracks, holders, counts + 1)
        z.addcmul_(weight, tracks)
        if layer + 2 < len(frozen.alpha):  # what playlists have at the last layer, no track receives
            parts = playlists.split([message.shape[0], unseen.shape[0]])
            inputs = frozen.layers[layer]
            playlists = torch.cat(
                [
                    _receive(frozen, layer, inputs, parts[0], message, frozen.degree),
                    _receive(frozen, layer, inputs, parts[1], unseen, frozen.degree + 1),
                ]
            )
    degree = holders.degree.int()
    return replace(
        frozen,
        layers=torch.stack(
            [
                torch.cat(pair).index_select(0, order)
                for pair in zip(frozen.layers.unbind(), layers, strict=True)
            ]
        ),
        tracks=torch.cat([frozen.tracks, frozen.score.tracks(z, degree)]).index_select(0, order),
        degree=torch.cat([frozen.degree, degree]).index_select(0, order),
        facts=facts,
    )


def _start(frozen: Frozen, inputs: Tensor, pattern: Pattern, degree: Tensor) -> Tensor:
    """[n, d] ``Frozen.start`` of each row of ``pattern`` [n, m]; ``inputs``: [m, d]."""
    out = inputs.new_empty(pattern.shape[0], inputs.size(1))
    for start, stop in _blocks(pattern):
        used, alone = attached(pattern.block(start, stop), degree)
        out[start:stop] = frozen.start(inputs.index_select(0, used), alone)
    return out


def _receive(
    frozen: Frozen, layer: int, sources: Tensor, targets: Tensor, pattern: Pattern, degree: Tensor
) -> Tensor:
    """[n, d] what the targets [n, d] receive along ``pattern`` [n, m] from ``sources`` [m, d], whose degrees
    are ``degree`` [m], in this layer."""
    out = torch.empty_like(targets)
    for start, stop in _blocks(pattern):
        used, alone = attached(pattern.block(start, stop), degree)
        out[start:stop] = frozen.formulas[layer]((sources.index_select(0, used), targets[start:stop]), alone)
    return out


def _blocks(pattern: Pattern) -> Iterator[tuple[int, int]]:
    """Rows, start and stop, of about EDGES entries at most, or of one row; an entry more for each row, so
    that empty ones are bounded too."""
    ends = pattern.rowptr[1:].long() + torch.arange(1, pattern.shape[0] + 1)
    start = done = 0
    while start < pattern.shape[0]:
        stop = max(int(torch.searchsorted(ends, done + EDGES, right=True)), start + 1)
        yield start, stop
        start, done = stop, int(ends[stop - 1])
