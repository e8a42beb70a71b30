"""On a GPU: the results of the CPU, the same bits each time, and a training that goes on after a kill."""

import itertools

import pytest
import torch
import training_cases
from training_cases import contents

from segue.graph.split import split_edges
from segue.nn.negatives import HardNegatives, RandomNegatives
from segue.nn.pattern import Pattern
from segue.nn.pyg import layer
from segue.nn.topk import kth_largest, positions, top_k
from segue.train.checkpoints import Checkpoints
from segue.train.loop import choose_device

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA GPU here")
CUDA = torch.device("cuda")
CONV_SETTINGS = training_cases.CONV_SETTINGS | {
    "graphconv": {"class": "torch_geometric.nn.GraphConv", "layers": 2},
    "gatv2": {
        "class": "torch_geometric.nn.GATv2Conv",
        "layers": 2,
        "heads": 2,
        "concat": False,
        "dropout": 0.5,
    },
}
LAYERS = {
    "GraphConv": {},
    "GraphConv max": {"aggr": "max"},
    "GCNConv": {},
    "SAGEConv": {},
    "LGConv": {},
    "GINConv": {"nn": "mlp"},
    "GATv2Conv": {"heads": 2, "concat": False},
    "TransformerConv": {"heads": 1},
}


@pytest.fixture(scope="module")
def split():
    """600 playlists and 400 tracks of two tastes, enough for sums to run in many threads."""
    generator = torch.Generator().manual_seed(0)
    same = (torch.arange(600)[:, None] + torch.arange(400)) % 2 == 0
    edges = torch.rand(600, 400, generator=generator) < torch.where(same, 0.2, 0.01)
    return split_edges(edges.nonzero().T.contiguous(), seed=1)


def run(split, conv, sampler, **changes):
    options = {"alpha": "learnable", "dim": 16, "epochs": 12, "lr": 0.02, "l2": 1e-4}
    options |= {"recall_every": 3, "recall_k": 20, "device": CUDA, "conv_settings": CONV_SETTINGS[conv]}
    return training_cases.run(split, conv, sampler, **(options | changes))


MODELS = list(itertools.product(CONV_SETTINGS, training_cases.NEGATIVES))


@pytest.mark.parametrize(("conv", "sampler"), MODELS)
def test_trained_twice_it_is_the_same_model(split, conv, sampler):
    assert contents(run(split, conv, sampler)) == contents(run(split, conv, sampler))


@pytest.mark.parametrize(("conv", "sampler"), MODELS)
def test_resumed_from_a_file_it_ends_with_the_same_bytes(split, conv, sampler, tmp_path):
    saved = Checkpoints(tmp_path, {"model": f"{conv}-{sampler}"}, epochs=5, seconds=None)

    def keep(state):
        if state.epoch == 5:
            saved.store(state)

    undisturbed = run(split, conv, sampler, store=keep)
    resume = saved.load()
    assert resume.epoch == 5
    assert contents(run(split, conv, sampler, resume=resume)) == contents(undisturbed)


@pytest.mark.parametrize("conv", CONV_SETTINGS)
def test_it_learns_what_the_cpu_learns(split, conv):
    gpu, cpu = (
        run(split, conv, "random", device=device, epochs=60) for device in (CUDA, torch.device("cpu"))
    )
    ours, theirs = gpu.history[-1], cpu.history[-1]
    assert ours.validation_auc > 0.7
    assert ours.validation_auc == pytest.approx(theirs.validation_auc, abs=0.03)
    assert ours.validation_recall == pytest.approx(theirs.validation_recall, abs=0.05)


# PyG's advice to install a package that it can do without.
@pytest.mark.filterwarnings("ignore:The usage of `scatter:UserWarning")
@pytest.mark.parametrize("name", LAYERS)
def test_layers_of_pyg_give_the_same_and_their_gradients(split, name):
    generator = torch.Generator().manual_seed(1)
    chosen = {"class": f"torch_geometric.nn.{name.split()[0]}"}
    conv = layer(16, generator=generator, **chosen, **LAYERS[name]).eval()
    pattern = Pattern.from_edges(*split.train, (split.num_playlists, split.num_tracks))
    numbers = [torch.randn(n, 16, generator=generator) for n in (split.num_tracks, split.num_playlists)]
    results = []
    for device in ("cpu", "cuda"):
        on = Pattern.from_edges(*split.train.to(device), pattern.shape)
        x = [each.detach().to(device, copy=True).requires_grad_() for each in numbers]
        conv.to(device).zero_grad()
        out = conv(tuple(x), on)
        out.square().mean().backward()
        weights = [weight.grad for weight in conv.parameters()]
        results.append([out.detach(), *(each.grad for each in (*x, *weights))])
    for ours, theirs in zip(*results, strict=True):
        if ours is not None:
            torch.testing.assert_close(theirs.cpu(), ours, rtol=1e-3, atol=1e-5)


def test_tops_and_cuts_with_ties():
    scores = torch.randint(0, 50, (200, 1000), generator=torch.Generator().manual_seed(0)).float()
    for k in (1, 10, 999, 1000):
        assert torch.equal(top_k(scores.to(CUDA), k).cpu(), top_k(scores, k))
        assert torch.equal(kth_largest(scores.to(CUDA), k).cpu(), kth_largest(scores, k))
    for ours, theirs in zip(positions(scores.to(CUDA) > 40), positions(scores > 40), strict=True):
        assert torch.equal(ours.cpu(), theirs)


def test_negatives_are_off_the_playlist_and_hard_ones_at_its_top(split):
    generator = torch.Generator(CUDA).manual_seed(0)
    edges = split.train.to(CUDA)
    known = Pattern.from_edges(*edges, (split.num_playlists, split.num_tracks))
    playlists, tracks = (
        torch.randn(n, 16, device=CUDA, generator=generator) for n in (split.num_playlists, split.num_tracks)
    )
    hard = HardNegatives(edges, known, epochs=10, min_fraction=0.05, refresh_every=1)
    for drawn in (
        RandomNegatives(edges, known).draw(generator),
        hard.sample(9, lambda: (playlists, tracks), generator),
    ):
        assert not known.contains(edges[0], drawn).any()
    scores = playlists @ tracks.T
    scores[edges[0], edges[1]] = -torch.inf
    above = (scores[edges[0]] > scores[edges[0], drawn][:, None]).sum(dim=1)
    assert (above < (0.1 * known.num_others[edges[0]]).clamp(min=1)).all()


def test_a_gpu_is_taken_where_it_is_granted():
    assert choose_device("auto", 1) == choose_device("cuda", 1) == CUDA
    assert choose_device("auto", 0) == choose_device("cpu", 1) == torch.device("cpu")
