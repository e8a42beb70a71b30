"""Runs of the tiny workflow on a SLURM, and a switch to interrupt them in training."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from throwaway_slurm import Slurm
from tiny_workflow import TINY, Workflow

# What a cluster without accounting needs, and a poll that does not wait for long.
TEST_ONLY = [
    *("--slurm-status-command", "squeue"),
    *("--slurm-init-seconds-before-status-checks", "2"),
    *("--latency-wait", "10"),
]
# Four models, one stage after the other.
SWEEP = {
    "sweep": {
        "conv": ["lgc"],
        "sampler": ["random", "hard"],
        "alpha": ["fixed", "learnable"],
        "models": [],
    },
    "baselines": {"names": ["popularity", "knn", "als", "ease"]},
}
# Python reads it at its start. Training waits in its first line for as long as the file `hold` is there, and
# says so in a file named after its job: a fault can be timed with no change to config or code.
HOLDING = """\
import os, sys, time
from pathlib import Path

if sys.orig_argv[-1].endswith("train_model.py"):
    folder = Path(__file__).parent
    while (folder / "hold").exists():
        (folder / f"held-{os.environ['SLURM_JOB_ID']}").touch()
        time.sleep(0.1)
"""


@dataclass(frozen=True)
class Cluster:
    """A copy of the workflow whose jobs go to a SLURM, and the switch that holds trainings."""

    workflow: Workflow
    slurm: Slurm
    switch: Path

    @contextmanager
    def begin(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Starts snakemake with profiles/slurm on the tiny configuration; it does not outlive the block."""
        config = self.workflow.write_config("tiny.yaml", TINY | SWEEP)
        command = ["--profile", "profiles/slurm", "--configfile", config, *TEST_ONLY, *arguments]
        with subprocess.Popen(
            [sys.executable, "-m", "snakemake", *command],
            cwd=self.workflow.folder,
            env=self.slurm.environment | {"PYTHONPATH": str(self.switch)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit status and output of snakemake."""
        with self.begin(*arguments) as process:
            return end_of(process)

    def hold(self) -> None:
        (self.switch / "hold").touch()

    def release(self) -> None:
        (self.switch / "hold").unlink()

    def held(self) -> list[int]:
        """The numbers of the jobs that wait in training, or have waited."""
        return [int(path.name.removeprefix("held-")) for path in self.switch.glob("held-*")]


def end_of(process: subprocess.Popen[str], seconds: float = 600) -> tuple[int, str]:
    """Exit status and output of a process that ends in time."""
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"snakemake took more than {seconds:g} s:\n{process.communicate()[0]}")
    return process.returncode, output
