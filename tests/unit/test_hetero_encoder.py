"""The encoder with artists and albums, held to PyG's HeteroConv with the same weights."""

import gc
import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch_geometric import nn as pyg

import plain_hetero
from segue.graph.relations import Relations
from segue.nn import pattern
from segue.nn.encoder import Encoder
from segue.nn.hetero_encoder import HeteroEncoder, build_encoder
from segue.nn.hetero_graph import HeteroGraph
from segue.nn.pattern import Graph

P, T, A, B, DIM = 5, 7, 3, 4, 3
EDGES = torch.tensor([[0, 0, 0, 1, 1, 2, 2, 3], [0, 1, 5, 0, 2, 0, 3, 6]])  # playlist 4, track 4 have none
RELATIONS = Relations(
    T,
    {"artist": A, "album": B},
    {  # track 6 has no artist, tracks 1 and 5 no album, and artist 2 is known by an album alone
        ("track", "artist"): torch.tensor([[0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 1, 0]]),
        ("track", "album"): torch.tensor([[0, 2, 3, 4, 6], [0, 0, 1, 2, 3]]),
        ("album", "artist"): torch.tensor([[0, 1, 2, 3], [0, 1, 1, 2]]),
    },
)
SETTINGS = {
    "lgc": {},
    "sage": {},
    "gat": {"heads": 2, "dropout": 0.0},
    "graph": {"class": "torch_geometric.nn.GraphConv", "aggr": "mean"},
    "transformer": {"class": "torch_geometric.nn.TransformerConv", "heads": 1},
}
CONVS = list(SETTINGS)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def graph_of(edges=EDGES, relations=RELATIONS):
    return HeteroGraph(edges, P, T, relations)


def encoder(conv, graph, layers=2, seed=1, **changes):
    """In float64, with relation weights that differ where they are learnable."""
    settings = SETTINGS[conv] | {"dim": DIM, "layers": layers, "init_std": 1.0} | changes
    model = HeteroEncoder(conv, graph.num_nodes, generator=seeded(seed), **settings).double()
    if isinstance(model.relation_weights, nn.Parameter):
        with torch.no_grad():
            model.relation_weights.uniform_(0.5, 2.0, generator=seeded(seed))
    return model


class Weighted(nn.Module):
    """A convolution of an edge type, times a weight."""

    def __init__(self, conv, weight):
        super().__init__()
        self.conv, self.weight = conv, nn.Parameter(weight.detach().clone())

    def forward(self, *args, **kwargs):
        return self.weight * self.conv(*args, **kwargs)


def plain_of(model, conv, aggregate="sum", degrees="all"):
    """PyG's with the weights of ``model``; HeteroConv's own sum or mean where relations have no weights."""
    kinds = [plain_hetero.edge_type(way) for way in model.ways]

    def make():
        if "class" in SETTINGS[conv]:
            arguments = {key: value for key, value in SETTINGS[conv].items() if key != "class"}
            return getattr(pyg, SETTINGS[conv]["class"].rpartition(".")[2])(DIM, DIM, **arguments)
        return plain_hetero.layer(conv, DIM, **SETTINGS[conv])

    theirs = plain_hetero.PlainHetero(
        make,
        model.num_nodes,
        kinds,
        dim=DIM,
        layers=len(model.convs),
        aggr=aggregate,
        degrees=degrees if conv == "lgc" else None,
    ).double()
    with torch.no_grad():
        theirs.embedding.copy_(model.embedding)
    for number, layer in enumerate(model.convs):
        for place, (way, kind) in enumerate(zip(model.ways, kinds, strict=True)):
            own = layer["-".join(way)]
            state = (own.layer if "class" in SETTINGS[conv] else own).state_dict()
            theirs.convs[number].convs[kind].load_state_dict(state)
            if isinstance(model.relation_weights, nn.Parameter):
                one = theirs.convs[number].convs[kind]
                theirs.convs[number].convs[kind] = Weighted(one, model.relation_weights[number, place])
    return theirs


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


def gradients(module, rows):
    """Of every parameter, by name, of a loss on the playlists and tracks; None where there is none."""
    slope = sum((row * torch.linspace(-1, 1, row.numel()).view_as(row)).sum() for row in rows)
    (slope + rows[0].square().sum()).backward()
    return {name: parameter.grad for name, parameter in module.named_parameters()}


