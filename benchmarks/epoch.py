"""Times whole training epochs of Segue against the same epochs as PyG users write them.

    PYTHONPATH=workflow/scripts python benchmarks/epoch.py
        [--scale 1.0] [--convs lgc sage gat] [--repeats 5] [--device cpu] [--threads 2] [--json FILE]

An epoch is the forward pass, BPR with new random negatives, the backward pass and a step of Adam, in
float32 on a synthetic graph of the article's size, 70% of its edges in training. PyG runs on an edge_index,
and the layers that multiply with a sparse matrix, LGConv and SAGEConv, on a CSR adj_t too. All take turns in
one process; a ratio is the median of the turns' ratios. Peak memory comes from a process of its own for each
conv and side: the peak less that after the imports and the edges were loaded. Negatives: Segue's are uniform
over the tracks that are not on the playlist, the references' over all tracks, which is less work. Also timed:
a refresh of hard negatives, an evaluation, and from all of these the article's sweep.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor

import plain_pyg
import ranking
import sweep
from measuring import peak_memory, seconds, spmm_bytes
from segue.nn.encoder import Encoder
from segue.nn.functional import lgc
from segue.nn.losses import bpr_loss
from segue.nn.negatives import RandomNegatives
from segue.nn.pattern import Graph
from segue.train.epochs import step
from segue.train.objectives import Pairwise
from synthetic import synthetic_split

DIM = 64
SETTINGS = {
    "lgc": {"dim": DIM, "layers": 4},
    "sage": {"dim": DIM, "layers": 3},
    "gat": {"dim": DIM, "layers": 3, "heads": 5, "dropout": 0.5},
}
SIDES = {  # of each conv
    "lgc": ("reference", "csr", "segue"),
    "sage": ("reference", "csr", "segue"),
    "gat": ("reference", "segue"),
}
LR = 0.01
COPIED = 2**26  # numbers that the copy bandwidth is measured on, many times what caches hold

Epoch = Callable[[], float]


def segue_epoch(conv: str, edges: Tensor, playlists: int, tracks: int) -> Epoch:
    """A function that trains Segue's model for one more epoch and returns its loss."""
    generator = torch.Generator(edges.device).manual_seed(0)
    graph = Graph(edges, playlists, tracks)
    model = Encoder(conv, playlists + tracks, **SETTINGS[conv]).to(edges.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=True)
    positives = graph.playlists
    pairs = Pairwise(positives, RandomNegatives(positives.edges(), positives), bpr_loss, 0.0)

    def epoch() -> float:
        pairs.draw(0, lambda: model(graph), generator)
        return step(model, optimizer, graph, pairs, generator)

    return epoch


def reference_epoch(conv: str, edges: Tensor, playlists: int, tracks: int, csr: bool = False) -> Epoch:
    """The same, as a PyG user writes it, on an edge_index or on its CSR matrix."""
    edge_index = plain_pyg.node_edges(edges, playlists)
    if csr:
        edge_index = plain_pyg.adjacency(edge_index, playlists + tracks)
    model = plain_pyg.PlainEncoder(conv, playlists + tracks, **SETTINGS[conv]).to(edges.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)

    def epoch() -> float:
        negatives = torch.randint(tracks, (edges.size(1),), device=edges.device)
        return plain_pyg.step(model, optimizer, edge_index, edges, negatives, playlists)

    return epoch


EPOCHS = {"segue": segue_epoch, "reference": reference_epoch, "csr": partial(reference_epoch, csr=True)}


def race(conv: str, graph: tuple, repeats: int) -> dict:
    """Median seconds of each side, and of its ratios to Segue's, over ``repeats`` turns after a first one."""
    epochs = {side: EPOCHS[side](conv, *graph) for side in SIDES[conv]}
    turns = [{side: seconds(epoch) for side, epoch in epochs.items()} for _ in range(repeats + 1)][1:]
    times = {f"{side}_seconds": median(turn[side] for turn in turns) for side in epochs}
    others = [side for side in epochs if side != "segue"]
    return times | {f"{side}_ratio": median(turn[side] / turn["segue"] for turn in turns) for side in others}


def peak_bytes(conv: str, side: str, graph: tuple, device: str, threads: int) -> int:
    """Peak memory of two epochs, graph, model and optimizer included, measured in a new process."""
    edges, playlists, tracks = graph
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "edges.npy"
        np.save(path, edges.cpu().numpy())
        options = "--threads", threads, "--device", device
        command = [sys.executable, __file__, *options, "--child", conv, side, path, playlists, tracks]
        done = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout)


