"""What a finished run says at its end."""

import json
import sys

import polars as pl
import pytest

from segue.report.outcome import outcome

PAIRED = """metric,model,baseline,playlists,difference,low,high,verdict,by_validation
recall@20,lgc-hard-fixed,ease,9,0.5,0.4,0.6,better,false
recall@20,lgc-hard-fixed,rp3b,9,-0.0125,-0.025,0.001,undecided,true
ndcg@5,lgc-hard-fixed,rp3b,9,0.1,0.1,0.1,better,true
ndcg@20,lgc-hard-fixed,rp3b,9,0.02,0.01,0.03,better,true
"""


def write(folder, model, recall, ndcg):
    metrics = {
        "recall@20": {"value": recall, "playlists": 9},
        "ndcg@20": {"value": ndcg, "playlists": 9},
        "ndcg@5": {"value": 0.9, "playlists": 9},
    }
    (folder / f"metrics/{model}.json").write_text(json.dumps({"model": model, "metrics": metrics}))


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A run in the working directory whose best network validation found to be lgc-hard-fixed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIRTUAL_ENV", "some")
    (tmp_path / "results/metrics").mkdir(parents=True)
    folder = (tmp_path / "results").relative_to(tmp_path)
    (folder / "metrics/best.json").write_text(json.dumps({"model": "lgc-hard-fixed", "recall_k": 20}))
    write(folder, "lgc-hard-fixed", 0.25, 0.12345)
    return folder


def test_who_won_by_how_much_and_what_is_next(results):
    write(results, "rp3b", 0.2625, 0.1)
    (results / "metrics/paired.csv").write_text(PAIRED)
    (results / "report.html").touch()
    assert outcome(results, is_sample=True).splitlines() == [
        "By validation the best network and the best baseline:",
        "",
        "  on the test edges                Recall@20             NDCG@20",
        "  LightGCN hard, fixed α              0.2500              0.1235",
        "  RP3β                                0.2625              0.1000",
        "  difference                         -0.0125             +0.0200",
        "    95% interval          -0.0250 to +0.0010  +0.0100 to +0.0300",
        "",
        "Next:",
        "  results/report.html                   the report: open it in a browser",
        "  segue models                          how good each model is",
        "  segue continue my.txt                 more tracks for your playlist, artist - title a line",
        "  segue serve --open                    a page to build a playlist on",
        "  make report CONFIG=config/mpd50.yaml  the same on real playlists, in data/mpd",
    ]


def test_a_run_without_baselines_has_its_network(results):
    said = outcome(results, is_sample=False, files=["my own.yaml"])
    assert said.startswith("By validation the best network:\n")
    assert "LightGCN hard, fixed α     0.2500   0.1235\n" in said
    assert "difference" not in said
    assert "segue serve --open --config 'my own.yaml'" in said
    assert "mpd50" not in said


def test_differences_over_seeds_are_said_to_be_means(results):
    write(results, "rp3b", 0.2625, 0.1)
    (results / "metrics/paired.csv").write_text(PAIRED)
    (results / "metrics/seeds.parquet").touch()
    assert "difference, mean of all seeds" in outcome(results, is_sample=True)


def test_a_run_that_has_not_been_tested_says_nothing(results):
    (results / "metrics/lgc-hard-fixed.json").unlink()
    assert outcome(results, is_sample=True) == ""
    (results / "metrics/best.json").unlink()
    assert outcome(results, is_sample=True) == ""


def test_several_files_of_settings_are_not_for_one_command(results):
    assert "segue" not in outcome(results, is_sample=True, files=["a.yaml", "b.yaml"])


def test_who_has_not_activated_the_environment_is_told_how(results, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV")
    (results / "../.venv/bin").mkdir(parents=True)
    (results / "../.venv/bin/activate").touch()
    monkeypatch.setattr(sys, "prefix", str(results.absolute().parent / ".venv"))
    assert "  source .venv/bin/activate             puts the command" in outcome(results, is_sample=True)


def test_a_challenge_comes_first(results):
    (results / "challenge").mkdir()
    found = {"model": ["joint", "popularity"], "conv": [None, None], "category": "all", "playlists": 2_000}
    scores = {"r_precision": [0.23, 0.05], "ndcg": [0.36, 0.1], "clicks": [1.7, 10.7]}
    schema = {"conv": pl.String, "playlists": pl.Int32}
    pl.DataFrame(found | scores, schema_overrides=schema).write_parquet(results / "challenge/summary.parquet")
    lines = outcome(results, is_sample=True).splitlines()
    assert lines[:6] == [
        "As the RecSys Challenge 2018 has it, the first of all and the second:",
        "",
        "  on whole playlists  R-precision    NDCG   Clicks",
        "  Joint neighbours         0.2300  0.3600   1.7000",
        "  Popularity               0.0500  0.1000  10.7000",
        "",
    ]
    pairs = {"contender": "popularity", "against": "joint", "metric": [*scores]}
    bounds = {"difference": [-0.18, -0.26, 9.0], "low": [-0.2, -0.3, 8.0], "high": [-0.1, -0.2, 10.0]}
    pl.DataFrame(pairs | bounds).write_parquet(results / "challenge/paired.parquet")
    assert outcome(results, is_sample=True).splitlines()[5:7] == [
        "  ahead by                       +0.1800             +0.2600              +9.0000",
        "    95% interval      +0.1000 to +0.2000  +0.2000 to +0.3000  +8.0000 to +10.0000",
    ]
