"""Measures what each channel of a second stage costs.

PYTHONPATH=workflow/scripts python benchmarks/channels.py RESULTS [--playlists 200] [--json FILE]
RESULTS is the folder of a run of config/challenge.yaml with a second stage, such as results/challenge.
Playlists of its validation set, as many of each category, are scored in blocks of 50 and one by one, on one
thread, each channel with the neighbours already found; what finds them for all is a row of its own.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import torch

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.challenge.validation import read_validation
from segue.channels.table import CHANNELS
from segue.files import write_json
from segue.rerank.features import Features
from segue.serve.rankers import load_joint
from segue.serve.reranking import load_reranker

BLOCKS = {"block": 50, "alone": 1}  # playlists scored at a time
NEIGHBOURS = "neighbours"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="folder of a run")
    parser.add_argument("--playlists", type=int, default=200, help="of the validation set")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    results = measure(arguments.results, arguments.playlists)
    print(pl.DataFrame(results["rows"]))
    if arguments.json:
        write_json(arguments.json, results)


def measure(folder: Path, playlists: int) -> dict:
    """``rows``: milliseconds a playlist of each channel, in blocks and alone."""
    catalogue = Catalogue(folder / "catalogue")
    features = load_reranker(folder, load_joint(folder, catalogue)).features
    files = (folder / f"challenge/validation/{name}" for name in ("challenge_set.json", "answers.parquet"))
    queries = spread(read_validation(catalogue, *files).queries, playlists)
    spent: dict[str, dict[str, float]] = {}
    for kind, size in BLOCKS.items():
        for start in range(0, len(queries), size):
            for name, took in costs(features, queries.block(start, start + size)):
                of = spent.setdefault(name, dict.fromkeys(BLOCKS, 0.0))
                of[kind] += 1000 * took / len(queries)
    labels = {name: about.label for name, about in CHANNELS.items()} | {NEIGHBOURS: "Neighbours of all kinds"}
    rows = [{"channel": labels.get(name, name), **of} for name, of in spent.items()]
    sizes = catalogue.num_playlists, catalogue.num_candidates, features.candidates
    return {**dict(zip(("playlists", "tracks", "candidates"), sizes, strict=True)), "rows": rows}


def spread(queries: Queries, number: int) -> Queries:
    """About ``number`` of them, evenly."""
    every = list(queries)[:: max(1, len(queries) // number)]
    return Queries.of([tracks for tracks, _ in every], [title for _, title in every], queries.num_tracks)


def seconds(function: Callable[[], object]) -> float:
    """Of the processor, which other programs do not change as much as the clock's."""
    started = time.process_time()
    function()
    return time.process_time() - started


def costs(features: Features, queries: Queries) -> Iterator[tuple[str, float]]:
    """``seconds`` of each channel for ``queries``, those of pairs for candidates that ``all`` picks."""
    said: dict[str, np.ndarray] = {}

    def kept(name: str, score: Callable[[Queries], np.ndarray]) -> None:
        said[name] = score(queries)

    witnesses = features.dense[0].witnesses
    yield NEIGHBOURS, seconds(lambda: witnesses.of(queries))
    for channel in features.dense:
        yield channel.name, seconds(lambda channel=channel: kept(channel.name, channel.scores))
    order = np.argpartition(-said["all"], features.candidates, axis=1)[:, : features.candidates]
    found = {name: np.take_along_axis(scores, order, 1) for name, scores in said.items()}
    for pair in features.pairs:
        name = pair.names[0].split("/")[0]
        yield name, seconds(lambda pair=pair: pair.values(queries, order, found))


if __name__ == "__main__":
    main()
