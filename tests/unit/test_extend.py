"""Tracks outside the graph of a frozen model, which playlists, those outside too, lend their features."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyg_cases import CONVS

from segue.nn.encoder import Encoder
from segue.nn.pattern import Graph, Pattern
from segue.nn.score import Score
from segue.scorers import receiving
from segue.scorers.extend import extended
from segue.scorers.frozen import freeze
from segue.scorers.load import load_scorer

P, T, Q, N, DIM = 8, 6, 3, 4, 4  # playlists and tracks of the graph; playlists and tracks outside
SCORES = [Score(), Score(0.25), Score(prior=0.15)]


def generator(seed):
    return torch.Generator().manual_seed(seed)


def pattern(entries):
    rows, cols = entries.nonzero().T
    return Pattern.from_edges(rows, cols, tuple(entries.shape))


def drawn(seed, *shape):
    return torch.rand(*shape, generator=generator(seed)) < 0.5


class Case:
    """A model with a graph, [P, T], and what lies outside: [Q, T] and [N, P + Q]."""

    def __init__(self, conv="lgc", seed=0, stand_in="mean", score=SCORES[0]):
        self.graph, self.unseen, self.holders = (
            drawn(seed, P, T),
            drawn(seed + 1, Q, T),
            drawn(seed + 2, N, P + Q),
        )
        self.unseen[0] = False  # a playlist without a track of the graph
        self.edges = self.graph.nonzero().T
        own = {"layers": 2} | CONVS[conv]
        self.model = Encoder(
            conv, P + T, dim=DIM, alpha="learnable", init_std=1.0, generator=generator(seed), **own
        ).eval()
        with torch.no_grad():
            self.model.alpha.uniform_(0.5, 1, generator=generator(seed))
        own |= {"conv": conv, "dim": DIM}
        self.frozen = freeze(
            self.model, self.edges, P, T, stand_in=stand_in, settings=own, facts={"model": "x"}, score=score
        )

    def extended(self, order=None, holders=None, unseen=None, own=None, graph=None):
        parts = (self.graph, self.unseen, self.holders)
        graph, unseen, holders = (
            pattern(part if other is None else other)
            for part, other in zip(parts, (graph, unseen, holders), strict=True)
        )
        own = self.model.embedding[:P].detach() if own is None else own
        order = torch.arange(T + holders.shape[0]) if order is None else order
        return extended(self.frozen, own, graph, unseen, holders, order, {"model": "x", "catalogue": "abc"})


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("conv", CONVS)
def test_the_tracks_of_the_graph_keep_their_rows_bit_for_bit(conv, score):
    case = Case(conv, score=score)
    whole, nothing = case.extended(), torch.zeros(0, P + Q, dtype=torch.bool)
    same = case.extended(holders=nothing)
    given_tracks = pattern(drawn(9, 5, T))
    assert torch.equal(same.scores(given_tracks), case.frozen.scores(given_tracks))
    for name in ("layers", "tracks", "degree"):
        assert torch.equal(getattr(same, name), getattr(case.frozen, name))
    assert torch.equal(whole.tracks[:T], case.frozen.tracks)
    assert torch.equal(whole.layers[:, :T], case.frozen.layers)
    assert whole.facts == {"model": "x", "catalogue": "abc"}


@pytest.mark.parametrize("stand_in", ["zero", "mean"])
@pytest.mark.parametrize("conv", CONVS)
def test_a_track_gets_what_a_node_added_to_the_graph_does_with_all_others_frozen(conv, stand_in):
    case = Case(conv, stand_in=stand_in)
    model, ours = case.model, case.extended()
    halves = [*model.layers(Graph(case.edges, P, T))]
    inputs = halves[0][1]
    unseen = [torch.zeros(Q, DIM)]
    if stand_in == "mean":
        unseen = [
            torch.stack([inputs[one].mean(0) if one.any() else torch.zeros(DIM) for one in case.unseen])
        ]
    for conv_, (_, tracks) in zip(model.convs, halves, strict=False):
        rows = []
        for row, one in enumerate(case.unseen):  # each alone
            added = torch.cat([case.graph, one[None]])
            graph = Graph(added.nonzero().T, P + 1, T)
            targets = torch.cat([halves[0][0], unseen[-1][row : row + 1]])
            rows.append(conv_((tracks, targets), graph.playlists)[-1])
        unseen.append(torch.stack(rows))
    everyone = torch.cat([case.graph, case.unseen])
    for row, one in enumerate(case.holders):
        graph = Graph(torch.cat([everyone, one[:, None]], dim=1).nonzero().T, P + Q, T + 1)
        x = torch.zeros(1, DIM)
        if stand_in == "mean":
            x = torch.cat([halves[0][0], unseen[0]])[one].mean(0, keepdim=True)
        z = model.alpha[0] * x
        for layer, conv_ in enumerate(model.convs):
            close(ours.layers[layer, T + row], x[0])
            playlists = torch.cat([halves[layer][0], unseen[layer]])
            x = conv_((playlists, torch.cat([inputs, x])), graph.tracks)[-1:]
            z = z + model.alpha[layer + 1] * x
        close(ours.tracks[T + row], z[0])
        assert ours.degree[T + row] == one.sum()


def test_two_lightgcn_layers_by_hand():
    """The graph is playlist p with track a. Outside, playlist q holds a, too, and both hold track b.

    Layer 1: q attached alone receives from a, whose degree is 2 with it: X_q = 2 / sqrt(1 * 2), and p, of
    the graph, X_p = 2 / sqrt(1 * 1). b is on two playlists, each of degree 2 with it: at layer 1 it gets
    (1 + 0) / 2 of their inputs, at layer 2 (X_p + X_q) / 2.
    """
    model = Encoder("lgc", 2, dim=1, layers=2)
    with torch.no_grad():
        model.embedding.copy_(torch.tensor([[1.0], [2.0]]))
    graph = torch.tensor([[0], [0]])
    facts = {"settings": {"conv": "lgc", "layers": 2, "dim": 1}, "facts": {}}
    one = pattern(torch.ones(1, 1))
    for prior, ends in ((None, []), (0.5, [0.34657359])):
        frozen = freeze(model.eval(), graph, 1, 1, stand_in="zero", score=Score(prior=prior), **facts)
        ours = extended(
            frozen, model.embedding[:1].detach(), one, one, pattern(torch.ones(1, 2)), torch.arange(2), {}
        )
        last = (2 + 2 / 2**0.5) / 2
        close(ours.layers[:, 1], torch.tensor([[0.0], [0.5]]))
        z = (0.5 + last) / 3
        close(ours.tracks[1], torch.tensor([z] if prior is None else [1.0, *ends]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**20), st.randoms(), st.sampled_from(["lgc", "sage", "gat"]))
def test_neither_the_order_of_playlists_and_tracks_nor_the_blocks_count(seed, random, conv):
    case = Case(conv, seed, score=SCORES[2])
    order = torch.tensor(random.sample(range(T + N), T + N))
    expected = case.extended()
    graph, unseen, rows = (torch.tensor(random.sample(range(size), size)) for size in (P, Q, N))
    columns = torch.cat([graph, P + unseen])
    places = torch.cat([torch.arange(T), T + rows.argsort()])[order]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receiving, "EDGES", 3)
        ours = case.extended(
            order=places,
            holders=case.holders[rows][:, columns],
            unseen=case.unseen[unseen],
            graph=case.graph[graph],
            own=case.model.embedding[:P].detach()[graph],
        )
    close(ours.tracks, expected.tracks[order])
    close(ours.layers, expected.layers[:, order])
    assert torch.equal(ours.degree, expected.degree[order])


def test_tracks_of_the_graph_may_be_left_out():
    case = Case()
    order = torch.tensor([4, T, 1])
    ours = case.extended(order=order)
    assert torch.equal(ours.tracks, case.extended().tracks[order])
    assert ours.num_tracks == 3


@pytest.mark.parametrize("conv", CONVS)
def test_a_file_holds_it_as_any_frozen_model(conv, tmp_path):
    ours = Case(conv, score=SCORES[2]).extended()
    ours.save(tmp_path / "a")
    queries = pattern(drawn(3, 5, T + N))
    assert torch.equal(load_scorer(tmp_path / "a").scores(queries), ours.scores(queries))
