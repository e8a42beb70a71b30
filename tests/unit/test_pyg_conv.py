"""PyG's convolutions by name, one direction a call, held to plain PyG on the joined edge_index."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from torch_geometric import nn as pyg

from plain_pyg import node_edges
from segue.errors import SegueError
from segue.nn.pattern import Pattern
from segue.nn.pyg import PyGConv, _exact_way, build, layer
from segue.nn.sparse import spmm
from segue.run.config import check_config
from segue.run.pyg_classes import class_problems

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
P, T, DIM = 7, 11, 8
# By class and arguments: whether it runs on a sparse matrix.
LAYERS = {
    "GraphConv": ({}, True),
    "GraphConv max": ({"aggr": "max"}, True),
    "GCNConv": ({}, True),
    "GCNConv improved": ({"improved": True}, True),
    "GCNConv without loops": ({"add_self_loops": False}, True),
    "GCNConv without normalisation": ({"normalize": False}, True),
    "SAGEConv": ({}, True),
    "SAGEConv normalised": ({"normalize": True, "aggr": "max"}, True),
    "LGConv": ({}, True),
    "GINConv": ({"nn": "mlp", "train_eps": True}, True),
    "ClusterGCNConv": ({}, True),
    "TAGConv": ({"K": 1}, True),
    "GATv2Conv": ({"heads": 1}, False),
    "GATv2Conv of heads": ({"heads": 3, "concat": False}, False),
    "TransformerConv": ({"heads": 1, "beta": True}, False),
    "FeaStConv": ({"heads": 2}, False),
    "AGNNConv": ({}, False),
    "LEConv": ({}, False),
}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def of(key, seed=1):
    name = key.split()[0]
    return layer(DIM, generator=generator(seed), **{"class": f"torch_geometric.nn.{name}"}, **LAYERS[key][0])


def plain(key, ours):
    """PyG's layer as it comes, with the weights of ``ours``, some noise on both."""
    with torch.random.fork_rng():
        theirs = build(key.split()[0], DIM, LAYERS[key][0])
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator(5)))
    theirs.load_state_dict(ours.layer.state_dict())
    return theirs.eval()


