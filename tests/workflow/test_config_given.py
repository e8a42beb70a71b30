"""Configurations as they are given to snakemake: what it hands over, and what is said of faults."""

import json
import shutil

from tiny_workflow import planned_jobs


def said(done):
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "Traceback" not in output
    return output


def test_nested_numbers_of_the_command_line(workflow):
    done = workflow.run(
        *("--dry-run", "--cores", "1", "--config", "threads=1"),
        *("data={slices: 3, slices_per_job: 1, sample: {playlists_per_slice: 60}}", "train={lr: 1e-3}"),
        *("negatives={random: {avoid_known: false}}", "maps={conv: []}", "artists={a: null}"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = planned_jobs(done.stdout + done.stderr)
    assert (jobs["make_sample"], jobs["parse_slices"], jobs["train_model"]) == (3, 3, 15)
    assert "map_playlists" not in jobs
    assert "results/sample/mpd.slice.120-179.json" in done.stdout + done.stderr


def test_a_script_gets_numbers(workflow):
    """Those of a rule's params, and those that it takes from the whole configuration."""
    target = "results/slices/000/edges.parquet"
    nested = "data={slices: 1, sample: {playlists_per_slice: 30, mean_tracks: 10, tracks: 200, genres: 2}}"
    done = workflow.run("--cores", "1", target, "--config", nested, "score_block_mb=1")
    assert done.returncode == 0, done.stderr
    assert (
        "mpd.slice.0-29.json: 30 playlists"
        in (workflow.folder / "results/logs/parse_slices/000.log").read_text()
    )


def test_a_tab_in_the_default_configuration_is_named_with_its_line(workflow):
    path = workflow.folder / "config/config.yaml"
    path.write_text(path.read_text().replace("\ntrain:\n  seed: 1", "\ntrain:\n\tseed: 1"))
    line = path.read_text().split("\n").index("\tseed: 1") + 1
    output = said(workflow.run("--dry-run", "--cores", "1"))
    assert f"where: {path}\n  found: line {line}, column 1: found character '\\t' that cannot" in output
    assert "indent with spaces" in output


def test_without_config_there_is_one_message(workflow):
    shutil.rmtree(workflow.folder / "config")
    output = said(workflow.run("--dry-run", "--cores", "1"))
    assert f"where: {workflow.folder}/config/config.yaml\n  found: No such file or directory\n" in output
    assert output.count("cannot be read") == 1


def test_a_target_that_snakemake_takes_for_a_configuration_is_explained(workflow):
    (workflow.folder / "best.json").write_text(json.dumps({"model": "lgc"}))
    (workflow.folder / "mine.yaml").write_text("threads: 1\n")
    output = said(workflow.run("--dry-run", "--cores", "1", "--configfile", "mine.yaml", "best.json"))
    assert "model: found 'lgc', expected object" in output
    assert "Snakemake took mine.yaml, best.json for files of settings: put -- before a target" in output


def test_without_a_gpu_that_is_asked_for_nothing_is_started(workflow):
    target = "results/models/lgc-random-fixed/history.parquet"
    done = workflow.run(
        "--cores", "1", "--resources", "gpu=0", "--config", "device=cuda", "threads=1", "--", target
    )
    output = said(done)
    assert "There is no CUDA GPU to train on.\n  where: device\n  found: cuda, but" in output
    assert not (workflow.folder / "results").exists()
