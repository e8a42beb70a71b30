"""The tiny workflow through `--profile profiles/slurm`, on a real SLURM of three nodes, two with a GPU."""

import os
import re
import shutil
import signal
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from cluster_runs import Cluster, end_of
from throwaway_slurm import GPU_NODES, until
from tiny_workflow import planned_jobs

SUMMARY = "results/metrics/summary.csv"
# One SLURM job for what is before the split: each job waits for a poll.
DATA = ["make_catalogue", "make_sample", "parse_slices", "list_quarantine", "build_kcore"]
# Too little to start in, then enough.
TOO_LITTLE_AT_FIRST = "split_edges:mem_mb=200 * 8 ** (attempt - 1)"


def numbers(output: str, rule: str) -> list[int]:
    """SLURM's numbers of the jobs of ``rule``, in the order of submission, from what snakemake printed."""
    return [
        int(number) for number in re.findall(rf"SLURM jobid \d+ \(log: .*/rule_{rule}/.*?(\d+)\.log", output)
    ]


def made_files(folder: Path) -> dict[str, bytes]:
    """Models and metrics, which are the same bytes whenever they are made anew."""
    paths = [*folder.glob("results/models/*/model.safetensors"), *folder.glob("results/metrics/*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}


@pytest.fixture(scope="module")
def whole(cluster: Cluster):
    """The output of a run from nothing, and the files it made. One rule has too little memory at first."""
    groups = [f"{rule}=data" for rule in DATA]
    status, output = cluster.run("--set-resources", TOO_LITTLE_AT_FIRST, "--groups", *groups, "--", SUMMARY)
    assert status == 0, output
    return output, made_files(cluster.workflow.folder)


@pytest.fixture(scope="module")
def broken(cluster: Cluster, whole):
    """The output of a run of three models in which one job was cancelled and the node of another killed."""
    (cluster.workflow.folder / SUMMARY).unlink()
    for model in ("lgc-random-fixed", "lgc-hard-fixed", "lgc-random-learnable"):
        shutil.rmtree(cluster.workflow.folder / "results/models" / model)
        (cluster.workflow.folder / f"results/metrics/{model}.json").unlink()
    cluster.hold()
    with cluster.begin("--retries", "0", "--", SUMMARY) as run:
        until(lambda: len(cluster.held()) == 2, "two trainings to be under way", seconds=90)
        cancelled, killed = cluster.held()
        node = cluster.slurm.queue()[killed]
        cluster.slurm.command("scancel", str(cancelled))
        cluster.slurm.kill_node(node)
        cluster.release()
        status, output = end_of(run)
    cluster.slurm.revive_node(node)
    assert status != 0, output
    return output, cancelled, killed


@pytest.fixture(scope="module")
def mended(cluster: Cluster, broken):
    """The output of the plain command after that, when the third model had been made, and all files."""
    survivors = {path: path.stat().st_mtime_ns for path in cluster.workflow.folder.glob("results/models/*/*")}
    status, output = cluster.run("--", SUMMARY)
    assert status == 0, output
    return output, survivors, made_files(cluster.workflow.folder)


def test_every_job_is_in_the_scheduler_s_own_log(cluster, whole):
    output, files = whole
    submitted = [int(number) for number in re.findall(r"with SLURM jobid (\d+)", output)]
    finished = cluster.slurm.finished()
    assert set(submitted) <= set(finished)
    for rule, jobs in {"train_model": 4, "evaluate_model": 4, "summarise_metrics": 1}.items():
        assert [finished[number].state for number in numbers(output, rule)] == ["COMPLETED"] * jobs
    assert sum(path.startswith("results/models/") for path in files) == 4


def test_two_gpus_train_two_models_at_a_time(cluster, whole):
    finished = cluster.slurm.finished()
    trainings = [finished[number] for number in numbers(whole[0], "train_model")]
    assert {job.node for job in trainings} == set(GPU_NODES)
    overlapping = [
        pair
        for pair in combinations(trainings, 2)
        if max(job.start for job in pair) < min(job.end for job in pair)
    ]
    assert overlapping
    for one, other in overlapping:
        assert one.node != other.node
    most = max(sum(job.start <= moment.start < job.end for job in trainings) for moment in trainings)
    assert most == 2


def test_a_job_that_exceeds_its_memory_gets_more(cluster, whole):
    first, second = numbers(whole[0], "split_edges")
    finished = cluster.slurm.finished()
    assert (finished[first].state, finished[first].mem_mb) in [("FAILED", 200), ("OUT_OF_MEMORY", 200)]
    assert (finished[second].state, finished[second].mem_mb) == ("COMPLETED", 1600)
    assert "Trying to restart job" in whole[0]
    # Where profiles/slurm says that SLURM's own words are kept.
    log = cluster.workflow.folder / f"logs/slurm/rule_split_edges/{first}.log"
    assert "exceeded memory limit" in log.read_text()


def test_a_cancelled_job_is_named(cluster, broken):
    output, cancelled, _ = broken
    assert cluster.slurm.finished()[cancelled].state == "CANCELLED"
    assert re.search(rf"SLURM-job '{cancelled}' failed, SLURM status is: 'CANCELLED'", output)
    assert "Error in rule train_model" in output


def test_a_killed_node_is_named(cluster, broken):
    output, _, killed = broken
    assert cluster.slurm.finished()[killed].state == "NODE_FAIL"
    assert re.search(rf"SLURM-job '{killed}' failed due to a node failure", output)


def test_what_did_not_fail_is_finished_all_the_same(broken):
    output, *failed = broken
    (rest,) = set(numbers(output, "train_model")) - set(failed)
    assert re.search(r"Finished jobid: \d+ \(Rule: train_model\)", output), rest
    assert len(numbers(output, "evaluate_model")) == 1


def test_the_next_run_finishes_only_the_rest(mended):
    output, survivors, _ = mended
    assert planned_jobs(output) == {"train_model": 2, "evaluate_model": 2, "summarise_metrics": 1, "total": 5}
    assert {path: path.stat().st_mtime_ns for path in survivors} == survivors
    assert len({path.parent for path in survivors}) == 2 + 4  # models, and all baselines


def test_faults_change_no_byte(whole, mended):
    assert mended[2] == whole[1]


def test_a_partition_that_is_not_there_is_named(cluster):
    arguments = ["--default-resources", "slurm_partition=nowhere", "--retries", "0"]
    status, output = cluster.run(*arguments, "--", "results/figures/kcore_idea.png")
    assert status != 0
    assert re.search(r"SLURM sbatch failed.*invalid partition specified: nowhere", output, re.S)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_test_leaves_no_daemon(slurm, tmp_path_factory, how):
    script = """
import signal, sys, time
from pathlib import Path
from throwaway_slurm import throwaway_slurm, until
# As from a terminal: a process in the background of a script inherits that Ctrl-C is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
with throwaway_slurm(Path(sys.argv[1])) as slurm:
    slurm.command("sbatch", "--output=/dev/null", "--wrap", "sleep 600")
    until(slurm.queue, "the job to run")
    print(*(daemon.pid for daemon in slurm.daemons.values()), flush=True)
    time.sleep(600)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path_factory.mktemp("slurm"))],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with child:
        daemons = child.stdout.readline().split()
        assert len(daemons) == 5
        assert all(Path(f"/proc/{pid}").exists() for pid in daemons)
        child.send_signal(how)
        assert child.wait(timeout=60) != 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in daemons)
