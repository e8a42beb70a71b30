"""What happens to a run around it: a full disk, a second run beside it, clocks that disagree."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

from tiny_workflow import Workflow

BLOCK = 4096  # bytes that tmpfs takes at a time


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_full_disk_spoils_nothing_and_the_run_goes_on_after_space_is_made(finished, tmp_path, small_disk):
    folder = tmp_path / "copy"
    shutil.copytree(finished.folder, folder, ignore=shutil.ignore_patterns("results"))
    used = sum(-(-len(data) // BLOCK) * BLOCK for data in contents(finished.folder / "results").values())
    (folder / "results").mkdir()
    disk = small_disk(used // 1024 + 300, folder / "results")
    shutil.copytree(finished.folder / "results", disk, dirs_exist_ok=True)
    workflow, model = Workflow(folder), disk / "models/sage-hard-learnable"
    others = {path: data for path, data in contents(disk).items() if path.parent != model}
    target, config = "results/models/sage-hard-learnable/history.parquet", {"model": {"dim": 512}}

    done = workflow.snakemake(target, config=config)
    assert done.returncode != 0
    assert "Error: The disk is full.\n  where: results/checkpoints/sage-hard-learnable/" in done.stderr
    assert "bytes free in " in done.stderr
    assert "next step: make space" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in model.iterdir()} == {"scorer.safetensors"}  # which another job made
    now = contents(disk)
    assert all(now[path] == data for path, data in others.items() if path.suffix not in (".log", ".tsv"))

    subprocess.run(["mount", "-o", "remount,size=256m", disk], check=True)  # noqa: S607
    done = workflow.snakemake(target, config=config)
    assert done.returncode == 0, done.stderr
    assert len(list(model.iterdir())) == 7
    assert workflow.stale_rules(target, config=config) == set()


def test_a_second_run_in_the_same_folder_says_so_and_changes_nothing(edited):
    target, config = "results/figures/subgraph.png", {"drawing": {"nodes": 60, "edges": 80}}
    files = ["--configfile", "tiny.yaml", edited.write_config("override.yaml", config)]
    first = subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "1", target, *files],
        cwd=edited.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        while not list(edited.folder.glob(".snakemake/locks/*")):
            assert first.poll() is None
            time.sleep(0.01)
        os.killpg(first.pid, signal.SIGSTOP)
        before = contents(edited.folder)
        second = edited.snakemake(target, config=config)
        after = contents(edited.folder)
    finally:
        os.killpg(first.pid, signal.SIGCONT)
    assert second.returncode != 0
    assert "Directory cannot be locked" in second.stderr
    logs = edited.folder / ".snakemake/log"
    assert {path: data for path, data in after.items() if path.parent != logs} == {
        path: data for path, data in before.items() if path.parent != logs
    }
    _, errors = first.communicate(timeout=120)
    assert first.returncode == 0, errors
    assert edited.stale_rules(target, config=config) == set()


def test_a_file_from_the_future_is_named_and_a_touch_helps(edited):
    """As a node writes it whose clock is ahead."""
    slices = shutil.copytree(edited.folder / "results/sample", edited.folder / "slices")
    ahead = time.time() + 3600
    os.utime(slices / "mpd.slice.60-119.json", (ahead, ahead))
    config = {"results": "own", "data": {"source": "directory", "dir": "slices"}}
    target = "own/slices/000/edges.parquet"
    done = edited.snakemake(target, config=config)
    assert done.returncode != 0
    assert "has older modification time" in done.stderr
    assert "than input slices/mpd.slice.60-119.json" in done.stderr
    assert "clock skew" in done.stderr
    (slices / "mpd.slice.60-119.json").touch()
    done = edited.snakemake(target, config=config)
    assert done.returncode == 0, done.stderr


def test_an_input_that_is_newer_by_seconds_but_the_same_makes_nothing_stale(edited):
    """Up to 1 MB, Snakemake compares contents; above, times alone."""
    stats, split = (
        edited.folder / f"results/{name}" for name in ("graph/stats.json", "split/split.safetensors")
    )
    ahead = time.time() + 5
    for path in (stats, split):
        assert path.stat().st_size < 10**6
        os.utime(path, (ahead, ahead))
    assert edited.stale_rules() == set()


def test_what_failed_and_why_is_all_that_the_logger_says(edited):
    """In a pipe; with the logger that `make` and `segue ... --make` take."""
    files = ["--configfile", "tiny.yaml", edited.write_config("override.yaml", {"graph": {"k_core": 99}})]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "snakemake",
            "--logger",
            "segue",
            "--cores",
            "1",
            "results/graph/stats.json",
            *files,
        ],
        cwd=edited.folder,
        env=os.environ | {"PYTHONPATH": "workflow/scripts", "TERM": "xterm"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    first, *lines, last = done.stderr.splitlines()
    assert first.startswith("Using workflow specific profile")
    assert re.fullmatch(r"Building the 99-core: failed after \d+ s", lines[0])
    assert lines[1:3] == ["  rule: build_kcore", "  log: results/logs/build_kcore.log"]
    log = (edited.folder / "results/logs/build_kcore.log").read_text()
    assert "Error: The 99-core of the graph is empty.\n" in log
    assert lines[3 : 3 + log.count("\n")] == [f"    {line}" for line in log.splitlines()]
    assert lines[3 + log.count("\n") :] == ["Shutting down, this might take some time."]
    assert re.fullmatch(r"0 of 1 jobs in \d+ s, 1 failed; all that Snakemake says: .*\.log\.", last)
    assert "\x1b" not in done.stderr
