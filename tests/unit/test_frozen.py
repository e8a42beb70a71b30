import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from segue.nn.encoder import Encoder
from segue.nn.pattern import Graph, Pattern
from segue.run.registry import CONVOLUTIONS as CONVS
from segue.scorers.frozen import freeze
from segue.scorers.load import load_scorer

NUM_PLAYLISTS, NUM_TRACKS, DIM, LAYERS = 20, 15, 8, 3
SETTINGS = {"layers": LAYERS, "dim": DIM}
OWN = {"lgc": {}, "sage": {}, "gat": {"heads": 2, "dropout": 0.5}}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def edges():
    """Playlist 3 and track 14 are on no edge."""
    keys = torch.randperm(NUM_PLAYLISTS * NUM_TRACKS, generator=generator())[:120]
    edges = torch.stack([keys // NUM_TRACKS, keys % NUM_TRACKS])
    return edges[:, (edges[0] != 3) & (edges[1] != 14)]


def encoder(conv):
    model = Encoder(
        conv,
        NUM_PLAYLISTS + NUM_TRACKS,
        alpha="learnable",
        init_std=1.0,
        generator=generator(1),
        **SETTINGS,
        **OWN[conv],
    )
    with torch.no_grad():
        model.alpha.uniform_(-1, 1, generator=generator(2))
    model.conv_name = conv
    return model


@pytest.fixture(params=CONVS)
def model(request):
    return encoder(request.param)


def frozen(model, edges, stand_in="zero"):
    return freeze(
        model,
        edges,
        NUM_PLAYLISTS,
        NUM_TRACKS,
        stand_in=stand_in,
        settings={"conv": model.conv_name, **SETTINGS, **OWN[model.conv_name]},
        facts={"catalogue": "abc"},
    )


def pattern(*given):
    """Of playlists with these lists of tracks."""
    rows = [row for row, tracks in enumerate(given) for _ in tracks]
    cols = [track for tracks in given for track in tracks]
    shape = len(given), NUM_TRACKS
    return Pattern.from_edges(torch.tensor(rows).long(), torch.tensor(cols).long(), shape)


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


def test_playlists_of_the_graph_get_the_embeddings_that_the_model_gives_them(model, edges):
    playlists, tracks = model.eval()(Graph(edges, NUM_PLAYLISTS, NUM_TRACKS))
    given = Pattern.from_edges(*edges, (NUM_PLAYLISTS, NUM_TRACKS))
    ours = frozen(model, edges)
    close(ours.embed(given, model.embedding[:NUM_PLAYLISTS], counted=True), playlists)
    close(ours.tracks, tracks)


@pytest.mark.parametrize("stand_in", ["zero", "mean"])
def test_a_new_playlist_gets_what_a_node_added_to_the_graph_does_with_all_others_frozen(
    model, edges, stand_in
):
    given = [1, 4, 14, 9]
    new = torch.stack([torch.full((4,), NUM_PLAYLISTS), torch.tensor(given)])
    larger = Graph(torch.cat([edges, new], dim=1), NUM_PLAYLISTS + 1, NUM_TRACKS)
    model.eval()
    own = torch.zeros(1, DIM)
    if stand_in == "mean":
        own = model.embedding[NUM_PLAYLISTS:][given].mean(0, keepdim=True)
    total = model.alpha[0] * own
    layers = [*model.layers(Graph(edges, NUM_PLAYLISTS, NUM_TRACKS))]
    for weight, conv, (playlists, tracks) in zip(model.alpha[1:], model.convs, layers[:-1], strict=True):
        own = conv((tracks, torch.cat([playlists, own])), larger.playlists)[-1:]
        total = total + weight * own
    close(frozen(model, edges, stand_in).embed(pattern(given)), total)


def test_who_else_is_asked_about_and_the_order_of_seeds_change_nothing(model, edges):
    ours = frozen(model, edges, "mean")
    together = ours.scores(pattern([2, 7], [7, 8, 9], [2]))
    close(together[1:2], ours.scores(pattern([9, 7, 8])))
    close(together[2:], ours.scores(pattern([2])))


def test_no_seeds_give_finite_scores(model, edges):
    scores = frozen(model, edges, "mean").scores(pattern([], [1], []))
    assert scores.isfinite().all()
    close(scores[0], scores[2])


def test_one_lightgcn_layer_by_hand():
    """Two tracks of degrees 1 and 2 in the graph, 2 and 3 with the new playlist: 1/sqrt(2 * degree) each."""
    model = Encoder("lgc", 2 + 2, dim=1, layers=1)
    with torch.no_grad():
        model.embedding.copy_(torch.tensor([[0.0], [0.0], [3.0], [5.0]]))
    edges = torch.tensor([[0, 0, 1], [0, 1, 1]])
    settings = {"conv": "lgc", "layers": 1, "dim": 1}
    given = Pattern.from_edges(torch.tensor([0, 0]), torch.tensor([0, 1]), (1, 2))
    for stand_in, own in (("zero", 0.0), ("mean", 4.0)):
        ours = freeze(model, edges, 2, 2, stand_in=stand_in, settings=settings, facts={})
        close(ours.embed(given), torch.tensor([[0.5 * own + 0.5 * (3 / 2 + 5 / 6**0.5)]]))


def test_a_file_holds_all_of_it_and_is_the_same_bytes_each_time(model, edges, tmp_path):
    ours = frozen(model, edges, "mean")
    for name in ("a", "b"):
        ours.save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    loaded = load_scorer(tmp_path / "a")
    given = pattern([1, 2], [], [3])
    assert torch.equal(loaded.scores(given), ours.scores(given))
    assert (loaded.stand_in, loaded.settings, loaded.facts) == ("mean", ours.settings, {"catalogue": "abc"})


def test_loading_leaves_torchs_generator_alone(model, edges, tmp_path):
    frozen(model, edges).save(tmp_path / "a")
    before = torch.get_rng_state()
    load_scorer(tmp_path / "a")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_convolution_without_a_formula_is_made_anew(model, edges, tmp_path, monkeypatch):
    """It gives what the formula gives; torch's global generator is left alone then, too."""
    ours = frozen(model, edges, "mean")
    expected = ours.scores(pattern([1, 2], [], [3]))
    ours.save(tmp_path / "a")
    entry = replace(CONVS[model.conv_name], frozen="")
    monkeypatch.setitem(CONVS, model.conv_name, entry)
    before = torch.get_rng_state()
    close(load_scorer(tmp_path / "a").scores(pattern([1, 2], [], [3])), expected)
    assert torch.equal(torch.get_rng_state(), before)


SERVING = """
import importlib, sys
import torch
from segue.nn.pattern import Pattern
from segue.scorers.load import load_scorer

for path in sys.argv[1].split():
    scores = load_scorer(path).scores(Pattern.from_edges(torch.tensor([0]), torch.tensor([1]), (1, 15)))
    assert scores.isfinite().all() and scores.shape == (1, 15)
for name in sys.argv[2:]:
    importlib.import_module(name)
assert "torch_geometric" not in sys.modules
"""


def test_frozen_models_serve_without_torch_geometric(edges, tmp_path):
    """Its import takes seconds. Nor do figures, serving and the command line import it."""
    for conv in CONVS:
        frozen(encoder(conv), edges, "mean").save(tmp_path / conv)
    scripts = Path(__file__).parents[2] / "workflow/scripts"
    modules = [
        ".".join(path.relative_to(scripts).with_suffix("").parts)
        for package in ("serve", "figures", "cli")
        for path in sorted((scripts / "segue" / package).glob("[!_]*.py"))
    ]
    assert len(modules) > 15
    paths = " ".join(str(tmp_path / conv) for conv in CONVS)
    environment = {**os.environ, "PYTHONPATH": str(scripts)}
    subprocess.run([sys.executable, "-c", SERVING, paths, *modules], check=True, env=environment)
