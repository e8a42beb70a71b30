"""How much of a run's time is spent outside its scripts: from Snakemake's log and the rules' benchmarks.

`python benchmarks/overhead.py`, after a run that made everything, such as `make demo` in a fresh folder. A
script's own work is the wall time of its process, start-up and imports included, times its threads. What is
left of the wall time times the cores is Snakemake's: its start, its scheduling, and cores that no job was
ready for.
"""

import argparse
import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import polars as pl
import yaml

STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d{6}\.\d+)\.snakemake\.log")


def wall_seconds(log: Path) -> float:
    """From the time in the log's name to its last line."""
    started = datetime.strptime(STAMP.fullmatch(log.name)[1], "%Y-%m-%dT%H%M%S.%f").astimezone()
    return log.stat().st_mtime - started.timestamp()


def job_table(benchmarks: Path) -> pl.DataFrame:
    """rule, seconds: a row for each job that has a benchmark in the folder."""
    paths = sorted(benchmarks.rglob("*.tsv"))
    return pl.DataFrame(
        {
            "rule": [path.relative_to(benchmarks).parts[0].removesuffix(".tsv") for path in paths],
            "seconds": [pl.read_csv(path, separator="\t")["s"][-1] for path in paths],
        }
    )


def overhead(log: Path, benchmarks: Path, threads: dict[str, int]) -> tuple[dict[str, float], pl.DataFrame]:
    """The run's figures and those of each rule, the longest first; ``threads`` of rules that have several."""
    text = log.read_text(encoding="utf-8")
    finished = Counter(re.findall(r"Finished jobid: \d+ \(Rule: (\w+)\)", text))
    del finished["all"]
    cores = int(re.search(r"Provided cores: (\d+)", text)[1])
    rules = (
        job_table(benchmarks)
        .group_by("rule")
        .agg(pl.len().alias("jobs"), pl.col("seconds").sum())
        .with_columns(threads=pl.col("rule").replace_strict(threads, default=1).clip(upper_bound=cores))
        .with_columns(core_seconds=pl.col("seconds") * pl.col("threads"))
        .sort("core_seconds", descending=True)
    )
    if dict(rules.select("rule", "jobs").iter_rows()) != finished:
        raise SystemExit(f"{log} is not of a run that made all that {benchmarks} has: run in a fresh folder")
    wall, work = wall_seconds(log), rules["core_seconds"].sum()
    figures = {"wall_seconds": wall, "cores": cores, "jobs": sum(finished.values()), "core_seconds": work}
    return figures | {"outside": 1 - work / (wall * cores)}, rules


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path(), help="working directory of the run")
    parser.add_argument("--log", type=Path, help="of Snakemake; the newest unless named")
    parser.add_argument("--threads", type=int, help="of the run, where they are not config/config.yaml's")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    log = arguments.log or max((arguments.folder / ".snakemake/log").glob("*.log"))
    config = yaml.safe_load((arguments.folder / "config/config.yaml").read_text())
    threads = {"train_model": arguments.threads or config["threads"]}
    figures, rules = overhead(log, arguments.folder / "results/benchmarks", threads)
    print("| rule | jobs | wall s a job | core s |\n|---|---|---|---|")
    for row in rules.iter_rows(named=True):
        mean = row["seconds"] / row["jobs"]
        print(f"| {row['rule']} | {row['jobs']} | {mean:.1f} | {row['core_seconds']:.1f} |")
    print(
        f"\n{figures['jobs']} jobs in {figures['wall_seconds']:.0f} s on {figures['cores']} cores: "
        f"{figures['outside']:.0%} of the cores' time outside the scripts"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(figures | {"rules": rules.to_dicts()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
