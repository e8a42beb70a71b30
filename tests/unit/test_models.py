import pytest
import torch
from torch_geometric import nn as pyg
from torch_geometric.utils import to_torch_csr_tensor

import plain_pyg
from plain_pyg import PlainEncoder, node_edges
from segue.errors import SegueError
from segue.nn import convs
from segue.nn.convs import GATConv, GATLayer, LGConv, SAGEConv
from segue.nn.encoder import Encoder
from segue.nn.losses import bpr_loss
from segue.nn.pattern import Graph, Pattern
from segue.run.registry import CONVOLUTIONS as CONVS
from segue.train import epochs as training
from segue.train.objectives import Pairwise

NUM_PLAYLISTS, NUM_TRACKS, DIM = 6, 9, 8
NUM_NODES = NUM_PLAYLISTS + NUM_TRACKS
TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-10}
LAYERS = {
    "lgc": (LGConv, pyg.LGConv),
    "sage": (lambda: SAGEConv(DIM, 5), lambda: pyg.SAGEConv(DIM, 5)),
    "gat": (lambda: GATConv(DIM, 5, 3), lambda: pyg.GATConv(DIM, 5, heads=3)),
}
OWN = {"lgc": {}, "sage": {}, "gat": {"heads": 2}}


@pytest.fixture(autouse=True)
def seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture
def edges():
    """Of a graph in which playlist 2 and track 4 are isolated."""
    keys = torch.randperm(NUM_PLAYLISTS * NUM_TRACKS)[:30]
    edges = torch.stack([keys // NUM_TRACKS, keys % NUM_TRACKS])
    return edges[:, (edges[0] != 2) & (edges[1] != 4)]


@pytest.fixture
def graph(edges):
    return Graph(edges, NUM_PLAYLISTS, NUM_TRACKS)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def close(ours, theirs):
    tolerance = TOLERANCES[ours.dtype]
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


def both_ways(conv, x, graph, **options):
    """A layer's outputs of all nodes from features of all nodes, one direction after the other."""
    playlists, tracks = x.split([NUM_PLAYLISTS, NUM_TRACKS])
    return torch.cat(
        [
            conv((tracks, playlists), graph.playlists, **options),
            conv((playlists, tracks), graph.tracks, **options),
        ]
    )


def gradients_are_equal(ours, theirs):
    theirs = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        close(parameter.grad, theirs[name].grad)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("conv", CONVS)
def test_each_convolution_is_pyg_s(conv, dtype, edges, graph):
    """Outputs, and gradients of the features and of every parameter; state dicts go both ways."""
    ours, theirs = (make().to(dtype) for make in LAYERS[conv])
    assert isinstance(ours, type(theirs))
    ours.load_state_dict(theirs.state_dict())
    again = LAYERS[conv][1]().to(dtype)
    again.load_state_dict(ours.state_dict())
    assert {name: value.shape for name, value in ours.state_dict().items()} == {
        name: value.shape for name, value in theirs.state_dict().items()
    }
    x = torch.randn(NUM_NODES, DIM, dtype=dtype)
    mine, other = (x.clone().requires_grad_() for _ in range(2))
    out = both_ways(ours, mine, graph)
    expected = theirs(other, node_edges(edges, NUM_PLAYLISTS))
    close(out, expected)
    close(out, again(x, node_edges(edges, NUM_PLAYLISTS)))
    weight = torch.randn_like(expected)
    (out * weight).sum().backward()
    (expected * weight).sum().backward()
    close(mine.grad, other.grad)
    gradients_are_equal(ours, theirs)


def test_one_direction_is_pyg_s_bipartite_call(edges, graph):
    ours, theirs = SAGEConv((DIM, 3), 5), pyg.SAGEConv((DIM, 3), 5)
    theirs.load_state_dict(ours.state_dict())
    tracks, playlists = torch.randn(NUM_TRACKS, DIM), torch.randn(NUM_PLAYLISTS, 3)
    expected = theirs((tracks, playlists), edges.flip(0), size=(NUM_TRACKS, NUM_PLAYLISTS))
    close(ours((tracks, playlists), graph.playlists), expected)


@pytest.mark.filterwarnings("ignore:.*(CSR tensor support is in beta|[Ii]nvariant checks)")
@pytest.mark.parametrize("conv", CONVS)
def test_anything_else_goes_to_pyg_s_forward(conv, edges):
    """To the bit, on an edge_index and on an adj_t, and with PyG's other arguments; errors are PyG's, too."""
    ours, theirs = (make().eval() for make in LAYERS[conv])
    theirs.load_state_dict(ours.state_dict())
    x, edge_index = torch.randn(NUM_NODES, DIM), node_edges(edges, NUM_PLAYLISTS)
    other = {"lgc": torch.rand(edge_index.size(1)), "sage": (NUM_NODES, NUM_NODES), "gat": None}[conv]
    assert torch.equal(ours(x, edge_index, other), theirs(x, edge_index, other))
    adjacency = to_torch_csr_tensor(edge_index, size=(NUM_NODES, NUM_NODES))
    if conv != "gat":  # to which PyG adds no self-loops there
        assert torch.equal(ours(x, adjacency), theirs(x, adjacency))
        close(ours(x, adjacency), ours(x, edge_index))
    with pytest.raises(TypeError, match="generator"):
        ours(x, edge_index, generator=generator())


@pytest.mark.parametrize(
    ("conv", "setting"),
    [
        (lambda: LGConv(normalize=False), "normalize"),
        (lambda: SAGEConv(DIM, 5, aggr="max"), "aggr"),
        (lambda: SAGEConv(DIM, 5, project=True), "project"),
        (lambda: GATConv(DIM, 5, add_self_loops=False), "add_self_loops"),
        (lambda: GATConv((DIM, DIM), 5), "lin_src"),
    ],
)
def test_settings_without_a_fast_path_are_refused_on_a_pattern_alone(conv, setting, edges, graph):
    conv, x = conv(), torch.randn(NUM_NODES, DIM)
    assert conv(x, node_edges(edges, NUM_PLAYLISTS)).isfinite().all()
    with pytest.raises(SegueError, match=rf"no fast path[\s\S]*{setting}[\s\S]*edge_index"):
        both_ways(conv, x, graph)


@pytest.mark.parametrize("conv", CONVS)
def test_unseen_playlists_are_the_same_call_on_another_pattern(conv, graph):
    """Rows of the graph, attached alone with the graph's degrees, get what they get in the graph."""
    layer = getattr(convs, conv)(DIM, generator=generator(), **OWN[conv]).double().eval()
    tracks, playlists = (torch.randn(n, DIM, dtype=torch.float64) for n in (NUM_TRACKS, NUM_PLAYLISTS))
    part = graph.playlists.block(1, 4)
    attached = Pattern(part.rowptr, part.rows, part.cols, part.shape, graph.tracks.degree)

    def gradients(pattern, own, rows):
        """Of the rows of the output, and of the tracks."""
        of_tracks = tracks.clone().requires_grad_()
        out = layer((of_tracks, own), pattern)[rows]
        out.square().sum().backward()
        return out, of_tracks.grad

    ours = gradients(attached, playlists[1:4], slice(None))
    expected = gradients(graph.playlists, playlists, slice(1, 4))
    for one, other in zip(ours, expected, strict=True):
        close(one, other)
    frozen = CONVS[conv].load_frozen()(layer.state_dict())
    close(frozen((tracks, playlists[1:4]), attached), expected[0])


def test_the_gat_layer_is_its_two_layers_on_an_edge_index(edges, graph):
    layer = GATLayer(DIM, 3, 0.5).eval()
    x, edge_index = torch.randn(NUM_NODES, DIM), node_edges(edges, NUM_PLAYLISTS)
    assert torch.equal(layer(x, edge_index), layer.linear(layer.conv(x, edge_index)))
    close(both_ways(layer, x, graph), layer(x, edge_index))


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("conv", CONVS)
def test_the_encoder_is_plain_pyg_s(conv, dtype, edges, graph):
    ours = Encoder(conv, NUM_NODES, dim=DIM, layers=3, **OWN[conv]).to(dtype).eval()
    theirs = PlainEncoder(conv, NUM_NODES, dim=DIM, layers=3, heads=2, dropout=0.5).to(dtype).eval()
    theirs.load_state_dict(ours.state_dict())
    alpha = torch.tensor([0.4, 0.1, 0.3, 0.2], dtype=dtype)
    for model in (ours, theirs):
        model.alpha.data.copy_(alpha)
    out, expected = torch.cat(ours(graph)), theirs(node_edges(edges, NUM_PLAYLISTS))
    close(out, expected)
    weight = torch.randn_like(out)
    (out * weight).sum().backward()
    (expected * weight).sum().backward()
    gradients_are_equal(ours, theirs)


@pytest.mark.filterwarnings("ignore:.*[Ii]nvariant checks")
@pytest.mark.parametrize("conv", ["lgc", "sage"])
def test_the_references_of_the_benchmark_are_equal(conv, edges):
    """On the CSR matrix as on the edge_index: outputs, and gradients of the embeddings."""
    model, edge_index = PlainEncoder(conv, NUM_NODES, dim=DIM, layers=2), node_edges(edges, NUM_PLAYLISTS)
    outputs = [model(edge_index), model(plain_pyg.adjacency(edge_index, NUM_NODES))]
    close(outputs[1], outputs[0])
    weight = torch.randn_like(outputs[0])
    gradients = [torch.autograd.grad((out * weight).sum(), model.embedding)[0] for out in outputs]
    close(gradients[1], gradients[0])


def test_the_gradient_of_learnable_alphas(graph):
    encoder = Encoder("sage", NUM_NODES, dim=DIM, layers=2, alpha="learnable").double()
    alphas = encoder.alpha.detach().clone().requires_grad_()

    def out(alpha):
        return torch.func.functional_call(encoder, {"alpha": alpha}, (graph,))

    assert torch.autograd.gradcheck(out, alphas)


@pytest.mark.parametrize(
    ("conv", "bounds"),
    [
        ("sage", {"lin_l.weight": 64**-0.5, "lin_l.bias": 64**-0.5, "lin_r.weight": 64**-0.5}),
        (
            "gat",
            {
                "conv.lin.weight": (6 / (64 + 5 * 64)) ** 0.5,
                "conv.att_src": (6 / (5 + 64)) ** 0.5,
                "conv.att_dst": (6 / (5 + 64)) ** 0.5,
                "conv.bias": 0,
                "linear.weight": 320**-0.5,
                "linear.bias": 320**-0.5,
            },
        ),
    ],
)
def test_initial_values_are_uniform_within_pyg_s_bounds(conv, bounds):
    ours, theirs = (
        dict(model.convs[0].named_parameters())
        for model in (
            Encoder(conv, 4, generator=generator()),
            PlainEncoder(conv, 4, dim=64, layers=1, heads=5, dropout=0.5),
        )
    )
    assert ours.keys() == theirs.keys() == bounds.keys()
    for name, bound in bounds.items():
        for value in (ours[name], theirs[name]):
            assert value.abs().max() <= bound
            assert value.std().item() == pytest.approx(bound / 3**0.5, rel=0.15)
            assert value.mean().item() == pytest.approx(0, abs=0.2 * bound)


@pytest.mark.parametrize("conv", CONVS)
def test_the_generators_decide_and_the_global_one_is_left_alone(conv, graph):
    before = torch.get_rng_state()

    def out(weights, dropout):
        encoder = Encoder(conv, NUM_NODES, dim=DIM, layers=2, generator=generator(weights))
        return torch.cat(encoder(graph, generator(dropout)))

    expected = out(1, 1)
    with torch.random.fork_rng():
        torch.manual_seed(9)
        assert torch.equal(out(1, 1), expected)
    assert not torch.allclose(out(1, 1), out(2, 1))
    assert torch.equal(out(1, 1), out(1, 2)) == (conv != "gat")
    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_leaves_the_mean_of_attention_as_it_is(graph):
    conv = GATConv(DIM, 4, heads=2, dropout=0.5)
    x = torch.randn(NUM_NODES, DIM)
    draws = generator(1)
    with torch.no_grad():
        outputs = torch.stack([both_ways(conv, x, graph, generator=draws) for _ in range(4000)])
        expected = both_ways(conv.eval(), x, graph)
    error = (outputs.mean(dim=0) - expected).abs() / (outputs.std(dim=0) / 4000**0.5)
    assert error.max() < 5
    assert outputs.std(dim=0).min() > 0.01


@pytest.mark.parametrize("conv", CONVS)
def test_twenty_epochs_follow_plain_pyg(conv, edges, graph):
    """The same weights and negatives: the loss curves stay within 1e-4. Dropout is off, its masks differ."""
    settings = {"dim": 8, "layers": 2} | ({"heads": 2, "dropout": 0.0} if conv == "gat" else {})
    ours, theirs = Encoder(conv, NUM_NODES, **settings), PlainEncoder(conv, NUM_NODES, **settings)
    theirs.load_state_dict(ours.state_dict())
    optimizers = [torch.optim.Adam(model.parameters(), lr=0.01) for model in (ours, theirs)]
    positives = graph.playlists
    for _ in range(20):
        negatives = torch.randint(NUM_TRACKS, positives.cols.shape)
        pairs = Pairwise(positives, None, bpr_loss, 0.0)
        pairs.negatives = positives.with_cols(negatives)
        loss = training.step(ours, optimizers[0], graph, pairs, generator())
        expected = plain_pyg.step(
            theirs,
            optimizers[1],
            node_edges(positives.edges(), NUM_PLAYLISTS),
            positives.edges(),
            negatives,
            NUM_PLAYLISTS,
        )
        assert loss == pytest.approx(expected, abs=1e-4)


def test_one_lightgcn_layer_by_hand():
    # Playlists a, b; tracks u, v; edges a-u, a-v, b-v. Degrees a 2, b 1, u 1, v 2.
    encoder = Encoder("lgc", 4, dim=1, layers=1)
    encoder.embedding.data = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    out = encoder(Graph(torch.tensor([[0, 0, 1], [0, 1, 1]]), 2, 2))
    out = torch.cat(out).squeeze(1)
    root = 2**0.5
    layer = torch.tensor([3 / root + 4 / 2, 4 / root, 1 / root, 1 / 2 + 2 / root])
    torch.testing.assert_close(out, (torch.tensor([1.0, 2.0, 3.0, 4.0]) + layer) / 2)


@pytest.mark.parametrize("conv", CONVS)
def test_isolated_nodes_stay_finite(conv):
    encoder = Encoder(conv, 5, dim=4, layers=2).eval()
    assert all(half.isfinite().all() for half in encoder(Graph(torch.tensor([[0], [0]]), 2, 3)))


@pytest.mark.parametrize("layers", [1, 3])
def test_alpha_is_a_parameter_only_when_learnable(layers):
    fixed, learnable = (
        Encoder("lgc", 4, dim=2, layers=layers, alpha=alpha) for alpha in ("fixed", "learnable")
    )
    assert "alpha" not in dict(fixed.named_parameters())
    assert "alpha" in dict(learnable.named_parameters())
    for encoder in (fixed, learnable):
        assert encoder.state_dict()["alpha"].tolist() == pytest.approx([1 / (layers + 1)] * (layers + 1))


def test_learnable_alpha_is_used_as_it_is():
    encoder = Encoder("lgc", 2, dim=2, layers=1, alpha="learnable")
    encoder.alpha.data = torch.tensor([2.0, 0.0])
    out = encoder(Graph(torch.tensor([[0], [0]]), 1, 1))
    torch.testing.assert_close(torch.cat(out), 2 * encoder.embedding)


def test_initial_embeddings_are_lightgcn_s():
    embedding = Encoder("lgc", 4000, dim=16).embedding
    assert embedding.std().item() == pytest.approx(0.1, rel=0.02)
    assert embedding.mean().item() == pytest.approx(0, abs=0.002)


def test_an_unknown_conv_is_an_error():
    with pytest.raises(SegueError, match="did you mean 'gat'"):
        Encoder("gatt", 4)


def test_a_setting_of_another_conv_is_an_error():
    with pytest.raises(TypeError, match="heads"):
        Encoder("sage", 4, heads=2)
