"""Each mistake's message, read as a user reads it: from snakemake's own output.

One mistake of a kind goes through Snakemake; the others raise the same error in this process, where it is
read as Snakemake would print it. `make test-all` sends each through Snakemake.
"""

import json
import os
import re
import shutil

import pytest
import yaml
from sizes import LONG, quick_or_long
from tiny_workflow import ROOT, TINY

from parse_slices import parse_slices
from segue.data.batches import batches_of_run
from segue.errors import SegueError
from segue.run.config import read_config, valid_config

SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
TABLES = ("edges", "playlists", "tracks", "quarantine")


@pytest.fixture
def slices(finished, tmp_path):
    """A folder with the tiny run's three slices."""
    return shutil.copytree(finished.folder / "results/sample", tmp_path / "slices")


def directory(folder, **data):
    return {"data": {"source": "directory", "dir": str(folder), **data}}


def fails(workflow, *targets, config, before_any_job=False):
    done = workflow.snakemake(*targets, config=config)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in output
    assert ("Job stats" in output) != before_any_job
    return output


def refused(workflow, config):
    """What is said of a configuration before any job: as the Snakefile asks, unless all goes through it."""
    if LONG:
        return fails(workflow, config=config, before_any_job=True)
    names = [workflow.write_config(f"{name}.yaml", part) for name, part in (("tiny", TINY), ("own", config))]
    paths = [workflow.folder / name for name in ("config/config.yaml", *names)]
    try:
        whole = read_config(*paths)
        whole = valid_config(whole, SCHEMA)
        batches_of_run(whole["data"], whole["results"])
    except SegueError as error:
        return str(error)
    pytest.fail("nothing is said")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"trian": {"lr": 1}}, "trian: unknown key; did you mean 'train'?"),
        ({"train": {"lr": "1,5"}}, "train.lr: found '1,5', expected number > 0"),
        ({"train": {"epochs": 0}}, "train.epochs: found 0, expected integer ≥ 1"),
    ],
)
def test_configuration(workflow, config, message):
    assert message in refused(workflow, config)


def test_a_wrong_configuration_in_what_snakemake_prints(workflow):
    output = fails(workflow, config={"trian": {"lr": 1}}, before_any_job=True)
    assert "trian: unknown key; did you mean 'train'?" in output
    # The message is not buried under a dump of schema and configuration.
    assert len(output.splitlines()) < 15


def test_no_folder(workflow):
    output = fails(workflow, config=directory("no such folder"), before_any_job=True)
    assert "no such folder" in output
    assert "data.dir" in output


def test_folder_without_slices(workflow, tmp_path):
    (tmp_path / "empty").mkdir()
    output = refused(workflow, directory(tmp_path / "empty"))
    assert "There is no slice in the folder." in output


def test_fewer_slices_than_asked_for(workflow, slices):
    output = refused(workflow, directory(slices, slices=9))
    assert "fewer slices than the run asks for" in output
    assert "found: 3 slice(s)" in output
    assert "expected: 9" in output


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def not_json(path):
    path.write_text("playlists: none")


def empty(path):
    path.write_text("")


def change(edit):
    def edit_file(path):
        content = json.loads(path.read_text())
        edit(content["playlists"])
        path.write_text(json.dumps(content))

    return edit_file


def read_fails(workflow, folder, count):
    """What is said when the first ``count`` slices of ``folder`` are read, as the rule does."""
    config = directory(folder, slices=count)
    if LONG:
        return fails(workflow, "results/graph/stats.json", config=config)
    data = read_config(workflow.folder / "config/config.yaml")["data"] | config["data"]
    ((name, sources),) = batches_of_run(data | {"slices_per_job": count}, "results").items()
    targets = {table: f"{workflow.folder}/results/slices/{name}/{table}.parquet" for table in TABLES}
    with pytest.raises(SegueError) as error:
        parse_slices(sources, targets, "fail", None)
    return str(error.value)


@pytest.mark.parametrize(
    ("damage", "messages"),
    [
        (truncate, ["cut off"]),
        (not_json, ["not JSON"]),
        (empty, ["is empty"]),
        (change(list.clear), ["$.playlists", "expected: array of length >= 1"]),
        (change(lambda p: p[7].update(pid="x")), ["$.playlists[7].pid", 'found: "x"', "expected: int"]),
        (
            change(lambda p: p[2]["tracks"][1].update(track_uri="track")),
            ["$.playlists[2].tracks[1].track_uri", 'found: "track"', "expected: spotify:track:"],
        ),
        (change(lambda p: p[9].update(pid=p[4]["pid"])), ["$.playlists[9].pid", "also $.playlists[4].pid"]),
    ],
)
def test_a_bad_slice(workflow, slices, damage, messages):
    bad = slices / "mpd.slice.60-119.json"
    damage(bad)
    output = read_fails(workflow, slices, 2)
    assert "mpd.slice.60-119.json" in output
    for message in messages:
        assert message in output
    assert not list(workflow.folder.glob("results/slices/**/*.parquet"))


