"""Times training steps with the softmax loss against the same steps in plain torch and PyG.

    PYTHONPATH=workflow/scripts python benchmarks/softmax.py
        [--scale 1.0] [--tracks 2048] [--repeats 5] [--device cpu] [--threads 2] [--json FILE]

A step draws tracks, passes messages with edge dropout 0.5, takes the loss, passes back and has Adam move, all
in float32 on a synthetic graph of the article's size, 70% of its edges in training. Plain: LGConv on what
``dropout_edge`` leaves of the ``edge_index``, tracks by ``multinomial``, logits and their logsumexp as one
playlists x tracks matrix, positives by index and sum, and autograd. The loss alone, forward and backward, is
timed on the same embeddings and draw, and so gives the same value. Sides take turns in one process; a ratio
is the median of the turns' ratios. Peak memory is that of a process of its own, imports included.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from torch import Tensor
from torch.nn.functional import normalize
from torch_geometric.utils import dropout_edge

import plain_pyg
from epoch import DIM, LR, shares
from measuring import peak_memory, seconds
from segue.graph.split import Split
from segue.nn.encoder import Encoder
from segue.nn.pattern import Graph
from segue.nn.softmax import SoftmaxLoss
from segue.nn.systematic import ONE
from synthetic import synthetic_split

MODELS = {
    "lgc": {"layers": 3},
    "sage": {"layers": 3},
    "gat": {"layers": 3, "heads": 1, "dropout": 0.0},
    "gat 5 heads": {"layers": 3, "heads": 5, "dropout": 0.5},
}
DROPOUT, TEMPERATURE, BETA, PRIOR = 0.5, 0.1, 0.5, 0.5

Step = Callable[[], object]


def segue_step(model: str, split: Split, tracks: int, device: str) -> Step:
    graph = Graph(split.train.to(device), split.num_playlists, split.num_tracks)
    settings = {"dim": DIM, "edge_dropout": DROPOUT, **MODELS[model]}
    encoder = Encoder(model.split()[0], split.num_playlists + split.num_tracks, **settings).to(device)
    optimizer = torch.optim.Adam(encoder.parameters(), lr=LR, fused=True)
    loss = _loss(graph, tracks)
    generator = torch.Generator(device).manual_seed(0)

    def step() -> None:
        optimizer.zero_grad()
        loss(*encoder(graph, generator), generator).backward()
        optimizer.step()

    return step


def plain_step(split: Split, tracks: int, device: str) -> Step:
    edges = split.train.to(device)
    edge_index = plain_pyg.node_edges(edges, split.num_playlists)
    nodes = split.num_playlists + split.num_tracks
    encoder = plain_pyg.PlainEncoder("lgc", nodes, dim=DIM, layers=MODELS["lgc"]["layers"]).to(device)
    optimizer = torch.optim.Adam(encoder.parameters(), lr=LR)
    degree = torch.bincount(edges[1], minlength=split.num_tracks).clamp(min=1).float()
    chance = tracks * degree**BETA / (degree**BETA).sum()

    def step() -> None:
        optimizer.zero_grad()
        drawn = torch.multinomial(chance, min(tracks, len(chance)))
        z = encoder(dropout_edge(edge_index, DROPOUT, force_undirected=True)[0])
        plain_loss(*z.split([split.num_playlists, split.num_tracks]), edges, degree, drawn, chance).backward()
        optimizer.step()

    return step


def plain_loss(
    playlists: Tensor, tracks: Tensor, edges: Tensor, degree: Tensor, drawn: Tensor, chance: Tensor
) -> Tensor:
    """The loss as one would write it, with autograd; ``chance``: [T] of each track to be drawn."""
    playlists, tracks = normalize(playlists), normalize(tracks)
    prior = PRIOR * degree.log()
    logits = playlists @ tracks[drawn].T / TEMPERATURE + prior[drawn] - chance[drawn].log()
    total = logits.logsumexp(dim=1)
    positive = (playlists[edges[0]] * tracks[edges[1]]).sum(dim=1) / TEMPERATURE + prior[edges[1]]
    return (total[edges[0]] - positive).mean()


def _loss(graph: Graph, tracks: int) -> SoftmaxLoss:
    return SoftmaxLoss(graph.playlists, tracks=tracks, temperature=TEMPERATURE, beta=BETA, prior=PRIOR)


def loss_alone(split: Split, tracks: int, device: str) -> dict[str, Step]:
    """Forward and backward of both losses; raises where they differ."""
    graph = Graph(split.train.to(device), split.num_playlists, split.num_tracks)
    edges, loss = split.train.to(device), _loss(graph, tracks)
    drawn = loss.draw(torch.Generator(device).manual_seed(0))
    degree = graph.tracks.degree.clamp(min=1).float()
    chance = torch.ones_like(degree) if drawn is None else loss.included.float() / ONE
    among = torch.arange(len(degree), device=device) if drawn is None else drawn
    shape = split.num_playlists, split.num_tracks
    z = [(0.1 * torch.randn(n, DIM, device=device)).requires_grad_() for n in shape]
    values = {
        "segue": lambda: loss.of(graph.playlists, *z, drawn),
        "plain": lambda: plain_loss(*z, edges, degree, among, chance),
    }
    gradients = [torch.autograd.grad(value(), z) for value in values.values()]
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5 * float(theirs.abs().max()))
    return {side: lambda value=value: torch.autograd.grad(value(), z) for side, value in values.items()}


def race(steps: dict[str, Step], repeats: int) -> dict[str, float]:
    """Median seconds of each, and of the ratios to Segue's, over ``repeats`` turns after a first one."""
    turns = [{side: seconds(step) for side, step in steps.items()} for _ in range(repeats + 1)][1:]
    results = {f"{side}_seconds": median(turn[side] for turn in turns) for side in steps}
    return results | {
        f"{side}_ratio": median(turn[side] / turn["segue"] for turn in turns)
        for side in steps
        if side != "segue"
    }


