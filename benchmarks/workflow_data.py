"""Times the data stages as users run them: Snakemake from nothing to the split, on the built-in sample.

    python benchmarks/workflow_data.py FOLDER [--slices 50] [--cores 2] [--json FILE]

One Snakemake call for each stage, start and all: making the slices, reading them (ten jobs at 50 slices), and
merge, k-core, ids and split. FOLDER receives the results (2 GB at 50 slices) and is emptied first. The peak
memory is the largest of the stage's jobs, by Snakemake's own benchmark files.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

from segue.data.slices import batches, sample_slices

ROOT = Path(__file__).parents[1]
SLICES_PER_JOB, CORE_K = 5, 30


def measure(folder: Path, slices: int, cores: int) -> dict:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    results = folder / "results"
    data = {"slices": slices, "slices_per_job": SLICES_PER_JOB}
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump({"results": str(results), "data": data, "graph": {"k_core": CORE_K}}))
    per_slice = yaml.safe_load((ROOT / "config/config.yaml").read_text())["data"]["sample"][
        "playlists_per_slice"
    ]
    paths = sample_slices(results / "sample", slices, per_slice)
    stages = {
        "make": (paths, "make_sample"),
        "read": (
            [results / "slices" / batch / "edges.parquet" for batch in batches(paths, SLICES_PER_JOB)],
            "parse_slices",
        ),
        "graph": ([results / "split/split.safetensors"], "build_kcore"),
    }
    measured = {"slices": slices, "cores": cores, "jobs": -(-slices // SLICES_PER_JOB)}
    for stage, (targets, rule) in stages.items():
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--cores",
            cores,
            "--configfile",
            config,
            "--",
            *targets,
        ]
        started = time.perf_counter()
        subprocess.run([str(part) for part in command], cwd=ROOT, check=True, capture_output=True)
        measured[stage] = {
            "seconds": time.perf_counter() - started,
            "peak_bytes": max(map(_peak, (results / "benchmarks").glob(f"{rule}*/*.tsv")), default=None)
            or _peak(results / "benchmarks" / f"{rule}.tsv"),
        }
        print(stage, measured[stage], flush=True)
    measured["stats"] = json.loads((results / "graph/stats.json").read_text())
    return measured


def _peak(path: Path) -> int:
    with path.open() as file:
        return int(max(float(row["max_rss"]) for row in csv.DictReader(file, delimiter="\t")) * 2**20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, default=50)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = measure(options.folder.resolve(), options.slices, options.cores)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
