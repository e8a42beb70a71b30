"""What a run was made with, and what it cost."""

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import polars as pl

from segue.data.provenance import VERSION
from segue.files import read_json
from segue.run.families import Families
from segue.run.labels import label

LEAST_MEMORY = 16.0  # MiB; Python alone holds more, so less was measured before it had started
PACKAGES = ("torch", "polars", "numpy", "matplotlib", "networkx", "umap-learn", "snakemake")


def settings_table(settings: dict[str, Any], prefix: str = "") -> pl.DataFrame:
    """key (its path, with points) and value (as JSON) of each leaf of nested ``settings``, in their order."""
    return pl.DataFrame([*_leaves(settings, prefix)], schema=["key", "value"], orient="row")


def _leaves(settings: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    rows = []
    for key, value in settings.items():
        if isinstance(value, dict) and value:
            rows += _leaves(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", json.dumps(value, ensure_ascii=False)))
    return rows


def versions_table() -> pl.DataFrame:
    """what and version of Segue, Python, PACKAGES and the machine; of a package that is not there: none."""
    rows = [("Segue", VERSION), ("Python", platform.python_version())]
    for name in PACKAGES:
        try:
            rows.append((name, version(name)))
        except PackageNotFoundError:  # a conda environment holds only what its rule needs
            rows.append((name, "not in this environment"))
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU cores"
    return pl.DataFrame([*rows, ("machine", machine)], schema=["what", "version"], orient="row")


def timings_table(jobs: Sequence[str], benchmarks: Sequence[str]) -> pl.DataFrame:
    """What the jobs of each rule took, the most time first.

    ``jobs``: rule, or rule/wildcards, of each job; ``benchmarks``: the table that Snakemake wrote of it.
    Returns rule, jobs, seconds (wall, their sum), longest (s), cpu (s, sum) and memory (MiB, the highest
    resident set), both null where all jobs were too short to be sampled.
    """
    tables = [
        pl.read_csv(path, separator="\t", null_values=["-", "NA"], infer_schema=False).select(
            pl.lit(job.split("/")[0]).alias("rule"),
            pl.col("s", "cpu_time", "max_rss").cast(pl.Float64),
        )
        for job, path in zip(jobs, benchmarks, strict=True)
    ]
    sampled = pl.col("max_rss") >= LEAST_MEMORY
    grouped = pl.concat(tables).group_by("rule", maintain_order=True)
    return grouped.agg(
        jobs=pl.len(),
        seconds=pl.col("s").sum(),
        longest=pl.col("s").max(),
        cpu=pl.when(sampled.any()).then(pl.col("cpu_time").filter(sampled).sum()),
        memory=pl.col("max_rss").filter(sampled).max(),
    ).sort("seconds", descending=True, maintain_order=True)


def times_in_all(times: pl.DataFrame) -> dict[str, Any]:
    """The last row of ``timings_table``: sums, of longest and memory the highest."""
    sums = {name: times[name].sum() for name in ("jobs", "seconds", "cpu")}
    return {"rule": "all of them"} | sums | {name: times[name].max() for name in ("longest", "memory")}


def run_counts(stats: str | Path, best: str | Path, families: Families | None = None) -> pl.DataFrame:
    """what and value: the graph before and after the core (stats.json), and the best model (best.json)."""
    graph = read_json(stats)
    chosen = read_json(best)
    rows = [
        (f"{name} {stage}", f"{graph[part][name]:,}")
        for part, stage in (("before", "read"), ("after", f"in the {graph['k_core']}-core"))
        for name in ("playlists", "tracks", "edges")
    ]
    recall = f"{label(chosen['model'], families)} ({chosen['validation_recall']:.3f})"
    rows.append((f"best model by validation Recall@{chosen['recall_k']}", recall))
    return pl.DataFrame(rows, schema=["what", "value"], orient="row")