def assert_equal_to_plain(model, conv, edges, relations, **settings):
    """Z of each type of node, and the gradients of a loss that reads playlists and tracks."""
    graph, theirs = graph_of(edges, relations), plain_of(model, conv, **settings)
    index = plain_hetero.both_ways(edges, relations.edges)
    with torch.no_grad():
        last = theirs.alpha[-1].clone()
        theirs.alpha[-1] = 0
        before_last = theirs(index)
        theirs.alpha[-1] = last
    z = theirs(index) | {kind: before_last[kind] for kind in relations.num_nodes}
    for kind, rows in model.all_types(graph).items():
        close(rows, z[kind])
    ours = gradients(model, model(graph))
    plain = gradients(theirs, [z["playlist"], z["track"]])
    close(ours["embedding"], plain["embedding"])
    for number, layer in enumerate(model.convs):
        for place, way in enumerate(model.ways):
            kind = theirs.convs[number].convs[plain_hetero.edge_type(way)]
            if isinstance(kind, Weighted):
                close(ours["relation_weights"][number, place], zero_of(kind.weight))
                kind = kind.conv
            own = dict(layer["-".join(way)].named_parameters())
            for name, parameter in kind.named_parameters():
                matching = next(value for key, value in own.items() if key.endswith(name))
                close(zero_of(matching), zero_of(parameter))


def zero_of(parameter):
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


@pytest.mark.parametrize("aggregate", ["sum", "mean"])
@pytest.mark.parametrize("conv", CONVS)
def test_it_is_pyg_s_hetero_conv(conv, aggregate):
    model = encoder(conv, graph_of(), aggregate=aggregate)
    assert_equal_to_plain(model, conv, EDGES, RELATIONS, aggregate=aggregate)


@pytest.mark.parametrize("conv", CONVS)
def test_weights_of_relations_that_are_learned(conv):
    model = encoder(conv, graph_of(), weights="learnable")
    assert_equal_to_plain(model, conv, EDGES, RELATIONS)


def test_the_strength_of_artists_and_albums():
    """Into tracks three ways lead, one of them from playlists."""
    for aggregate, share in (("sum", 1), ("mean", 1 / 3)):
        model = encoder("lgc", graph_of(), aggregate=aggregate, strength=0.25)
        weights = dict(zip(model.ways, model.relation_weights[0].tolist(), strict=True))
        into_tracks = [weights[source, "track"] for source in ("playlist", "artist", "album")]
        assert into_tracks == pytest.approx([share, share / 4, share / 4])
        assert weights["track", "playlist"] == 1
        learned = encoder("lgc", graph_of(), aggregate=aggregate, weights="learnable")
        with torch.no_grad():
            learned.relation_weights.copy_(model.relation_weights)
        for ours, theirs in zip(model(graph_of()), learned(graph_of()), strict=True):
            close(ours, theirs)


@pytest.mark.parametrize("kinds", [["artist"], ["album"]])
@pytest.mark.parametrize("conv", ["lgc", "sage"])
def test_with_one_kind_of_node_beside(conv, kinds):
    relations = RELATIONS.of(kinds)
    model = encoder(conv, graph_of(relations=relations))
    assert model.ways[2:] == [(kinds[0], "track"), ("track", kinds[0])]
    assert_equal_to_plain(model, conv, EDGES, relations)


def test_degrees_of_each_relation():
    model = encoder("lgc", graph_of(), degrees="each")
    assert_equal_to_plain(model, "lgc", EDGES, RELATIONS, degrees="each")


@st.composite
def graphs(draw):
    """Any edges among the nodes, and any relations, of which each may be without an edge."""

    def edges(n, m):
        pairs = draw(st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, m - 1)), max_size=12))
        return torch.tensor(sorted(pairs), dtype=torch.int64).view(-1, 2).T.contiguous()

    sizes = {("track", "artist"): (T, A), ("track", "album"): (T, B), ("album", "artist"): (B, A)}
    relations = Relations(T, {"artist": A, "album": B}, {ends: edges(*size) for ends, size in sizes.items()})
    return edges(P, T), relations


@settings(max_examples=15)
@given(graphs(), st.sampled_from(["lgc", "sage", "gat"]), st.sampled_from(["sum", "mean"]))
def test_on_any_graph(graph, conv, aggregate):
    edges, relations = graph
    model = encoder(conv, graph_of(edges, relations), aggregate=aggregate)
    assert_equal_to_plain(model, conv, edges, relations, aggregate=aggregate)


def test_all_degrees_and_the_sum_are_light_gcn_on_one_graph_of_all_nodes():
    graph = graph_of()
    model = encoder("lgc", graph, layers=3)
    starts = dict(zip(graph.num_nodes, (0, P, P + T, P + T + A), strict=True))
    there = torch.cat(
        [
            edges + torch.tensor([[starts[one]], [starts[other]]])
            for (one, other), edges in {("playlist", "track"): EDGES, **RELATIONS.edges}.items()
        ],
        dim=1,
    )
    edge_index = torch.cat([there, there.flip(0)], dim=1)
    x = model.embedding
    z = model.alpha[0] * x
    for weight in model.alpha[1:]:
        x = pyg.LGConv()(x, edge_index)
        z = z + weight * x
    close(torch.cat(model(graph)), z[: P + T])
    others = list(model.all_types(graph).values())[2:]
    close(torch.cat(others), (z - model.alpha[-1] * x)[P + T :])


