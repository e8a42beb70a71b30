"""Kills the smallest run that has every stage at random moments, finishes it, and compares all results.

`python tests/workflow/torture.py --kills 100 --json results/torture.json`, or `make torture`. Each time a
fresh copy is started, its whole process group gets SIGKILL at a moment drawn uniformly from the time that
an undisturbed run takes, and the run is finished as the README says: `snakemake --unlock`, then the same
command.

Compared are all files of the results folder but logs, benchmarks and report/run.html, which hold times. At
the kill each file under its final name must have the undisturbed run's bytes already; at the end all do.
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
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
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
COMMAND = ["--cores", "2", "--configfile", "small.yaml"]
TIMED = ("logs/", "benchmarks/", "report/run.html")  # hold times


@dataclass(frozen=True)
class Kill:
    """One run that was killed and finished; times in seconds."""

    at: float
    running: list[str]  # rules
    finished: int  # files that were there
    rest: float  # until everything was made
    damaged: list[str]  # files that were not whole at the kill
    different: list[str]  # files that differ at the end, are missing or left over


def torture(folder: Path, kills: int, seed: int, say=print) -> dict:
    """Kills ``kills`` runs in ``folder``; returns what happened, as JSON-able values."""
    (folder / "fresh").mkdir()
    fresh = copy_workflow(folder / "fresh")
    fresh.write_config("small.yaml", SMALL)
    compileall.compile_dir(fresh.folder / "workflow/scripts", quiet=1)
    undisturbed = Workflow(shutil.copytree(fresh.folder, folder / "undisturbed"))
    started = time.perf_counter()
    must_succeed(undisturbed.run(*COMMAND))
    duration = time.perf_counter() - started
    results = undisturbed.folder / "results"
    expected = contents(results)
    rules = sorted(path.name.split(".")[0] for path in (results / "benchmarks").iterdir())
    say(f"undisturbed: {duration:.1f} s, {len(expected)} files compared, {len(rules)} rules")

    rng, done = np.random.default_rng(seed), []
    while len(done) < kills:
        kill = kill_once(folder, rng.uniform(0, duration), expected)
        if isinstance(kill, float):
            duration = kill
            say(f"finished in {duration:.1f} s, before it was to be killed: an earlier moment is drawn")
            continue
        done.append(kill)
        state = "equal" if not kill.damaged + kill.different else f"DIFFERS: {kill.damaged + kill.different}"
        where = ", ".join(kill.running) or "no script"
        say(
            f"{len(done)}/{kills}  killed at {kill.at:.1f} s in {where}; "
            f"finished in {kill.rest:.1f} s; {state}"
        )
    hits = Counter(rule for kill in done for rule in kill.running)
    return {
        "kills": kills,
        "seed": seed,
        "equal": sum(not kill.damaged + kill.different for kill in done),
        "files": len(expected),
        "undisturbed_seconds": duration,
        "median_rest_seconds": statistics.median(kill.rest for kill in done),
        "kills_by_rule": {rule: hits[rule] for rule in rules},
        "kills_between_scripts": sum(not kill.running for kill in done),
        "runs": [asdict(kill) for kill in done],
    }


def kill_once(folder: Path, at: float, expected: dict[str, bytes]) -> Kill | float:
    """Kills a run after ``at`` seconds, and finishes it; where it ends before, returns the time it took."""
    shutil.rmtree(folder / "run", ignore_errors=True)
    workflow = Workflow(shutil.copytree(folder / "fresh", folder / "run"))
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "snakemake", *COMMAND],
        cwd=workflow.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(at)
        return time.perf_counter() - started
    except subprocess.TimeoutExpired:
        running = scripts_of(process.pid)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    wait_until_gone(process.pid)
    results = workflow.folder / "results"
    there = {name: data for name, data in contents(results).items() if not hidden(name)}
    damaged = [name for name, data in there.items() if data != expected.get(name, data)]
    started = time.perf_counter()
    must_succeed(workflow.run("--unlock"))
    must_succeed(workflow.run(*COMMAND))
    rest = time.perf_counter() - started
    return Kill(at, running, len(there), rest, damaged, differences(expected, workflow))


def contents(results: Path) -> dict[str, bytes]:
    """What is compared, by path within ``results``."""
    paths = {path.relative_to(results).as_posix(): path for path in results.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in paths.items() if not name.startswith(TIMED)}


def differences(expected: dict[str, bytes], workflow: Workflow) -> list[str]:
    found = contents(workflow.folder / "results")
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


def hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


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
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to write what happened")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="segue torture ") as folder:
        report = torture(Path(folder), arguments.kills, arguments.seed, lambda line: print(line, flush=True))
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
