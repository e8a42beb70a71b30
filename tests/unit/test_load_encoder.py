"""Models by a class of PyG's, trained, resumed and frozen; and every trained model as PyG's own layers."""

import pytest
import torch
from pyg_cases import CONVS, TRAIN, train_into, two_tastes, write_graph
from safetensors.torch import load_file, save_file
from torch_geometric.nn import MessagePassing

import segue
from segue.errors import SegueError
from segue.nn.encoder import Encoder
from segue.nn.pattern import Graph
from segue.scorers.frozen import freeze
from segue.scorers.load import load_scorer
from segue.train.checkpoints import Checkpoints
from segue.train.loop import train

BY_CLASS = [conv for conv, settings in CONVS.items() if "class" in settings]
FORWARD = ("playlist", "contains", "track")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A run with a model of each convolution, one with learnable alpha, and one of each form of score."""
    results = write_graph(tmp_path_factory.mktemp("run") / "results", two_tastes())
    for conv in CONVS:
        train_into(results, conv)
    (results / "models/knn").mkdir()
    (results / "models/knn/scorer.safetensors").touch()
    train_into(results, "gcn", alpha="learnable")
    train_into(results, "sage", prior=0.5)
    train_into(results, "lgc", prior=0.0)
    return results


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "model",
    [
        *(f"{conv}-random-fixed" for conv in CONVS),
        "gcn-random-learnable",
        "sage-softmax-fixed",
        "lgc-softmax-fixed",
    ],
)
def test_a_loaded_encoder_gives_the_run_s_embeddings(results, model):
    encoder = segue.load_encoder(results, model)
    data = segue.to_hetero_data(results, "test")
    expected = load_file(results / "models" / model / "embeddings.safetensors")
    with torch.no_grad():
        z = encoder(data.to_homogeneous().edge_index)
        both = encoder(data.edge_index_dict)
        forward = encoder({FORWARD: data[FORWARD].edge_index})
    close(z, torch.cat([expected["playlists"], expected["tracks"]]))
    for found in (both, forward):
        close(found["playlist"], expected["playlists"])
        close(found["track"], expected["tracks"])
    layers = [
        layer for conv in encoder.convs for layer in conv.modules() if isinstance(layer, MessagePassing)
    ]
    assert len(layers) == CONVS[model.split("-")[0]]["layers"]
    assert not encoder.training


def test_another_graph_gives_other_embeddings_and_all_weights_have_gradients(results):
    encoder = segue.load_encoder(results, "gcn-random-learnable")
    test, train = (
        segue.to_hetero_data(results, stage).to_homogeneous().edge_index for stage in ("test", "train")
    )
    assert not torch.allclose(encoder(test), encoder(train))
    encoder(test).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in encoder.parameters())
    assert "alpha" in dict(encoder.named_parameters())


@pytest.mark.parametrize(
    ("folder", "model", "parts"),
    [
        ("results", "lcg-random-fixed", ["did you mean 'lgc-random-fixed'", "attention-random-fixed"]),
        ("elsewhere", "lgc-random-fixed", ["with a trained network", "elsewhere", "make demo"]),
        ("results", "knn", ["a baseline or a blend", "name one of these"]),
        ("results", None, ["None", "no such model"]),
        ("results", 3, ["3", "no such model"]),
    ],
)
def test_what_is_not_there_is_named(results, folder, model, parts):
    with pytest.raises(SegueError) as error:
        segue.load_encoder(results.parent / folder, model)
    for part in (*parts, "next step"):
        assert part in str(error.value)


def test_a_model_of_an_earlier_version_is_refused(tmp_path):
    path = tmp_path / "models/lgc-random-fixed/model.safetensors"
    path.parent.mkdir(parents=True)
    save_file({"alpha": torch.ones(2)}, path)
    with pytest.raises(SegueError, match="weights alone"):
        segue.load_encoder(tmp_path, "lgc-random-fixed")


def test_edges_of_other_types_are_refused(results):
    encoder = segue.load_encoder(results, "lgc-random-fixed")
    with pytest.raises(SegueError, match="user"):
        encoder({("user", "likes", "item"): torch.tensor([[0], [0]])})


def run(conv, **changes):
    options = TRAIN | {
        "sampler": "random",
        "alpha": "fixed",
        "dim": 8,
        "conv_settings": CONVS[conv],
        "negatives": {"avoid_known": True},
        "device": torch.device("cpu"),
    }
    return train(two_tastes(), conv=conv, **(options | changes))


@pytest.mark.parametrize("conv", ["gcn", "attention"])
def test_a_resumed_training_by_class_ends_with_the_same_bits(conv, tmp_path):
    """After each epoch, from the file of a checkpoint; torch's global generator is left alone."""
    before = torch.get_rng_state()
    kept = {stop: Checkpoints(tmp_path / f"{stop}", {}, epochs=1, seconds=None) for stop in (1, 2)}
    whole = run(conv, store=lambda state: state.epoch in kept and kept[state.epoch].store(state))
    for states in kept.values():
        resumed = run(conv, resume=states.load())
        assert resumed.history == whole.history
        assert torch.equal(resumed.playlists, whole.playlists)
        assert torch.equal(resumed.tracks, whole.tracks)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("conv", BY_CLASS)
def test_models_by_class_learn(conv):
    losses = [record.validation_loss for record in run(conv, epochs=30).history]
    assert min(losses) < 0.95 * losses[0]


def test_lgc_by_class_is_segue_s():
    split = two_tastes()
    graph = Graph(split.train, 20, 24)
    ours = Encoder("lgc", 44, dim=8, layers=3, generator=torch.Generator().manual_seed(1))
    named = {"class": "torch_geometric.nn.LGConv"}
    theirs = Encoder("any", 44, dim=8, layers=3, generator=torch.Generator().manual_seed(2), **named)
    theirs.load_state_dict(ours.state_dict())
    close(torch.cat(theirs(graph)), torch.cat(ours(graph)))
    for model in (ours, theirs):
        torch.cat(model(graph)).pow(3).sum().backward()
    close(theirs.embedding.grad, ours.embedding.grad)


@pytest.mark.parametrize("conv", BY_CLASS)
def test_a_frozen_model_by_class_embeds_playlists_as_the_model_does(conv, tmp_path):
    split = two_tastes()
    settings = {"conv": conv, "dim": 8, **CONVS[conv]}
    model = Encoder(num_nodes=44, generator=torch.Generator().manual_seed(1), **settings).eval()
    edges = split.train_and_validation
    frozen = freeze(model, edges, 20, 24, stand_in="zero", settings=settings, facts={"catalogue": "abc"})
    frozen.save(tmp_path / "scorer.safetensors")
    loaded = load_scorer(tmp_path / "scorer.safetensors")
    graph = Graph(edges, 20, 24)
    playlists, tracks = model(graph)
    close(loaded.embed(graph.playlists, model.embedding[:20], counted=True), playlists)
    close(loaded.tracks, tracks)
    assert torch.equal(loaded.scores(graph.playlists), frozen.scores(graph.playlists))
