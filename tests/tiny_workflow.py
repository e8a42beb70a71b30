"""A copy of the workflow in a folder of its own, and the configuration of a tiny run."""

import re
import shutil
from dataclasses import dataclass
from itertools import accumulate, product
from pathlib import Path

import yaml
from sizes import quick_or_long
from snakemake_forks import forked

ROOT = Path(__file__).parents[1]
PARTS = ("Snakefile", "config", "workflow", "profiles", "envs")

# Every stage, seconds a job. Each convolution with either alpha, all with hard negatives; random ones has the
# model in TARGETS. `make test-all` has all twelve models.
TINY = {
    "threads": 1,
    "sweep": {
        "conv": ["lgc", "gat", "sage"],
        "sampler": quick_or_long(["hard"], ["random", "hard"]),
        "alpha": ["fixed", "learnable"],
        "models": [],
    },
    "data": {
        "slices": 3,
        "slices_per_job": 2,
        "sample": {"playlists_per_slice": 60, "mean_tracks": 30, "tracks": 400, "genres": 4},
    },
    "graph": {"k_core": 3},
    "model": {"dim": 8, "gat": {"heads": 2}},
    "negatives": {"hard": {"refresh_every": 2}},
    "train": {"epochs": 4, "recall_every": 2, "recall_k": 20},
    "evaluate": {"k": [5, 20]},
}
SWEPT = ["-".join(parts) for parts in product(*(TINY["sweep"][key] for key in ("conv", "sampler", "alpha")))]
TARGETS = ["all", "results/metrics/lgc-random-fixed.json"]


@dataclass(frozen=True)
class Workflow:
    """A working directory with its own copy of the workflow."""

    folder: Path

    def snakemake(self, *arguments, config=None, cores=2):
        """Runs snakemake on the tiny configuration with ``config`` on top; returns the finished process."""
        files = [self.write_config("tiny.yaml", TINY)]
        if config:
            files.append(self.write_config("override.yaml", config))
        return self.run("--cores", str(cores), *arguments, "--configfile", *files)

    def run(self, *arguments):
        """Runs snakemake as a user does, in the folder, with nothing but ``arguments``."""
        return forked(self.folder, [str(argument) for argument in arguments], seconds=900)

    def write_config(self, name, config):
        path, text = self.folder / name, yaml.safe_dump(config, sort_keys=False)
        # The finished run is read by several processes: what is there already stays untouched.
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
        return name

    def stale_rules(self, *targets, config=None):
        """The rules that a dry run lists, without `all`."""
        done = self.snakemake("--dry-run", *targets, config=config)
        assert done.returncode == 0, done.stderr
        return set(planned_jobs(done.stdout + done.stderr)) - {"all", "total"}


def planned_jobs(output):
    """Jobs of each rule in the table that snakemake prints first; none where there is nothing to do."""
    if "Nothing to be done" in output:
        return {}
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", output, re.M)}


def copy_workflow(folder):
    for part in PARTS:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return Workflow(folder)


def trained_at_once(log, number):
    """How many models of ``number`` a run with Snakemake's output ``log`` trained at once, at most."""
    events = re.findall(r"^Job \d+: (Training) |^Finished jobid: \d+ \(Rule: (train_model)\)", log, re.M)
    changes = [1 if started else -1 for started, _ in events]
    assert (sum(changes), len(changes)) == (0, 2 * number)
    return max(accumulate(changes))
