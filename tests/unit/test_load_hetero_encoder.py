"""Trained models with artists and albums as PyG's HeteroConv layers."""

import pytest
import torch
from pyg_cases import CONVS, relations_of_tastes, train_into, two_tastes, write_graph
from safetensors.torch import load_file
from torch_geometric.nn import HeteroConv

import segue
from segue.errors import SegueError
from segue.graph.edge_types import edge_type

HOW = {
    "kinds": ["artist", "album"],
    "aggregate": "sum",
    "strength": 1.0,
    "weights": "fixed",
    "degrees": "all",
}
MODELS = [  # conv, changes, prior
    *((conv, {}, None) for conv in ("lgc", "sage", "gat", "graph", "gcn", "attention")),
    ("lgc", {"degrees": "each", "aggregate": "mean"}, None),
    ("lgc", {}, 0.5),
    ("sage", {"weights": "learnable", "kinds": ["artist"]}, None),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "results"
    return write_graph(folder, two_tastes(), relations_of_tastes())


@pytest.fixture(scope="module")
def edges(results):
    return segue.to_hetero_data(results, "test").edge_index_dict


@pytest.mark.parametrize(("conv", "changes", "prior"), MODELS)
def test_a_loaded_encoder_gives_the_run_s_embeddings(results, edges, conv, changes, prior):
    how = HOW | changes
    train_into(results, conv, relations=how, prior=prior)
    model = f"{conv}-softmax-fixed" if prior else f"{conv}-random-fixed"
    encoder = segue.load_encoder(results, model)
    expected = load_file(results / "models" / model / "embeddings.safetensors")
    with torch.no_grad():
        z = encoder(edges)
    assert set(z) == {"playlist", "track", *how["kinds"]}
    for kind, rows in z.items():
        torch.testing.assert_close(rows, expected[f"{kind}s"], rtol=1e-5, atol=1e-5)
    assert len(encoder.convs) == CONVS[conv]["layers"]
    assert all(isinstance(layer, HeteroConv) for layer in encoder.convs)
    assert not encoder.training
    # All that it has can be trained on.
    (encoder(edges)["playlist"] @ encoder(edges)["track"].T).square().sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None, name


def test_messages_pass_both_ways_along_edges_of_one_and_other_types_are_left_out(results, edges):
    train_into(results, "lgc", relations=HOW | {"kinds": ["artist"]})
    encoder = segue.load_encoder(results, "lgc-random-fixed")
    there = {
        kind: index for kind, index in edges.items() if not kind[1].startswith("rev_") or "album" in kind
    }
    for kind, rows in encoder(edges).items():
        torch.testing.assert_close(encoder(there)[kind], rows)
    del there[edge_type("track", "artist")]
    with pytest.raises(SegueError, match=r"(?s)no edges of artists and tracks.*'playlist', 'contains'"):
        encoder(there)
