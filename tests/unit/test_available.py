"""Models of a folder of results, and what is said of names that it does not hold."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

import segue
from segue.files import write_json
from segue.run.results import CATALOGUE, served_files

ABOUT = {
    "conv": "lgc_both",
    "settings": {"layers": 1, "like": "lgc"},
    "relations": {"kinds": ["artist", "album"]},
}


def touch(results, *names):
    for name in names:
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).touch()


@pytest.fixture
def results(tmp_path, monkeypatch):
    """lgc_both-softmax-fixed is ready, knn and mixed too; sage-hard-fixed is trained alone."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results"
    for name in ("lgc_both-softmax-fixed", "knn", "mixed"):
        touch(folder, *served_files(name))
    for name, about in (
        ("lgc_both-softmax-fixed", ABOUT),
        ("sage-hard-fixed", {"conv": "sage", "settings": {}}),
    ):
        touch(folder, f"models/{name}/model.safetensors")
        metadata = {"segue": json.dumps(about)}
        save_file({"x": np.zeros(1)}, folder / f"models/{name}/model.safetensors", metadata)
    write_json(
        folder / "models/lgc_both-softmax-fixed/validation.json", {"recall_k": 5, "validation_recall": 0.5}
    )
    chosen = [{"validation_recall": recall} for recall in (0.25, 0.75)]
    write_json(folder / "models/knn/chosen.json", {"recall_k": 5, "candidates": chosen})
    metrics = {"recall@5": {"value": 0.6}, "ndcg@5": {"value": 0.3}, "recall@10": {"value": 0.9}}
    write_json(folder / "metrics/knn.json", {"metrics": metrics})
    write_json(folder / "metrics/best.json", {"model": "lgc_both-softmax-fixed"})
    return folder


def test_the_models_of_a_run(results):
    best = "lgc_both-softmax-fixed"
    assert segue.models("results").rows() == [
        (best, "LightGCN + artist + album softmax, fixed α", "network", 0.5, None, None, True, True),
        ("knn", "Item-kNN", "baseline", 0.75, 0.6, 0.3, False, True),
        ("mixed", "mixed", "blend", None, None, None, False, True),
        ("sage-hard-fixed", "GraphSAGE hard, fixed α", "network", None, None, None, False, False),
    ]
    assert segue.models(results).equals(segue.models())


def test_what_answers_from_the_catalogue(results):
    touch(results, *CATALOGUE, "models/sage-hard-fixed/catalogue.safetensors")
    write_json(results / "models/joint/chosen.json", {"settings": {}})
    write_json(results / "serving/answering.json", {"model": "joint"})
    table = segue.models(results).filter(kind="catalogue")
    assert table.select("model", "label", "best", "ready").rows() == [
        ("joint", "Joint neighbours", True, True),
        ("sage-hard-fixed-catalogue", "GraphSAGE hard, fixed α, extended", False, True),
    ]
    assert segue.models(results)["best"].sum() == 1


def said(*asked):
    with pytest.raises(segue.SegueError) as raised:
        segue.load(*asked)
    return raised.value


def test_a_wrong_folder_is_answered_with_those_near_by(results, tmp_path):
    touch(tmp_path, "results/small/models/x", "notes.txt", "other/empty", "old/serving/x")
    for wrong, found in (
        ("resultz", "no such folder; did you mean 'results'?"),
        ("other", "a folder without models/, serving/, catalogue/"),
        ("notes.txt", "a file"),
        (tmp_path / "other", "a folder without models/, serving/, catalogue/"),
    ):
        error = said(wrong)
        assert error.what == "There is no run in this folder."
        assert error.found == found
        assert "near by: old, results, results/small" in error.expected
    assert said("resultz", "knn").what == error.what
    with pytest.raises(segue.SegueError, match="near by: old, results"):
        segue.models("resultz")


def test_where_there_is_no_run_at_all_it_says_how_to_make_one(tmp_path, monkeypatch):
    (tmp_path / "nothing").mkdir()
    monkeypatch.chdir(tmp_path / "nothing")
    error = said()
    assert "no such folder" in error.found
    assert "make demo" in error.fix


def test_a_wrong_model_is_answered_with_those_that_there_are(results):
    error = said("results", "lgc_both-softmax-fixd")
    assert error.found == "'lgc_both-softmax-fixd'; did you mean 'lgc_both-softmax-fixed'?"
    assert said("results", "ITEM-KNN").found == "'ITEM-KNN'; did you mean 'knn'?"
    assert error.expected == (
        "ready are lgc_both-softmax-fixed, knn, mixed; trained, and not ready yet: sage-hard-fixed"
    )
    assert "snakemake" not in error.fix
    for name in ("als", "gat-hard-fixed", "sage-hard-fixed-seed2"):
        assert f"snakemake --cores 8 -- results/models/{name}/scorer.safetensors" in said("results", name).fix
    trained = said("results", "sage-hard-fixed")
    assert trained.what == "The run is not ready to continue playlists."
    assert "results/models/sage-hard-fixed/scorer.safetensors" in trained.fix


def test_what_is_no_name_at_all():
    for wrong in (None, 5, "", ["results"]):
        for ask in (segue.load, segue.models):
            with pytest.raises(segue.SegueError, match="named by no path"):
                ask(wrong)


def test_a_model_that_is_no_text(results):
    assert said("results", 5).found == "5"
