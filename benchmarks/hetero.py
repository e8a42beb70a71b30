"""Times training epochs with artists and albums against the same without, and against PyG's HeteroConv.

    PYTHONPATH=workflow/scripts python benchmarks/hetero.py [--convs lgc sage gat] [--nodes mpd]
        [--scale 1.0] [--repeats 5] [--cpu-time] [--threads 2] [--json FILE]

The graph and the epoch are those of epoch.py: BPR with new random negatives, forward, backward, and a step of
Adam; and Segue's with hard negatives and with the softmax. ``--nodes mpd``: as many artists and albums for
each track as the MPD has; ``core``: as many as the 30-core of 50 slices of the sample has with two of its
tracks or more. Each track is on an album by an artist. All sides take turns in one process; a ratio is the
median of the turns' ratios. ``--cpu-time``: CPU seconds instead of those of the clock, for a machine that
does other things too; with ``--threads 1``. GAT is not run on HeteroConv, where it takes some 20 GB.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median

import torch

import plain_hetero
from epoch import LR, SETTINGS
from measuring import seconds
from segue.graph.relations import Relations
from segue.graph.split import Split
from segue.nn.hetero_encoder import build_encoder
from segue.nn.hetero_graph import HeteroGraph
from segue.nn.pattern import Graph
from segue.train.epochs import step
from segue.train.graphs import Stage, embed
from segue.train.objectives import build_objective
from synthetic import MPD_ALBUMS, MPD_ARTISTS, synthetic_relations, synthetic_split

CPU = torch.device("cpu")
SAMPLERS = {
    "random": {"avoid_known": True},
    "hard": {"min_fraction": 0.3, "refresh_every": 5},
    "softmax": {"tracks": 2048, "beta": 0.5, "temperature": 0.3, "prior": 0.5, "norm_power": [0.5]},
}
CORE = {"artist": 1_457, "album": 2_194}
FIXED = {
    "kinds": ["artist", "album"],
    "aggregate": "sum",
    "strength": 1.0,
    "weights": "fixed",
    "degrees": "all",
}

PLAIN = ("lgc", "sage")

Epoch = Callable[[], float]
Clock = Callable[[Epoch], float]


def relations_of(split: Split, nodes: str, scale: float) -> Relations:
    """Artists and albums for the tracks of ``split``, as many as ``--nodes`` says."""
    counts = CORE if nodes == "core" else {"artist": 12_247 * MPD_ARTISTS, "album": 12_247 * MPD_ALBUMS}
    artists, albums = (round(scale * count) for count in counts.values())
    return synthetic_relations(split.num_tracks, artists, albums)


def segue_epoch(
    conv: str, split: Split, relations: Relations | None, sampler: str = "random", settings: dict = FIXED
) -> Epoch:
    """A function that trains Segue's model for one more epoch and returns its loss."""
    generator = torch.Generator().manual_seed(0)
    shape = split.train, split.num_playlists, split.num_tracks
    graph = Graph(*shape) if relations is None else HeteroGraph(*shape, relations)
    own = settings if relations else None
    model = build_encoder(conv, graph.num_nodes, relations=own, generator=generator, **SETTINGS[conv])
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=True)
    objective = build_objective(
        Stage(graph, graph.playlists, graph.playlists),
        sampler=sampler,
        loss="softmax" if sampler == "softmax" else "bpr",
        l2=0.0,
        settings=SAMPLERS[sampler],
        epochs=100,
        block_mb=16,
        generator=generator,
    )
    done = 0

    def epoch() -> float:
        nonlocal done
        objective.draw(done, lambda: embed(model, graph), generator)
        done += 1
        return step(model, optimizer, graph, objective, generator)

    return epoch


def plain_epoch(conv: str, split: Split, relations: Relations) -> Epoch:
    """The same as a PyG user writes it."""
    edges = plain_hetero.both_ways(split.train, relations.edges)
    counts = {"playlist": split.num_playlists, "track": split.num_tracks, **relations.num_nodes}
    settings = dict(SETTINGS[conv])
    shape = {"dim": settings["dim"], "layers": settings.pop("layers")}
    degrees = "all" if conv == "lgc" else None
    model = plain_hetero.PlainHetero(
        lambda: plain_hetero.layer(conv, **settings), counts, list(edges), degrees=degrees, **shape
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)

    def epoch() -> float:
        negatives = torch.randint(split.num_tracks, (split.train.size(1),))
        return plain_hetero.step(model, optimizer, edges, split.train, negatives)

    return epoch


def race(epochs: dict[str, Epoch], repeats: int, clock: Clock) -> list[dict[str, float]]:
    """Seconds of each side in each turn, after a first one that does not count."""
    return [{side: clock(epoch) for side, epoch in epochs.items()} for _ in range(repeats + 1)][1:]


def cpu_seconds(function: Callable[[], object]) -> float:
    started = time.process_time()
    function()
    return time.process_time() - started


def measure(scale: float, convs: list[str], nodes: str, repeats: int, clock: Clock) -> dict:
    """All figures, printed as they come."""
    split = synthetic_split(scale)
    relations = relations_of(split, nodes, scale)
    results: dict = {
        "train_edges": split.train.size(1),
        **relations.num_nodes,
        "relation_edges": sum(edges.size(1) for edges in relations.edges.values()),
        "epoch": {},
    }
    print("  ".join(f"{name} {value:,}" for name, value in results.items() if name != "epoch"))
    for conv in convs:
        epochs = {"bipartite": segue_epoch(conv, split, None), "both": segue_epoch(conv, split, relations)}
        if conv in PLAIN:
            epochs["plain"] = plain_epoch(conv, split, relations)
        turns = race(epochs, repeats, clock)
        found = {f"{side}_seconds": median(turn[side] for turn in turns) for side in epochs}
        found["ratio"] = median(turn["both"] / turn["bipartite"] for turn in turns)
        if conv in PLAIN:
            found["faster"] = median(turn["plain"] / turn["both"] for turn in turns)
        for sampler in ("hard", "softmax"):
            sides = {"bipartite": None, "both": relations}
            epochs = {side: segue_epoch(conv, split, own, sampler) for side, own in sides.items()}
            # Hard negatives are drawn for as many epochs at once: one of the turns draws, and counts.
            turns = race(epochs, SAMPLERS["hard"]["refresh_every"], clock)
            for side in sides:
                found[f"{sampler}_{side}_seconds"] = mean(turn[side] for turn in turns)
        results["epoch"][conv] = found
        print(conv, "  ".join(f"{name} {value:.4g}" for name, value in found.items()), flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="of all counts")
    parser.add_argument("--convs", nargs="+", choices=SETTINGS, default=["lgc", "sage", "gat"])
    parser.add_argument("--nodes", choices=["mpd", "core"], default="mpd")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cpu-time", action="store_true")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clock = cpu_seconds if options.cpu_time else seconds
    results = measure(options.scale, options.convs, options.nodes, options.repeats, clock)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
