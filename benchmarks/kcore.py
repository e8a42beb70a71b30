"""Times the way from the batches' tables to the split, and networkx's to the core.

    PYTHONPATH=workflow/scripts python benchmarks/kcore.py FOLDER
        [--slices 50 1000] [--k 30] [--repeats 3] [--json FILE]

Each size's tables are made in FOLDER (``graph_data.py``; 1,000 slices take 1.3 GB) unless they stand there.
Segue runs in a process of its own each time, whose peak memory is the peak resident size of all of it. The
times are medians over the processes; 1,000 slices run once. networkx runs once, on the tables of 50 slices:
it reads the same files, builds a ``Graph`` and takes ``k_core``, and its core is held against Segue's.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from graph_data import SIZES, write_batches
from measuring import peak_memory

TABLES = ("edges", "playlists", "tracks")
COMPARED = 50  # slices that networkx is timed on


def sources(folder: Path) -> dict[str, list[str]]:
    batches = sorted(
        (path.parent for path in folder.glob("*/edges.parquet")), key=lambda path: int(path.name)
    )
    return {name: [str(batch / f"{name}.parquet") for batch in batches] for name in TABLES}


def segue(folder: Path, k: int) -> dict:
    """Seconds of each stage, counts and peak memory; the split is of the written edges, 70/15/15."""
    import polars as pl

    from segue.data.quarantine import SCHEMA
    from segue.graph.kcore import core_degrees, corenesses, degree_table, degrees, graph_stats, ladder
    from segue.graph.merge import merge
    from segue.graph.tables import core_tables
    from split_edges import split_graph

    files = sources(folder)
    clock = _Clock()
    merged = merge(*files.values(), pl.DataFrame(schema=SCHEMA))
    edges, shape = (merged.playlist, merged.track), (merged.playlists.height, len(merged.first_row))
    clock.stop("merge")
    cores = corenesses(*edges, *shape)
    core = core_degrees(*edges, cores, k)
    clock.stop("k_core")
    steps = ladder(*edges, cores, k)
    whole = degrees(*edges, *shape)
    clock.stop("ladder")
    tables = core_tables(*files.values(), merged, core)
    clock.stop("ids")
    out = folder / "out"
    out.mkdir(exist_ok=True)
    for name in TABLES:
        getattr(tables, name).write_parquet(out / f"{name}.parquet", compression="zstd")
    degree_table(whole, core).write_parquet(out / "degrees.parquet", compression="zstd")
    steps.write_parquet(out / "ladder.parquet", compression="zstd")
    clock.stop("write")
    counts = {"before": graph_stats(whole), "after": graph_stats(core), "degeneracy": cores.degeneracy}
    del merged, edges, cores, core, whole, tables  # the split is a job of its own
    shares = {"train": 0.70, "validation": 0.15, "test": 0.15, "disjoint_train_ratio": 0.0}
    shares |= {"seed": 1, "raw_ids": False}
    clock = _Clock(clock.seconds)
    paths = (str(out / name) for name in ("edges.parquet", "playlists.parquet", "split.safetensors"))
    split_graph(*paths, shares, [300])
    clock.stop("split")
    for path in out.iterdir():
        path.unlink()
    return {"seconds": clock.seconds, "peak_bytes": peak_memory("cpu")} | counts


def networkx(folder: Path, k: int) -> dict:
    """Seconds of reading and building a Graph of pids and uris, and of its k-core."""
    import networkx as nx
    import polars as pl

    files = sources(folder)
    clock = _Clock()
    graph = nx.Graph()
    for edges, playlists, tracks in zip(*files.values(), strict=True):
        table = pl.read_parquet(edges, columns=["playlist", "track"])
        pids = pl.read_parquet(playlists, columns=["pid"])["pid"].gather(table["playlist"])
        uris = pl.read_parquet(tracks, columns=["track_uri"])["track_uri"].gather(table["track"])
        graph.add_edges_from(zip(pids.to_list(), uris.to_list(), strict=True))
    clock.stop("build")
    core = nx.k_core(graph, k)
    clock.stop("k_core")
    playlists = sum(isinstance(node, int) for node in core)
    counts = {"playlists": playlists, "tracks": len(core) - playlists, "edges": core.number_of_edges()}
    return {"seconds": clock.seconds, "peak_bytes": peak_memory("cpu"), "after": counts}


class _Clock:
    """Seconds by stage."""

    def __init__(self, seconds: dict[str, float] | None = None) -> None:
        self.seconds = {} if seconds is None else seconds
        self.started = time.perf_counter()

    def stop(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self.started
        self.started = now


def measure(folder: Path, slices: int, k: int, repeats: int) -> dict:
    """The figures of one size, and at COMPARED slices how much faster than networkx."""
    data = folder / str(slices)
    size = SIZES[slices]
    if len(sources(data)["edges"]) < size.batches:
        write_batches(data, size)
    turns = [_in_process("segue", data, k) for _ in range(repeats if slices == COMPARED else 1)]
    seconds = {name: median(turn["seconds"][name] for turn in turns) for name in turns[0]["seconds"]}
    result = turns[0] | {"slices": slices, "batches": size.batches, "k": k, "seconds": seconds}
    result["total_seconds"] = median(sum(turn["seconds"].values()) for turn in turns)
    result["peak_bytes"] = max(turn["peak_bytes"] for turn in turns)
    if slices == COMPARED:
        reference = _in_process("networkx", data, k)
        different = {name: n for name, n in reference["after"].items() if result["after"][name] != n}
        if different:
            sys.exit(f"networkx's core differs: {different}, Segue's: {result['after']}")
        core = median(turn["seconds"]["merge"] + turn["seconds"]["k_core"] for turn in turns)
        result |= {"networkx": reference, "merge_and_k_core_seconds": core}
        result["ratio"] = sum(reference["seconds"].values()) / core
    return result


def _in_process(what: str, folder: Path, k: int) -> dict:
    command = [sys.executable, __file__, str(folder), "--child", what, "--k", str(k)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", nargs="+", type=int, choices=SIZES, default=[COMPARED, 1_000])
    parser.add_argument("--k", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", choices=["segue", "networkx"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        function = {"segue": segue, "networkx": networkx}[options.child]
        print(json.dumps(function(options.folder, options.k)))
        return
    sizes = []
    for slices in options.slices:
        sizes.append(measure(options.folder, slices, options.k, options.repeats))
        print(json.dumps(sizes[-1], indent=2), flush=True)
    if options.json:
        options.json.write_text(json.dumps({"sizes": sizes}, indent=2) + "\n")


if __name__ == "__main__":
    main()