@pytest.fixture(scope="module")
def edges():
    """Playlist 2 and track 4 are on no edge."""
    keys = torch.randperm(P * T, generator=generator())[:40]
    edges = torch.stack([keys // T, keys % T])
    return edges[:, (edges[0] != 2) & (edges[1] != 4)]


@pytest.fixture(scope="module")
def playlists(edges):
    return Pattern.from_edges(*edges, (P, T))


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
@pytest.mark.parametrize("key", LAYERS)
def test_both_directions_are_plain_pyg_on_the_joined_edge_index(key, edges, playlists):
    """Outputs, and gradients of the features and of every parameter."""
    ours = of(key).eval()
    theirs = plain(key, ours)
    assert ours.way.fused == LAYERS[key][1]
    x = torch.randn(P + T, DIM, generator=generator(3))
    mine, other = (x.clone().requires_grad_() for _ in range(2))
    p, t = mine.split([P, T])
    out = torch.cat([ours((t, p), playlists), ours((p, t), playlists.T)])
    expected = theirs(other, node_edges(edges, P))
    close(out, expected)
    weight = torch.randn(out.shape, generator=generator(4))
    (out * weight).sum().backward()
    (expected * weight).sum().backward()
    close(mine.grad, other.grad)
    gradients = {name: value.grad for name, value in theirs.named_parameters()}
    for name, parameter in ours.layer.named_parameters():
        close(parameter.grad, gradients[name])


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
@pytest.mark.parametrize("key", LAYERS)
def test_a_new_playlist_gets_what_a_node_added_to_the_graph_does(key, edges):
    ours = of(key).eval()
    theirs = plain(key, ours)
    given = torch.tensor([1, 4, 9])
    larger = torch.cat([edges, torch.stack([torch.full((3,), P), given])], dim=1)
    x = torch.randn(P + 1 + T, DIM, generator=generator(3))
    expected = theirs(x, node_edges(larger, P + 1))[P : P + 1]
    degree = torch.bincount(larger[1], minlength=T)
    attached = Pattern.from_edges(torch.zeros(3).long(), torch.arange(3), (1, 3))
    attached = Pattern(attached.rowptr, attached.rows, attached.cols, (1, 3), degree[given])
    close(ours((x[P + 1 :][given], x[P : P + 1]), attached), expected)


@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
@pytest.mark.parametrize("key", LAYERS)
def test_playlists_without_tracks_get_what_isolated_nodes_do(key):
    ours = of(key).eval()
    theirs = plain(key, ours)
    none = Pattern.from_edges(torch.zeros(0).long(), torch.zeros(0).long(), (2, 0))
    x = torch.randn(2, DIM, generator=generator(3))
    close(ours((x[:0], x), none), theirs(x, torch.zeros(2, 0).long()))


def test_lgconv_by_name_is_segue_s(playlists):
    x = torch.randn(T, DIM, generator=generator())
    expected = spmm(playlists, playlists.weights(0.5, 0.5, x.dtype), x)
    close(of("LGConv")((x, x.new_zeros(P, DIM)), playlists), expected)


@pytest.mark.parametrize("key", ["GraphConv", "GINConv", "TransformerConv"])
def test_the_generator_decides_initial_values_and_the_global_one_is_left_alone(key):
    before = torch.get_rng_state()
    first, again, other = (of(key, seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("name", ["GATv2Conv", "TransformerConv"])
def test_the_generator_decides_dropout_and_the_global_one_is_left_alone(name, playlists):
    conv = PyGConv(f"torch_geometric.nn.{name}", DIM, {"dropout": 0.5}, generator())
    x = torch.randn(T, DIM, generator=generator()), torch.randn(P, DIM, generator=generator(1))
    before = torch.get_rng_state()
    first, again, other = (conv(x, playlists, generator(seed)) for seed in (1, 1, 2))
    draws = generator(1)
    steps = [conv(x, playlists, draws) for _ in range(2)]
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(steps[0], first)
    assert not torch.equal(steps[0], steps[1])
    conv.eval()
    assert torch.equal(conv(x, playlists, generator(1)), conv(x, playlists, generator(2)))


def test_it_is_built_and_run_in_inference_mode_as_elsewhere(playlists):
    """As where a model is served; and what was kept there of the pattern trains afterwards."""
    fresh = Pattern(playlists.rowptr, playlists.rows, playlists.cols, playlists.shape)
    x = torch.randn(T, DIM, generator=generator()), torch.randn(P, DIM, generator=generator(1))
    expected = of("GCNConv")(x, playlists)
    _exact_way.cache_clear()
    with torch.inference_mode():
        served = of("GCNConv").eval()
        assert torch.equal(served(x, fresh), expected)
    ours = of("GCNConv")
    ours(x, fresh).sum().backward()
    assert ours.layer.lin.weight.grad.abs().sum() > 0


def test_without_a_generator_the_global_one_draws(playlists):
    conv = PyGConv("torch_geometric.nn.TransformerConv", DIM, {"dropout": 0.5}, generator())
    x = torch.ones(T, DIM), torch.ones(P, DIM)
    with torch.random.fork_rng():
        before = torch.get_rng_state()
        conv(x, playlists)
        assert not torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("dotted", "arguments", "parts"),
    [
        ("torch_geometric.nn.GrahpConv", {}, ["GrahpConv", "did you mean torch_geometric.nn.GraphConv?"]),
        ("torch_geometric.nn.functional.GraphConv", {}, ["torch_geometric.nn.<one of"]),
        ("torch_geometric.nn.MessagePassing", {}, ["torch_geometric.nn.<one of"]),
        ("os.system", {}, ["os.system", "torch_geometric.nn.<one of"]),
        ("torch_geometric.nn.GraphConv", {"agr": "max"}, ["m.agr", "did you mean 'aggr'?"]),
        ("torch_geometric.nn.GraphConv", {"in_channels": 3}, ["m.in_channels", "model.dim"]),
        ("torch_geometric.nn.GCNConv", {"cached": True}, ["m.cached", "different graphs"]),
        ("torch_geometric.nn.ChebConv", {}, ["m.K: nothing found", "no default"]),
        ("torch_geometric.nn.APPNP", {"K": 1, "alpha": 0.1}, ["m.alpha: found 0.1", "means another thing"]),
        ("torch_geometric.nn.GINConv", {}, ["m.nn: nothing found", "mlp"]),
        ("torch_geometric.nn.GINConv", {"nn": "cnn"}, ["m.nn: found 'cnn'", "mlp"]),
        ("torch_geometric.nn.NNConv", {"nn": "mlp"}, ["NNConv wants a network of its own"]),
        ("torch_geometric.nn.FAConv", {}, ["FAConv, which needs x_0"]),
    ],
)
def test_what_cannot_be_is_found_in_the_source_and_said_when_it_is_built(dotted, arguments, parts):
    (problem,) = class_problems("m", dotted, arguments)
    with pytest.raises(SegueError) as error:
        PyGConv(dotted, DIM, arguments)
    for part in parts:
        assert part in problem
        assert part.replace("m.", f"{dotted.rpartition('.')[2]}.", part.startswith("m.")) in str(error.value)


@pytest.mark.parametrize(
    ("name", "arguments", "parts"),
    [
        ("TransformerConv", {"heads": 4}, ["(9, 32), heads: 4, concat: True", "(9, 8)", "heads: 1"]),
        ("TAGConv", {}, ["TAGConv", "no further", "more `layers`"]),
        ("SGConv", {}, ["SGConv", "left to Segue"]),
        ("ChebConv", {"K": 3}, ["ChebConv", "no further"]),
        ("RGCNConv", {"num_relations": 2}, ["RGCNConv", "AssertionError", "edge_index"]),
        ("GraphConv", {"flow": "target_to_source"}, ["GraphConv", "whole graph"]),
        (
            "GCNConv",
            {"normalize": False, "add_self_loops": True},
            ["refuses to build GCNConv", "add_self_loops: True"],
        ),
    ],
)
def test_what_is_not_exact_is_refused_when_it_is_built(name, arguments, parts):
    with pytest.raises(SegueError) as error:
        PyGConv(f"torch_geometric.nn.{name}", DIM, arguments)
    for part in (*parts, "next step"):
        assert part in str(error.value)


def test_every_convolution_of_pyg_is_read_from_its_source_as_it_is():
    """Those of which nothing is wrong are there, and their arguments are those of their constructors."""
    import inspect

    from segue.run.pyg_classes import _folder, _modules, facts_of

    names = _modules(_folder())
    assert len(names) > 50
    assert set(names) == set(pyg.conv.__all__) - {"MessagePassing"}
    own = set(inspect.signature(pyg.MessagePassing.__init__).parameters) - {"self"}
    for name in names:
        parameters = inspect.signature(getattr(pyg, name).__init__).parameters
        expected = {
            key
            for key, value in parameters.items()
            if value.kind not in (value.VAR_KEYWORD, value.VAR_POSITIONAL)
        } - {"self"}
        rest = any(value.kind == value.VAR_KEYWORD for value in parameters.values())
        assert set(facts_of(name).arguments) - own >= expected - own, name
        assert set(facts_of(name).arguments) <= expected | (own if rest else set()), name


def test_a_configuration_with_what_cannot_be_is_refused_by_its_key():
    root = SCRIPTS.parents[1]
    schema = yaml.safe_load((root / "workflow/schemas/config.schema.yaml").read_text())
    config = yaml.safe_load((root / "config/config.yaml").read_text())
    block = {"class": "torch_geometric.nn.GraphConv", "layers": 2, "init_std": 0.1, "aggr": "max"}
    config["model"]["graph"] = block
    config["sweep"]["conv"] = ["lgc", "graph"]
    check_config(config, schema)
    check_config(config | {"model": config["model"] | {"graph": block | {"edge_dropout": 0.5}}}, schema)
    block |= {"class": "torch_geometric.nn.GrapConv"}
    with pytest.raises(
        SegueError, match=r"model\.graph\.class: found .*did you mean torch_geometric.nn.GraphConv"
    ):
        check_config(config, schema)
    block |= {"class": "torch_geometric.nn.SuperGATConv"}
    with pytest.raises(SegueError, match=r"SuperGATConv, whose training draws from Python"):
        check_config(config, schema)
    block |= {"class": "torch_geometric.nn.GraphConv", "agr": "max"}
    with pytest.raises(
        SegueError, match=r"model\.graph\.agr: GraphConv has no such argument; did you mean 'aggr'"
    ):
        check_config(config, schema)


def test_looking_at_the_source_imports_neither_torch_nor_pyg():
    code = (
        "import sys; from segue.run.pyg_classes import class_problems as of;"
        "assert of('m', 'torch_geometric.nn.GraphConv', {}) == [];"
        "assert of('m', 'torch_geometric.nn.GrafConv', {});"
        "sys.exit(bool({'torch', 'torch_geometric'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS, check=False).returncode == 0
