"""The tiny run, from invented slices to figures."""

import json
import re

import polars as pl
import pytest
import torch
from safetensors.torch import load_file
from tiny_workflow import SWEPT, trained_at_once

from segue.run.gpus import visible_devices

MODELS = sorted({*SWEPT, "lgc-random-fixed"})


def test_everything_is_made(finished):
    results = finished.folder / "results"
    for model in MODELS:
        metrics = json.loads((results / "metrics" / f"{model}.json").read_text())
        assert metrics["model"] == model
        assert 0 < metrics["metrics"]["recall@20"]["value"] < 1
        history = pl.read_parquet(results / "models" / model / "history.parquet")
        assert history["epoch"].to_list() == [1, 2, 3, 4]
        assert history["validation_recall"].is_null().to_list() == [True, False, True, False]
    summary = pl.read_parquet(results / "metrics" / "summary.parquet")
    assert summary["model"].to_list() == [
        *SWEPT,
        "popularity",
        "knn",
        "als",
        "ease",
        "rp3b",
        "gfcf",
        "filter",
    ]
    assert pl.read_csv(results / "metrics" / "summary.csv")["recall@20"].to_list() == pytest.approx(
        summary["recall@20"].to_list()
    )
    for name in ("degrees", "kcore_ladder", "loss", "recall", "metrics"):
        assert (results / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_it_says_who_won_and_what_is_next(finished):
    said = (finished.folder / "snakemake.log").read_text().rpartition("By validation the best network")[2]
    assert said.startswith(" and the best baseline:\n\n  on the test edges ")
    assert re.search(r"^  difference +[+-]0\.\d{4} +[+-]0\.\d{4}$", said, re.M)
    assert "  segue continue my.txt --config tiny.yaml  " in said


def test_nothing_to_do_after_it(finished):
    again = finished.snakemake("--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr


def named_edges(batch):
    """A batch's edges with pid and track_uri in place of the rows of its own playlists and tracks."""
    edges, playlists, tracks = (
        pl.read_parquet(batch / f"{name}.parquet") for name in ("edges", "playlists", "tracks")
    )
    return edges.select(
        playlists["pid"].gather(edges["playlist"]),
        tracks["track_uri"].gather(edges["track"]),
        "position",
        "count",
    )


def test_tables_agree_with_each_other(finished):
    graph = finished.folder / "results" / "graph"
    edges, playlists, tracks = (
        pl.read_parquet(graph / f"{name}.parquet") for name in ("edges", "playlists", "tracks")
    )
    stats = json.loads((graph / "stats.json").read_text())
    assert stats["after"]["edges"] == edges.height
    assert playlists["playlist"].to_list() == list(range(stats["after"]["playlists"]))
    assert tracks["track"].to_list() == list(range(stats["after"]["tracks"]))
    for side in ("playlist", "track"):
        assert edges[side].value_counts()["count"].min() >= 3
    # An edge of the graph, looked up in the batches' own tables, whose ids are local to each.
    batches = sorted((finished.folder / "results/slices").iterdir())
    assert [batch.name for batch in batches] == ["000", "001"]
    raw = pl.concat([named_edges(batch) for batch in batches])
    named = edges.join(playlists, on="playlist").join(tracks, on="track")
    assert named.join(raw, on=["pid", "track_uri", "position", "count"]).height == edges.height


def test_alphas(finished):
    assert len(MODELS) >= 7
    for model in MODELS:
        alpha = load_file(finished.folder / "results" / "models" / model / "model.safetensors")["alpha"]
        moved = (alpha - 1 / len(alpha)).abs().max() > 1e-4
        assert moved == model.endswith("learnable"), model


@pytest.mark.skipif(bool(visible_devices()), reason="a GPU trains one model at a time")
def test_without_a_gpu_models_train_beside_each_other(finished):
    assert trained_at_once((finished.folder / "snakemake.log").read_text(), len(MODELS)) == 2  # --cores


def test_progress_is_logged_and_not_seen(finished):
    numbers = ("train loss", "validation loss", "ROC-AUC", "Recall@20")
    measured = (rf"{name} 0\.\d+" for name in numbers)
    line = "  ".join(["epoch 2/4", *measured, r"[\d.e-]+ s an epoch", r"ETA 0:00:\d\d"])
    log = (finished.folder / "results/logs/train_model/gat-hard-fixed.log").read_text()
    assert re.search(line, log)
    assert "s an epoch" not in (finished.folder / "snakemake.log").read_text()


def test_own_slices_in_their_own_results_folder(edited):
    config = {
        "results": "results/own run",
        "data": {"source": "directory", "dir": "results/sample", "slices": 2},
        "graph": {"expect": {"playlists": 1, "edges": 2}},
    }
    before = (edited.folder / "results/graph/stats.json").read_bytes()
    done = edited.snakemake("results/own run/split/split.safetensors", config=config)
    assert done.returncode == 0, done.stderr
    stats = json.loads((edited.folder / "results/own run/graph/stats.json").read_text())
    assert stats["before"]["playlists"] == 120
    assert [row["equal"] for row in stats["expected"]] == [False, False]
    assert re.search(r"playlists: measured \d+, expected 1 \(differs\)", done.stderr)
    assert (edited.folder / "results/graph/stats.json").read_bytes() == before
    assert edited.stale_rules() == set()


def test_a_figure_can_be_asked_for_alone(workflow):
    config = {"sweep": {"conv": ["lgc"], "sampler": ["random"], "alpha": ["fixed"]}}
    done = workflow.snakemake("results/figures/recall.png", config=config)
    assert done.returncode == 0, done.stderr
    assert (workflow.folder / "results/figures/recall.png").exists()
    assert [path.name for path in (workflow.folder / "results/models").iterdir()] == ["lgc-random-fixed"]
    assert "By validation" not in done.stdout + done.stderr


def test_embeddings_are_what_was_evaluated(finished):
    tensors = load_file(finished.folder / "results/models/sage-hard-fixed/embeddings.safetensors")
    stats = json.loads((finished.folder / "results/graph/stats.json").read_text())
    assert tensors["playlists"].shape == (stats["after"]["playlists"], 8)
    assert tensors["tracks"].shape == (stats["after"]["tracks"], 8)
    assert torch.isfinite(tensors["tracks"]).all()
