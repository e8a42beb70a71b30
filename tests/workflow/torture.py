"""Kills the smallest run that has every stage at random moments, finishes it, and compares all results.

`python tests/workflow/torture.py --kills 100 --json results/torture.json`, or `make torture`. Each time a
fresh copy is started, its whole process group gets SIGKILL at a moment drawn uniformly from the time that
an undisturbed run takes, and the run is finished as the README says: `snakemake --unlock`, then the same
command. `--in-a-run 4` kills each run four times on its way, which takes a quarter of the time.

Compared are all files of the results folder but TIMED, which hold times. At the kill each file under its
final name must have the undisturbed run's bytes already; at the end all do.
"""

import argparse
import compileall
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
from snakemake_forks import started
from tiny_workflow import Workflow, copy_workflow

# Every rule of the default run, once or twice; but plot_alpha, which wants four models.
SMALL = {
    "threads": 1,
    "sweep": {"conv": ["lgc", "sage"], "sampler": ["random"], "alpha": ["learnable"]},
    "data": {
        "slices": 2,
        "slices_per_job": 1,
        "sample": {"playlists_per_slice": 40, "mean_tracks": 20, "tracks": 200, "genres": 3},
    },
    "graph": {"k_core": 3},
    "model": {"dim": 8},
    "train": {"epochs": 4, "recall_every": 2, "recall_k": 20, "snapshot_every": None},
    "evaluate": {"k": [5, 20]},
    "drawing": {"nodes": 100, "edges": 200},
    "maps": {"sampler": ["random"], "alpha": ["learnable"], "neighbours": 5},
    "recommend": {"playlists": 3, "n": 5},
    "checkpoints": {"epochs": 1},
}
TIMED = ("logs/", "benchmarks/", "report/run.html", "report.html")  # hold times


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed: what all are held to."""

    command: list[str]
    files: dict[str, bytes]
    seconds: float
    rules: list[str]

    @classmethod
    def of(cls, workflow: Workflow, command: list[str], seconds: float) -> "Undisturbed":
        results = workflow.folder / "results"
        rules = sorted(path.name.split(".")[0] for path in (results / "benchmarks").iterdir())
        return cls(command, contents(results), seconds, rules)


@dataclass(frozen=True)
class Kill:
    """One kill; times in seconds."""

    at: float  # since the run was started, or started again
    running: list[str]  # rules
    finished: int  # files that were there
    damaged: list[str]  # files that were not whole


@dataclass(frozen=True)
class Run:
    """A run that was killed, and finished after the last kill."""

    kills: list[Kill]
    rest: float  # seconds until everything was made
    different: list[str]  # files that differ at the end, are missing or left over

    @property
    def faults(self) -> list[str]:
        return [*(name for kill in self.kills for name in kill.damaged), *self.different]


def fresh_copy(folder: Path, **files: dict) -> Workflow:
    """A copy of the workflow in the new ``folder``, its library compiled, with configurations by name."""
    folder.mkdir()
    workflow = copy_workflow(folder)
    for name, config in files.items():
        workflow.write_config(f"{name}.yaml", config)
    compileall.compile_dir(folder / "workflow/scripts", quiet=1)
    return workflow


def undisturbed_run(fresh: Workflow, folder: Path, command: list[str]) -> Undisturbed:
    workflow = Workflow(shutil.copytree(fresh.folder, folder))
    before = time.perf_counter()
    must_succeed(workflow.run(*command))
    return Undisturbed.of(workflow, command, time.perf_counter() - before)


def torture(
    fresh: Workflow, folder: Path, expected: Undisturbed, *, kills: int, in_a_run: int, seed: int, say=print
) -> dict:
    """Kills copies of ``fresh`` in the new ``folder``, ``in_a_run`` times each, until there are ``kills``;
    returns what happened, as JSON-able values."""
    say(f"undisturbed: {expected.seconds:.1f} s, {len(expected.files)} files, {len(expected.rules)} rules")
    rng, runs, left = np.random.default_rng(seed), [], kills
    while left:
        number = min(in_a_run, left)
        # On average the kills part the whole time into equal pieces.
        waits = rng.uniform(0, expected.seconds * 2 / (number + 1), number)
        shutil.rmtree(folder, ignore_errors=True)
        run = kill_and_finish(Workflow(shutil.copytree(fresh.folder, folder)), waits, expected)
        left -= len(run.kills)
        runs.append(run)
        where = "; ".join(
            f"{kill.at:.1f} s in {', '.join(kill.running) or 'no script'}" for kill in run.kills
        )
        state = f"DIFFERS: {run.faults}" if run.faults else "equal"
        say(
            f"{kills - left}/{kills}  killed at {where or 'no moment'}; finished in {run.rest:.1f} s; {state}"
        )
    hits = Counter(rule for run in runs for kill in run.kills for rule in kill.running)
    return {
        "kills": kills,
        "seed": seed,
        "equal": sum(len(run.kills) for run in runs if not run.faults),
        "files": len(expected.files),
        "undisturbed_seconds": expected.seconds,
        "median_rest_seconds": statistics.median(run.rest for run in runs),
        "kills_by_rule": {rule: hits[rule] for rule in expected.rules},
        "kills_between_scripts": sum(not kill.running for run in runs for kill in run.kills),
        "runs": [asdict(run) for run in runs],
    }


def kill_and_finish(workflow: Workflow, waits: Iterable[float], expected: Undisturbed) -> Run:
    """Starts a run and kills it after the first of ``waits`` seconds, goes on with it, kills it after the
    second, and so on; then lets it finish. A run that ends before it was to be killed has fewer kills."""
    results, kills = workflow.folder / "results", []
    for seconds in waits:
        group = started(workflow.folder, expected.command, seconds=900)
        try:
            until = time.monotonic() + seconds
            while not (over := ended(group)) and time.monotonic() < until:
                time.sleep(0.01)
            running = scripts_of(group)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        if over:
            break
        wait_until_gone(group)
        there = {name: data for name, data in contents(results).items() if not hidden(name)}
        damaged = [name for name, data in there.items() if data != expected.files.get(name, data)]
        kills.append(Kill(float(seconds), running, len(there), damaged))
        must_succeed(workflow.run("--unlock"))
    before = time.perf_counter()
    must_succeed(workflow.run(*expected.command))
    return Run(kills, time.perf_counter() - before, differences(expected.files, contents(results)))


def contents(results: Path) -> dict[str, bytes]:
    """What is compared, by path within ``results``."""
    paths = {path.relative_to(results).as_posix(): path for path in results.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in paths.items() if not name.startswith(TIMED)}


def differences(expected: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


def hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def ended(process: int) -> bool:
    return psutil.Process(process).status() == psutil.STATUS_ZOMBIE  # nobody waits for it


def commands(group: int) -> list[list[str]]:
    """The command lines of the processes of a group that have not ended."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        with suppress(ProcessLookupError):
            if os.getpgid(process.pid) == group and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process.info["cmdline"] or [])
    return found