@pytest.mark.parametrize("conv", CONVS)
def test_without_artists_and_albums_it_is_the_bipartite_encoder(conv):
    settings = SETTINGS[conv] | {"dim": DIM, "layers": 2}
    graph = graph_of(relations=Relations(T, {}, {}))
    bipartite = Encoder(conv, P + T, generator=seeded(3), **settings)
    model = HeteroEncoder(conv, graph.num_nodes, generator=seeded(4), **settings)
    assert model.ways == [("track", "playlist"), ("playlist", "track")]
    with torch.no_grad():
        model.embedding.copy_(bipartite.embedding)
    shared = {"playlist-track": "track-playlist"}  # Encoder has one convolution for both ways
    for own, layer in zip(model.convs, bipartite.convs, strict=True):
        for name in (*shared, *shared.values()):
            own[name].load_state_dict(layer.state_dict())
    torch.testing.assert_close(model(graph), bipartite(Graph(EDGES, P, T)))
    assert isinstance(build_encoder(conv, graph.num_nodes, relations=None, **settings), Encoder)


@pytest.mark.parametrize(
    ("conv", "changes"),
    [("lgc", {"weights": "learnable"}), ("sage", {"aggregate": "mean"}), ("gat", {"weights": "learnable"})],
)
def test_gradients_by_differences(conv, changes):
    graph = graph_of()
    model = encoder(conv, graph, layers=1 if conv == "gat" else 2, alpha="learnable", **changes)
    parameters = dict(model.named_parameters())

    def outputs(*values):
        return torch.func.functional_call(model, dict(zip(parameters, values, strict=True)), (graph,))

    assert torch.autograd.gradcheck(outputs, tuple(parameters.values()), fast_mode=True)


@pytest.mark.parametrize("conv", CONVS)
def test_one_seed_gives_the_same_bits(conv):
    rows = []
    for _ in range(2):
        graph = graph_of()
        changes = {"dropout": 0.5} if conv in ("gat", "transformer") else {}
        model = encoder(conv, graph, edge_dropout=0.5, **changes).train()
        rows.append(torch.cat(model(graph, seeded(7))))
    assert torch.equal(*rows)
    other = encoder(conv, graph, seed=2)
    assert not torch.equal(other.embedding, model.embedding)


@pytest.mark.parametrize("degrees", ["all", "each"])
def test_edge_dropout_thins_edges_of_playlists_and_tracks_alone(monkeypatch, degrees):
    kept = torch.tensor([True, False, False, True, True, False, True, False])
    monkeypatch.setattr(pattern, "draw_kept", lambda *_: (kept, 2.0))
    graph = graph_of()
    whole, thin = graph.messages(degrees), graph.dropped(0.5).messages(degrees)
    factors = torch.zeros(P, T, dtype=torch.float64).index_put(tuple(EDGES), 2.0 * kept.double())
    for (source, target), there in whole.items():
        ours = dense(thin[source, target])
        if (source, target) == ("track", "playlist"):
            close(ours, dense(there) * factors)
        elif (source, target) == ("playlist", "track"):
            close(ours, dense(there) * factors.T)
        else:
            assert thin[source, target] is there


def dense(entries):
    weights = entries.weights(0.5, 0.5, torch.float64)
    return torch.zeros(entries.shape, dtype=torch.float64).index_put(tuple(entries.edges()), weights)


@pytest.mark.parametrize("degrees", ["all", "each"])
def test_a_thinned_graph_does_not_outlast_its_step(degrees):
    graph = graph_of()
    gc.disable()
    try:
        thin = graph.dropped(0.5).messages(degrees)
        last = [weakref.ref(each) for each in thin.values() if isinstance(each, pattern.Thinned)]
        assert len(last) == 2
        del thin
        graph.dropped(0.5).messages(degrees)
        assert [each() for each in last] == [None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize("conv", ["lgc", "sage", "gat"])
def test_a_step_with_edge_dropout_has_the_gradients_of_the_thinned_graph(monkeypatch, conv):
    """With all edges kept at scale 1 it is the whole graph, in training as in evaluation."""
    monkeypatch.setattr(pattern, "draw_kept", lambda count, *_: (torch.ones(count, dtype=torch.bool), 1.0))
    graph = graph_of()
    ours, plain = (encoder(conv, graph, edge_dropout=rate) for rate in (0.5, 0.0))
    rows = [gradients(model, model(graph)) for model in (ours, plain)]
    for name, grad in rows[0].items():
        torch.testing.assert_close(grad, rows[1][name])


def test_no_loss_trains_what_artists_and_albums_receive_last_so_it_is_in_no_output():
    graph = graph_of()
    model = encoder("sage", graph)
    before = model.all_types(graph)
    with torch.no_grad():
        for source, target in model.ways:
            if target in ("artist", "album"):
                model.convs[-1][f"{source}-{target}"].lin_l.weight.fill_(torch.nan)
    for kind, rows in model.all_types(graph).items():
        assert torch.equal(rows, before[kind])
    assert [list(x) for x in model.layers(graph)][1:] == [list(graph.num_nodes), ["playlist", "track"]]
