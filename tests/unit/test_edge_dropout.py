"""Edge dropout: one mask for both directions and all layers, exact in expectation, and none elsewhere."""

import gc
import itertools
import weakref

import pytest
import torch
from test_sparse import DEVICES
from torch.nn.functional import leaky_relu, linear

from segue.nn import pattern
from segue.nn.encoder import Encoder
from segue.nn.pattern import Graph

EDGES = torch.tensor([[0, 0, 1, 1, 1, 3], [0, 2, 0, 1, 2, 2]])  # playlist 2 and track 3 have none
SHAPE = 4, 4
SETTINGS = {
    "lgc": {"layers": 2},
    "sage": {"layers": 2},
    "gat": {"layers": 2, "heads": 2, "dropout": 0.0},
    "gcn": {"layers": 2, "class": "torch_geometric.nn.GCNConv"},
    "graph": {"layers": 2, "class": "torch_geometric.nn.GraphConv", "aggr": "mean"},
}
RESCALED = ["lgc", "sage", "gat", "gcn"]


def encoder(conv, **changes):
    generator = torch.Generator().manual_seed(2)
    settings = {"dim": 3, "edge_dropout": 0.5, **SETTINGS[conv], **changes}
    return Encoder(conv, sum(SHAPE), init_std=1.0, generator=generator, **settings).double()


def keep(monkeypatch, kept, scale=2.0):
    """Lets the next masks be ``kept``."""
    monkeypatch.setattr(pattern, "draw_kept", lambda *_: (kept, scale))


def dense(model, conv, factors):
    """Z of all nodes, playlists first, with dense matrices; ``factors`` [P, T] of the messages."""
    there = torch.zeros(SHAPE, dtype=torch.float64).index_put(tuple(EDGES), torch.tensor(1.0).double())
    adjacency, factor = (
        torch.cat([torch.cat([0 * part @ part.T, part], 1), torch.cat([part.T, 0 * part.T @ part], 1)])
        for part in (there, factors * there)
    )
    degree = adjacency.sum(dim=1, keepdim=True)
    x = model.embedding
    total = model.alpha[0] * x
    for weight, layer in zip(model.alpha[1:], model.convs, strict=True):
        if conv == "lgc":
            x = (factor / (degree @ degree.T).clamp(min=1).sqrt()) @ x
        elif conv == "gcn":
            own = layer.layer
            mapped = linear(x, own.lin.weight)
            x = (factor + torch.eye(8)) / ((degree + 1) @ (degree + 1).T).sqrt() @ mapped + own.bias
        elif conv == "sage":
            mean = (factor / degree.clamp(min=1)) @ x
            x = linear(mean, layer.lin_l.weight, layer.lin_l.bias) + linear(x, layer.lin_r.weight)
        else:
            heads = []
            loops = torch.eye(8, dtype=torch.float64)
            attention = layer.conv.att_src[0], layer.conv.att_dst[0]
            for source, target, weights in zip(*attention, layer.conv.weights(), strict=True):
                h = linear(x, weights)
                z = leaky_relu((h @ source)[None, :] + (h @ target)[:, None], 0.2)
                alpha = z.masked_fill(adjacency + loops == 0, -torch.inf).softmax(dim=1)
                heads.append((alpha * (factor + loops)) @ h)
            x = layer.linear(torch.cat(heads, dim=1) + layer.conv.bias)
        total = total + weight * x
    return total


@pytest.mark.parametrize("conv", RESCALED)
def test_it_is_the_dense_product_with_one_mask_and_its_gradient_autograd_s(conv, monkeypatch):
    model, graph = encoder(conv), Graph(EDGES, *SHAPE)
    kept = torch.tensor([True, False, True, True, False, False])
    keep(monkeypatch, kept)
    factors = torch.zeros(SHAPE, dtype=torch.float64).index_put(tuple(EDGES), 2.0 * kept.double())
    weight = torch.linspace(-1, 1, 24, dtype=torch.float64).view(8, 3)
    results = []
    for of_all in (lambda: torch.cat(model(graph)), lambda: dense(model, conv, factors)):
        model.zero_grad()
        z = of_all()
        (z * weight).sum().backward()
        results.append([z.detach(), *(parameter.grad for parameter in model.parameters())])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("conv", RESCALED)