def scripts_of(group: int) -> list[str]:
    """The rules whose scripts run: Snakemake copies a script to `.snakemake/scripts/tmp....<rule>.py`."""
    words = [word for command in commands(group) for word in command if "/.snakemake/scripts/" in word]
    return sorted({Path(word).name.split(".")[1] for word in words})


def wait_until_gone(group: int) -> None:
    while commands(group):
        time.sleep(0.01)


def must_succeed(done: subprocess.CompletedProcess) -> None:
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--in-a-run", type=int, default=1, help="how many of the kills a run gets")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to write what happened")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="segue torture ") as name:
        folder = Path(name)
        fresh = fresh_copy(folder / "fresh", small=SMALL)
        command = ["--cores", "2", "--configfile", "small.yaml"]
        report = torture(
            fresh,
            folder / "run",
            undisturbed_run(fresh, folder / "undisturbed", command),
            kills=arguments.kills,
            in_a_run=arguments.in_a_run,
            seed=arguments.seed,
            say=lambda line: print(line, flush=True),
        )
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    print(f"{report['equal']} of {report['kills']} equal an undisturbed run. Kills by rule:")
    for rule, count in report["kills_by_rule"].items():
        print(f"  {rule:26}{count:4}")
    print(f"  {'none: between scripts':26}{report['kills_between_scripts']:4}")
    sys.exit(report["equal"] != report["kills"])


if __name__ == "__main__":
    main()
