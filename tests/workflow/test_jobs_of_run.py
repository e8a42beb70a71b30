"""The jobs that the command `segue` knows of are those of the workflow, held to what Snakemake plans."""

import re

import polars as pl
import pytest
from command_cases import run_segue
from tiny_workflow import TINY, copy_workflow

from segue.cli.continue_ import files_of_continue
from segue.cli.recommend import files_of_recommend
from segue.cli.run import open_run
from segue.run.chain import jobs_of_run
from segue.run.config import read_config
from segue.run.due import due
from segue.run.labels import label

# That the command does not tell of: it is made in an instant, for the sample alone.
LEFT_OUT = {("make_catalogue", frozenset())}
# Snakemake shows no wildcards that a job shares with the one that it waits for: theirs count as one.
ALIKE = "freeze_model", "extend_model"


def planned(dot):
    """Of each job its rule and the values of its wildcards, and those of the jobs that it waits for."""
    labels = dict(re.findall(r'(\d+)\[label = "(.*?)"', dot))
    jobs = {}
    for number, text in labels.items():
        rule, *wildcards = text.split("\\n")
        jobs[number] = rule, frozenset(filter(None, (wildcard.split(": ")[1] for wildcard in wildcards)))
    needs = {job: set() for job in jobs.values()}
    for before, after in re.findall(r"(\d+) -> (\d+)", dot):
        needs[jobs[after]].add(jobs[before])
    return needs


WITH_CATALOGUE = TINY | {
    "graph": TINY["graph"] | {"relations": ["album", "artist"]},
    "challenge": {"playlists_per_category": 1, "validation_per_category": 1},
    "candidates": {"min_degree": 2},
    "title_encoder": {"model": "lgc-hard-fixed"},
    "rerank": {"stages": ["trees"], "models": ["lgc-hard-fixed", "sage-hard-fixed-catalogue", "knn"]},
}


@pytest.mark.parametrize("settings", [TINY, WITH_CATALOGUE])
def test_they_are_snakemake_s(tmp_path, settings):
    workflow = copy_workflow(tmp_path)
    written = workflow.write_config("tiny.yaml", settings)
    config = read_config(tmp_path / "config/config.yaml", tmp_path / written)
    jobs = jobs_of_run(config)
    files = [path for job in jobs for path in job.outputs]
    done = workflow.run("--dag", "dot", "--configfile", "tiny.yaml", "--", *files)
    assert done.returncode == 0, done.stderr
    maker = {
        path: (job.rule, frozenset(filter(None, job.name.split("-") if job.rule not in ALIKE else [])))
        for job in jobs
        for path in job.outputs
    }
    expected = {}
    for job in jobs:
        waits_for = {maker[path] for path in job.inputs if path in maker}
        expected.setdefault(maker[job.outputs[0]], set()).update(waits_for)
    found = planned(done.stdout)
    assert {job: needs - LEFT_OUT for job, needs in found.items() if job not in LEFT_OUT} == expected


def test_a_finished_run_answers_without_snakemake(finished, monkeypatch):
    monkeypatch.chdir(finished.folder)
    run = open_run("tiny.yaml")
    for model in [None, *run.models]:
        files = [*files_of_recommend(run, model), *files_of_continue(run, model)]
        assert due(files, run.config) == []
    pid = str(pl.read_parquet(run.results / "graph/playlists.parquet")["pid"][0])
    for model in (run.trained[-1], "knn"):
        done = run_segue("recommend", pid, "-n", "3", "--config", "tiny.yaml", "--model", model)
        assert (done.exit_code, done.stderr) == (0, "")
        assert f"What {label(model)} would add (as --model says):\n" in done.stdout