def test_of_one_layer_the_mean_over_all_masks_is_the_layer_without_dropout(conv, monkeypatch):
    model, graph = encoder(conv, layers=1), Graph(EDGES, *SHAPE)
    outputs = []
    with torch.no_grad():
        for kept in itertools.product([False, True], repeat=6):
            keep(monkeypatch, torch.tensor(kept))
            outputs.append(torch.cat(model(graph)))
        model.eval()
        torch.testing.assert_close(torch.stack(outputs).mean(dim=0), torch.cat(model(graph)))


def test_a_class_of_pyg_s_without_weights_sees_the_graph_of_the_other_edges(monkeypatch):
    model, graph = encoder("graph"), Graph(EDGES, *SHAPE)
    for kept in ([True, False, True, True, False, False], [False] * 6, [True] * 5 + [False]):
        keep(monkeypatch, torch.tensor(kept))
        thinner = Graph(EDGES[:, torch.tensor(kept)], *SHAPE)
        with torch.no_grad():
            found = torch.cat(model.train()(graph))
            assert torch.equal(found, torch.cat(model.eval()(thinner)))


@pytest.mark.parametrize("conv", SETTINGS)
def test_gradients_of_a_step_stay_right_after_the_next_draw(conv):
    model, graph = encoder(conv), Graph(EDGES, *SHAPE)
    gradients = []
    for draws in (1, 2):
        model.zero_grad()
        z = torch.cat(model(graph, torch.Generator().manual_seed(5)))
        for _ in range(1, draws):
            model(graph, torch.Generator().manual_seed(6))
        z.square().sum().backward()
        gradients.append(model.embedding.grad)
    assert torch.equal(*gradients)


def test_a_step_s_edges_are_gone_from_memory_with_the_next_ones():
    graph, model = Graph(EDGES, *SHAPE), encoder("lgc")
    gc.disable()
    try:
        torch.cat(model(graph)).sum().backward()
        last = weakref.ref(graph._last_dropped), weakref.ref(graph._last_dropped.T)
        model(graph)
        assert [pattern() for pattern in last] == [None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize("device", DEVICES)
def test_both_directions_drop_the_same_edges_as_often_as_is_said(device):
    pairs = torch.cartesian_prod(torch.arange(300), torch.arange(200)).T.contiguous()
    graph = Graph(pairs.to(device), 300, 200)
    generator = torch.Generator(device).manual_seed(0)
    masks = [graph.dropped(0.3, generator).playlists.factors for _ in range(2)]
    thinned = graph.dropped(0.3, torch.Generator(device).manual_seed(0))
    there = thinned.playlists.factors.view(300, 200)
    assert torch.equal(there.flatten(), masks[0])
    assert not torch.equal(*masks)
    assert torch.equal(thinned.tracks.factors.view(200, 300).T, there)
    share = (there > 0).double().mean().item()
    assert abs(share - 0.7) < 5 * (0.3 * 0.7 / 60_000) ** 0.5
    torch.testing.assert_close(there[there > 0].mean().item(), 1 / 0.7, rtol=1e-4, atol=0)
    assert torch.equal(thinned.playlists.degree, graph.playlists.degree)
    assert graph.playlists.factors is None
    assert torch.equal(thinned.playlists.edges(), graph.playlists.edges()[:, there.flatten() > 0])
    for ours, theirs in ((thinned.tracks, thinned.playlists.T), (thinned.tracks.T, thinned.playlists)):
        assert ours is theirs


@pytest.mark.parametrize("conv", SETTINGS)
def test_without_a_rate_or_training_nothing_is_drawn_and_the_bits_are_the_same(conv):
    graph = Graph(EDGES, *SHAPE)
    expected = torch.cat(encoder(conv).eval()(graph))
    generator = torch.Generator().manual_seed(1)
    before = generator.get_state()
    models = encoder(conv).eval(), encoder(conv, edge_dropout=0.0).train()
    outputs = [model(graph, generator) for model in models]
    # A class of PyG's draws a seed for its own dropout in training.
    if conv in ("lgc", "sage", "gat"):
        assert torch.equal(generator.get_state(), before)
    for output in outputs:
        assert torch.equal(torch.cat(output), expected)