def child(device: str, conv: str, side: str, path: str, playlists: str, tracks: str) -> None:
    """What ``peak_bytes`` runs: prints its result."""
    edges = torch.from_numpy(np.load(path)).to(device)
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # imports what the first optimizer imports
    before = peak_memory(device)
    epoch = EPOCHS[side](conv, edges, int(playlists), int(tracks))
    for _ in range(2):
        epoch()
    print(peak_memory(device) - before)


def bandwidth(graph: tuple, repeats: int) -> dict[str, float]:
    """Bytes per second that LGC's two products move, and that a copy does: the fastest of the turns."""
    edges, *shape = graph
    pairs = Graph(*graph)
    x = tuple(torch.randn(n, DIM, device=edges.device) for n in shape)
    source, target = (torch.zeros(COPIED, device=edges.device) for _ in range(2))

    def products() -> None:
        lgc(x[::-1], pairs.playlists)
        lgc(x, pairs.tracks)

    functions = {"spmm": products, "copy": lambda: target.copy_(source)}
    moved = {"spmm": spmm_bytes(2 * edges.size(1), sum(shape), DIM), "copy": 2 * source.nbytes}
    turns = [{name: seconds(call) for name, call in functions.items()} for _ in range(max(repeats, 10))]
    return {f"{name}_bytes_per_second": moved[name] / min(turn[name] for turn in turns) for name in moved}


KINDS = {
    "SpMM": ("aten::_embedding_bag", "aten::embedding_bag"),
    "SDDMM": ("aten::sparse_sampled_addmm",),
    "row sums and maxima": ("aten::segment_reduce", "aten::_segment_reduce"),
    "random numbers": ("aten::random_", "aten::randint"),
    "sort (transpose of the negatives)": ("aten::sort", "aten::argsort"),
    "gather of edge values": ("aten::index",),
    "dense products": ("aten::mm", "aten::addmm", "aten::bmm", "aten::linear", "aten::mv", "aten::addmv"),
    "powers of 2": ("aten::exp2",),
    "Adam": ("aten::_fused_adam", "Optimizer"),
}


def shares(epoch: Callable[[], object], repeats: int = 3) -> dict[str, float]:
    """Share of an epoch's CPU time in each kind of work, from torch's profiler, largest first."""
    epoch()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
        for _ in range(repeats):
            epoch()
    spent: dict[str, float] = {}
    for event in profiler.key_averages():
        kind = next((kind for kind, names in KINDS.items() if event.key.startswith(names)), "other")
        spent[kind] = spent.get(kind, 0.0) + event.self_cpu_time_total
    total = sum(spent.values())
    return {kind: time / total for kind, time in sorted(spent.items(), key=lambda item: -item[1])}


def measure(scale: float, convs: list[str], repeats: int, device: str, threads: int) -> dict:
    """All figures, printed as they come."""
    split = synthetic_split(scale)
    graph = split.train.to(device), split.num_playlists, split.num_tracks
    results: dict = {
        "playlists": split.num_playlists,
        "tracks": split.num_tracks,
        "train_edges": split.train.size(1),
        "repeats": repeats,
        "device": device,
        "threads": threads,
        "torch": torch.__version__,
    }
    print(
        "{playlists:,} playlists x {tracks:,} tracks, {train_edges:,} train edges, {device}".format(**results)
    )
    results["bandwidth"] = bandwidth(graph, repeats)
    print("  ".join(f"{name} {value / 1e9:.1f}e9" for name, value in results["bandwidth"].items()))
    results["ranking"] = ranking.measure(split, repeats, device)
    print("  ".join(f"{name} {value:.4g}" for name, value in results["ranking"].items()))
    results["epoch"] = {}
    for conv in convs:
        result = race(conv, graph, repeats)
        for side in SIDES[conv]:
            result[f"{side}_peak_bytes"] = peak_bytes(conv, side, graph, device, threads)
        result["memory_ratio"] = result["reference_peak_bytes"] / result["segue_peak_bytes"]
        result["validated_seconds"] = sweep.epoch_seconds(split, conv, SETTINGS[conv], device)
        results["epoch"][conv] = result
        print(conv, "  ".join(f"{name} {value:.4g}" for name, value in result.items()), flush=True)
        if device == "cpu":
            result["profile"] = shares(segue_epoch(conv, *graph))
            print("    ", "  ".join(f"{kind} {share:.0%}" for kind, share in result["profile"].items()))
    if set(convs) == set(SETTINGS):
        epochs = {conv: results["epoch"][conv]["validated_seconds"] for conv in convs}
        results["sweep_seconds"] = sweep.extrapolate(epochs, results["ranking"])
        print(f"the article's sweep: {results['sweep_seconds'] / 60:.1f} minutes")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="of playlists, tracks and edges")
    parser.add_argument("--convs", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.child:
        child(options.device, *options.child)
        return
    results = measure(options.scale, options.convs, options.repeats, options.device, options.threads)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