def peak_bytes(model: str, side: str, options: argparse.Namespace) -> int:
    """Peak memory of a process that takes two steps."""
    own = ("scale", "tracks", "device", "threads")
    command = [sys.executable, __file__, "--child", model, side]
    command += [str(part) for name in own for part in (f"--{name}", getattr(options, name))]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measure(options: argparse.Namespace) -> dict:
    """All figures, printed as they come."""
    split = synthetic_split(options.scale)
    given = split, options.tracks, options.device
    results: dict = {
        "drawn": min(options.tracks, split.num_tracks),
        "device": options.device,
        "threads": options.threads,
        "loss": race(loss_alone(*given), options.repeats),
        "step": {},
    }
    print("loss alone", "  ".join(f"{name} {value:.4g}" for name, value in results["loss"].items()))
    for model in MODELS:
        steps = {"segue": segue_step(model, *given)}
        if model == "lgc":
            steps["plain"] = plain_step(*given)
        result = race(steps, options.repeats)
        result |= {f"{side}_peak_bytes": peak_bytes(model, side, options) for side in steps}
        results["step"][model] = result
        print(model, "  ".join(f"{name} {value:.4g}" for name, value in result.items()), flush=True)
        if options.device == "cpu":
            result["profile"] = shares(steps["segue"])
            print("    ", "  ".join(f"{kind} {share:.0%}" for kind, share in result["profile"].items()))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="of playlists, tracks and edges")
    parser.add_argument("--tracks", type=int, default=2048, help="that are drawn for a step")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.child:
        model, side = options.child
        given = synthetic_split(options.scale), options.tracks, options.device
        step = segue_step(model, *given) if side == "segue" else plain_step(*given)
        for _ in range(2):
            step()
        print(peak_memory(options.device))
        return
    results = measure(options)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
