"""Each mistake's message, read as a user reads it: from snakemake's own output."""

import json
import os
import shutil

import pytest


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


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"trian": {"lr": 1}}, "trian: unknown key; did you mean 'train'?"),
        ({"train": {"lr": "1e-3"}}, "train.lr: found '1e-3', expected number > 0"),
        ({"train": {"epochs": 0}}, "train.epochs: found 0, expected integer ≥ 1"),
    ],
)
def test_configuration(workflow, config, message):
    output = fails(workflow, config=config, before_any_job=True)
    assert message in output
    # The message is not buried under a dump of schema and configuration.
    assert len(output.splitlines()) < 15


def test_no_folder(workflow):
    output = fails(workflow, config=directory("no such folder"), before_any_job=True)
    assert "no such folder" in output
    assert "data.dir" in output


def test_folder_without_slices(workflow, tmp_path):
    (tmp_path / "empty").mkdir()
    output = fails(workflow, config=directory(tmp_path / "empty"), before_any_job=True)
    assert "There is no slice in the folder." in output


def test_fewer_slices_than_asked_for(workflow, slices):
    output = fails(workflow, config=directory(slices, slices=9), before_any_job=True)
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
    output = fails(workflow, "results/graph/stats.json", config=directory(slices, slices=2))
    assert "mpd.slice.60-119.json" in output
    for message in messages:
        assert message in output
    assert not list(workflow.folder.glob("results/slices/**/*.parquet"))


def test_slices_of_one_batch_that_share_a_playlist(workflow, slices):
    change(lambda playlists: playlists[9].update(pid=3))(slices / "mpd.slice.60-119.json")
    output = fails(workflow, "results/graph/stats.json", config=directory(slices, slices=3))
    assert "mpd.slice.60-119.json: $.playlists[9].pid" in output
    assert f"found: 3, which is also {slices}/mpd.slice.0-59.json: $.playlists[3].pid" in output
    assert not list(workflow.folder.glob("results/graph/*"))


def test_slices_of_two_batches_that_share_a_playlist(workflow, slices):
    change(lambda playlists: playlists[9].update(pid=3))(slices / "mpd.slice.120-179.json")
    output = fails(workflow, "results/quarantine.parquet", config=directory(slices, slices=3))
    assert "mpd.slice.0-59.json and mpd.slice.120-179.json" in output
    assert "pid 3 2 times" in output
    assert not (workflow.folder / "results/quarantine.parquet").exists()


def test_k_so_high_that_the_core_is_empty(edited):
    output = fails(edited, "results/graph/stats.json", config={"graph": {"k_core": 500}})
    assert "The 500-core of the graph is empty." in output
    assert "the largest K whose core is not empty" in output


def test_a_core_that_is_not_the_expected_one(edited):
    config = {"graph": {"expect": {"tracks": 7}, "on_mismatch": "fail"}}
    output = fails(edited, "results/graph/stats.json", config=config)
    assert "The core is not the expected one." in output
    assert "tracks: measured" in output
    assert not (edited.folder / "results/graph/edges.parquet").exists()


def test_a_split_that_leaves_a_stage_without_edges(edited):
    config = {"split": {"train": 0.85, "validation": 0.149999, "test": 0.000001}}
    output = fails(edited, "results/split/split.safetensors", config=config)
    assert "The split leaves no edge for test." in output


def test_cuda_without_cuda(edited, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    output = fails(edited, "results/metrics/lgc-random-fixed.json", config={"device": "cuda"})
    assert "There is no CUDA GPU to train on." in output
    assert "set device: auto or device: cpu" in output


def test_a_misspelt_model(workflow):
    done = workflow.snakemake("--dry-run", "results/metrics/lgcn-random-fixed.json")
    assert done.returncode != 0
    assert "MissingRuleException" in done.stdout + done.stderr
