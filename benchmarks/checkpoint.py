"""What checkpoints cost at the article's size, with the default interval.

    PYTHONPATH=workflow/scripts python benchmarks/checkpoint.py FOLDER
        [--convs lgc sage gat] [--samplers random hard] [--epochs 12] [--device cpu]
        [--threads 2] [--json FILE]

A few epochs of ``train`` as in ``config/mpd50.yaml``, with a checkpoint after each, in FOLDER,
whose disk it is that counts. Each holds as many snapshots as the last of the article's 300 epochs. The share
of the training's time is that of 300 such epochs, with a checkpoint each 60 s and one at the end.
"""

import argparse
import json
import math
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

import torch
import yaml

from measuring import seconds
from segue.graph.split import Split
from segue.jobs import keep_freed_memory
from segue.train.checkpoints import Checkpoints
from segue.train.loop import half, snapshot_epochs, train
from segue.train.state import State
from synthetic import synthetic_split

CONFIG = Path(__file__).parents[1] / "config"


def measure(split: Split, conv: str, sampler: str, epochs: int, device: str, folder: Path) -> dict:
    """Median seconds of an epoch and of a checkpoint, their mean for the epochs (refreshes and recall are in
    some of them only), a checkpoint's bytes, and the share of the time."""
    config = yaml.safe_load((CONFIG / "config.yaml").read_text())
    settings = config["train"] | yaml.safe_load((CONFIG / "mpd50.yaml").read_text())["train"]
    article_epochs, every = settings["epochs"], config["checkpoints"]["seconds"]
    count = len(snapshot_epochs(article_epochs, settings["snapshot_every"]))
    snapshot = half(torch.randn(split.num_playlists, config["model"]["dim"]))
    snapshots = {f"snapshots.{number}": snapshot.clone() for number in range(count)}
    checkpoints = Checkpoints(folder / f"{conv}-{sampler}", {"conv": conv}, epochs=None, seconds=None)
    spans, saves = [], []

    def keep(state: State) -> None:
        done = time.perf_counter()
        full = replace(state, tensors=state.tensors | snapshots)
        saves.append(seconds(lambda: checkpoints.store(full)))
        spans.append((done, time.perf_counter()))

    train(
        split,
        conv=conv,
        sampler=sampler,
        alpha="learnable",
        dim=config["model"]["dim"],
        conv_settings=config["model"][conv],
        negatives=config["negatives"][sampler],
        **settings | {"epochs": epochs},
        device=torch.device(device),
        store=keep,
    )
    size = checkpoints.latest.stat().st_size
    checkpoints.remove()
    times = [done - saved for (_, saved), (done, _) in pairwise(spans)]
    total = article_epochs * mean(times)
    number = math.floor(total / every) + 1
    return {
        "epoch_seconds": median(times),
        "mean_epoch_seconds": mean(times),
        "checkpoint_seconds": median(saves),
        "checkpoint_bytes": size,
        "checkpoints": number,
        "share": number * median(saves) / total,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--convs", nargs="+", choices=["lgc", "sage", "gat"], default=["lgc", "sage", "gat"])
    parser.add_argument("--samplers", nargs="+", choices=["random", "hard"], default=["random", "hard"])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    split = synthetic_split(1.0)
    results = {}
    for conv in options.convs:
        for sampler in options.samplers:
            result = measure(split, conv, sampler, options.epochs, options.device, options.folder)
            results[f"{conv}-{sampler}"] = result
            print(
                conv, sampler, "  ".join(f"{name} {value:.4g}" for name, value in result.items()), flush=True
            )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
