"""Times LGC's epochs on graphs of 1, 4, 16 and 40 times the article's edges; 40 is the whole MPD.

    PYTHONPATH=workflow/scripts python benchmarks/scale.py
        [--factors 1 4 16 40] [--repeats 3] [--device cpu] [--threads 2] [--json FILE]

Each size runs in a process of its own, whose peak memory is the peak resident size of all of it, data and
libraries included (on CUDA the peak that torch allocated). An epoch is as in ``epoch.py``; 70% of the edges
train. The bytes per second are those of a layer's two products alone.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import torch

from epoch import DIM, segue_epoch
from measuring import peak_memory, seconds, spmm_bytes
from segue.jobs import keep_freed_memory
from segue.nn.functional import lgc
from segue.nn.pattern import Graph
from synthetic import ARTICLE, TRAIN, synthetic_edges

MPD = (1_000_000, 2_262_292, 63_131_440)  # playlists, tracks, and 40 times the article's edges


def graph_size(factor: int) -> tuple[int, int, int]:
    """Playlists, tracks and edges: the article's graph enlarged, and at 40 the MPD's own."""
    return MPD if factor == 40 else tuple(factor * count for count in ARTICLE)


def measure(factor: int, repeats: int, device: str) -> dict:
    """Median seconds of an epoch and of a layer's products after a first one, and the peak memory."""
    keep_freed_memory()
    playlists, tracks, edges = graph_size(factor)
    train = synthetic_edges(playlists, tracks, round(TRAIN * edges)).to(device)
    epoch = segue_epoch("lgc", train, playlists, tracks)
    times = [seconds(epoch) for _ in range(repeats + 1)][1:]
    peak = peak_memory(device)
    del epoch
    graph = Graph(train, playlists, tracks)
    x = tuple(torch.randn(count, DIM, device=device) for count in (playlists, tracks))

    def layer() -> None:
        lgc(x[::-1], graph.playlists)
        lgc(x, graph.tracks)

    products = [seconds(layer) for _ in range(repeats + 1)][1:]
    return {
        "factor": factor,
        "playlists": playlists,
        "tracks": tracks,
        "train_edges": train.size(1),
        "seconds": median(times),
        "nanoseconds_per_edge": 1e9 * median(times) / train.size(1),
        "peak_bytes": peak,
        "spmm_bytes_per_second": spmm_bytes(2 * train.size(1), playlists + tracks, DIM) / median(products),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--factors", nargs="+", type=int, default=[1, 4, 16, 40])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.child:
        print(json.dumps(measure(options.child, options.repeats, options.device)))
        return
    sizes = []
    for factor in options.factors:
        command = [sys.executable, __file__, "--child", factor, "--repeats", options.repeats]
        command += ["--threads", options.threads, "--device", options.device]
        done = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True)
        sizes.append(json.loads(done.stdout))
        print("  ".join(f"{name} {value:.4g}" for name, value in sizes[-1].items()), flush=True)
    if options.json:
        results = {"device": options.device, "threads": options.threads, "sizes": sizes}
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
