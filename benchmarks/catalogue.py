"""Times and weighs what answers from the catalogue, as it grows to the size of the whole MPD.

    PYTHONPATH=workflow/scripts python benchmarks/catalogue.py FOLDER
        [--slices 50 400 1000] [--min-degree 10] [--json FILE]

Each size's tables, those of ``kcore.py``, are made in FOLDER unless they stand there (``graph_data.py``).
400 slices have 16 times the edges of the article's graph; 1,000 are the whole MPD and have 40 times as many.
Stages are as the workflow's jobs, each in a process of its own, whose peak memory is the peak resident size
of all of it: ``build_catalogue``; ``extend_model`` of an LGC, whose features are random, since time and
memory do not depend on them; and answers of joint neighbours and of that network, for playlists of 1 to 100
tracks and a title. Seconds are of the processor, and torch has one thread.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from graph_data import SIZES, write_batches
from kcore import TABLES, sources
from measuring import peak_memory

K, DIM, LAYERS = 30, 64, 4
GIVEN = (1, 5, 10, 25, 100)
ASKED = 100  # playlists
STAGES = ("build", "extend", "answer")
MODEL = "lgc-random-fixed"


def seconds(function: Callable[[], object]) -> float:
    """Of the processor, in a call."""
    started = time.process_time()
    function()
    return time.process_time() - started


def prepare(folder: Path) -> dict:
    """The k-core, its split and a network, which the stages read."""
    import polars as pl
    from safetensors.torch import save_file

    from build_kcore import build_kcore
    from segue.data.quarantine import SCHEMA
    from segue.graph.split import load_split
    from segue.graph.tables import digest_of_core
    from segue.scorers.frozen import Frozen
    from split_edges import split_graph

    folder.mkdir(exist_ok=True)
    pl.DataFrame(schema=SCHEMA).write_parquet(folder / "quarantine.parquet")
    targets = {name: str(folder / f"graph/{name}.parquet") for name in (*TABLES, "degrees", "ladder")}
    targets |= {"ladder_csv": str(folder / "graph/ladder.csv"), "stats": str(folder / "graph/stats.json")}
    settings = {"k_core": K, "max_bad_fraction": 0, "expect": {}, "on_mismatch": "warn"}
    build_kcore(sources(folder.parent), str(folder / "quarantine.parquet"), targets, settings)
    shares = {"train": 0.94, "validation": 0.05, "test": 0.01, "disjoint_train_ratio": 0.0}
    shares |= {"seed": 1, "raw_ids": False}
    split_graph(targets["edges"], targets["playlists"], str(folder / "split.safetensors"), shares, [500])
    split = load_split(folder / "split.safetensors")
    tracks, nodes = split.num_tracks, split.num_playlists + split.num_tracks
    generator = torch.Generator().manual_seed(0)
    embedding = torch.randn(nodes, DIM, generator=generator)
    save_file({"embedding": embedding}, folder / "model.safetensors")
    degree = torch.bincount(split.train_and_validation[1], minlength=tracks).int()
    Frozen(
        [{} for _ in range(LAYERS)],
        torch.randn(LAYERS, tracks, DIM, generator=generator),
        embedding[-tracks:].clone(),
        torch.full((LAYERS + 1,), 1 / (LAYERS + 1)),
        degree,
        "mean",
        {"conv": "lgc", "layers": LAYERS, "dim": DIM},
        {"model": MODEL, "catalogue": digest_of_core(targets["tracks"])},
    ).save(folder / "scorer.safetensors")
    return {}


def build(folder: Path, min_degree: int) -> dict:
    from build_catalogue import build_catalogue

    core = {name: str(folder / f"graph/{name}.parquet") for name in ("playlists", "tracks")}
    quarantine = str(folder / "quarantine.parquet")

    arguments = sources(folder.parent), quarantine, [], core, str(folder / "catalogue"), min_degree, [10]
    return {"seconds": seconds(lambda: build_catalogue(*arguments))}


def extend(folder: Path) -> dict:
    from segue.catalogue.catalogue import Catalogue
    from segue.channels.extension import extended_model

    files = {name: str(folder / f"{name}.safetensors") for name in ("scorer", "model", "split")}

    def job() -> None:
        catalogue = Catalogue(folder / "catalogue")
        extended_model(f"{MODEL}-catalogue", files, catalogue).save(folder / "extended.safetensors")

    return {"seconds": seconds(job)}


def answer(folder: Path) -> dict:
    """Seconds to load the catalogue and each ranker, and of a playlist's 500 tracks."""
    import numpy as np

    from segue.catalogue.catalogue import Catalogue
    from segue.catalogue.rankers import best_tracks
    from segue.channels.joint import Joint
    from segue.channels.network import Network
    from segue.scorers.load import load_scorer

    started = time.process_time()
    catalogue = Catalogue(folder / "catalogue")
    rankers = {
        "joint": Joint(catalogue, shrinkage=20, title=0.2, neighbours=1000, power=2.0, position=0.0),
        "network": Network(load_scorer(folder / "extended.safetensors"), catalogue),
    }
    uris = catalogue.tracks["track_uri"][: catalogue.num_candidates]
    titles = catalogue.playlists["name"]

    def queries(count: int, seed: int):
        rng = np.random.default_rng(seed)
        places = [rng.choice(len(uris), GIVEN[row % len(GIVEN)], replace=False) for row in range(count)]
        names = [titles[int(rng.integers(len(titles)))] for _ in range(count)]
        return catalogue.queries([uris[place].to_list() for place in places], names)

    first = queries(1, 0)
    for ranker in rankers.values():
        best_tracks(ranker, first, 500)
    loading = time.process_time() - started
    asked = queries(ASKED, 1)
    times = {
        name: seconds(lambda ranker=ranker: best_tracks(ranker, asked, 500)) / ASKED
        for name, ranker in rankers.items()
    }
    counts = {
        "playlists": catalogue.num_playlists,
        "tracks": catalogue.num_tracks,
        "candidates": catalogue.num_candidates,
        "outside": int((catalogue.core[: catalogue.num_candidates] < 0).sum()),
        "edges": len(catalogue.cols),
    }
    return {"seconds": loading, "seconds_per_playlist": times, "counts": counts}


def measure(folder: Path, slices: int, options: argparse.Namespace) -> dict:
    data = folder / str(slices)
    if len(sources(data)["edges"]) < SIZES[slices].batches:
        write_batches(data, SIZES[slices])
    run = data / "run"
    if not (run / "scorer.safetensors").is_file():
        _in_process("prepare", run, options)
    found = {stage: _in_process(stage, run, options) for stage in STAGES}
    return {"slices": slices, "min_degree": options.min_degree} | found


def _in_process(stage: str, folder: Path, options: argparse.Namespace) -> dict:
    command = [sys.executable, __file__, folder, "--child", stage]
    command += ["--min-degree", options.min_degree]
    done = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", nargs="+", type=int, choices=SIZES, default=list(SIZES))
    parser.add_argument("--min-degree", type=int, default=10)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", choices=["prepare", *STAGES], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        torch.set_num_threads(1)
        stages = {
            "prepare": lambda: prepare(options.folder),
            "build": lambda: build(options.folder, options.min_degree),
            "extend": lambda: extend(options.folder),
            "answer": lambda: answer(options.folder),
        }
        print(json.dumps(stages[options.child]() | {"peak_bytes": peak_memory("cpu")}))
        return
    results = {"sizes": []}
    for slices in options.slices:
        results["sizes"].append(measure(options.folder, slices, options))
        print(json.dumps(results["sizes"][-1]), file=sys.stderr, flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