def test_a_bad_slice_in_what_snakemake_prints(workflow, slices):
    truncate(slices / "mpd.slice.60-119.json")
    output = fails(workflow, "results/graph/stats.json", config=directory(slices, slices=2))
    assert f"where: {slices}/mpd.slice.60-119.json" in output
    assert "cut off" in output
    assert not list(workflow.folder.glob("results/slices/**/*.parquet"))


def test_slices_of_one_batch_that_share_a_playlist(workflow, slices):
    change(lambda playlists: playlists[9].update(pid=3))(slices / "mpd.slice.60-119.json")
    output = read_fails(workflow, slices, 3)
    assert "mpd.slice.60-119.json: $.playlists[9].pid" in output
    assert f"found: 3, which is also {slices}/mpd.slice.0-59.json: $.playlists[3].pid" in output
    assert not list(workflow.folder.glob("results/graph/*"))


def test_slices_of_two_batches_that_share_a_playlist(workflow, slices):
    change(lambda playlists: playlists[9].update(pid=3))(slices / "mpd.slice.120-179.json")
    output = fails(workflow, "results/quarantine.parquet", config=directory(slices, slices=3))
    assert "mpd.slice.0-59.json and mpd.slice.120-179.json" in output
    assert "pid 3 2 times" in output
    assert not (workflow.folder / "results/quarantine.parquet").exists()


# A target, the configuration, what a later rule says, and what is not there then. In `make test` the words of
# the others are read in test_kcore, test_graph_scripts, test_split and test_loop.
LATER = {
    "an empty core": (
        "results/graph/stats.json",
        {"graph": {"k_core": 500}},
        ["The 500-core of the graph is empty.", "the largest K whose core is not empty"],
        "results/graph/edges.parquet",
    ),
    "another core than expected": (
        "results/graph/stats.json",
        {"graph": {"expect": {"tracks": 7}, "on_mismatch": "fail"}},
        ["The core is not the expected one.", "tracks: measured"],
        "results/graph/edges.parquet",
    ),
    "a stage without edges": (
        "results/split/split.safetensors",
        {"split": {"train": 0.85, "validation": 0.149999, "test": 0.000001}},
        ["The split leaves no edge for test."],
        "results/split/split.safetensors",
    ),
}


@pytest.mark.parametrize("name", quick_or_long(["another core than expected"], LATER))
def test_what_a_later_rule_finds(edited, name):
    target, config, messages, gone = LATER[name]
    output = fails(edited, target, config=config)
    for message in messages:
        assert message in output
    assert not (edited.folder / gone).exists()


NOT_ASKED_FOR = {
    "results/figures/challenge.png": "challenge.playlists_per_category",
    "results/report/challenge.html": "challenge.playlists_per_category",
    "results/figures/ablation.png": "candidates.min_degree",
    "results/report/ablation.html": "candidates.min_degree",
    "results/figures/tune.png": "tune.models",
    "results/report/tune.html": "tune.models",
    "results/figures/popularity.png": "graph.relations",
    "results/figures/cold.png": "cold.share, graph.relations",
    "results/report/hetero.html": "graph.relations",
    "results/figures/comparison.png": "compare.runs",
}


@pytest.mark.parametrize(
    "target", quick_or_long(["results/figures/challenge.png", "results/figures/cold.png"], NOT_ASKED_FOR)
)
def test_a_file_that_the_configuration_does_not_ask_for(workflow, target):
    done = workflow.run("--cores", "1", target)
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "This run makes no such file: its configuration does not ask for it." in output
    assert f"where: {NOT_ASKED_FOR[target]}\n" in output
    (example,) = re.findall(r"next step: .* --configfile (config/\w+\.yaml)\n", output)
    assert f"  {NOT_ASKED_FOR[target].partition('.')[2].partition(',')[0]}:" in (ROOT / example).read_text()
    assert not (workflow.folder / "results").exists()


def test_a_misspelt_model(workflow):
    done = workflow.snakemake("--dry-run", "results/metrics/lgcn-random-fixed.json")
    assert done.returncode != 0
    assert "MissingRuleException" in done.stdout + done.stderr
