"""What the shipped configurations plan, without running it."""

import json
import re

import pytest
from tiny_workflow import planned_jobs

GRAPH_FIGURES = ("degrees", "kcore_idea", "kcore_ladder", "split", "subgraph")
FIGURES = (*GRAPH_FIGURES, "histories", "likeness", "metrics")


def plan(workflow, *arguments):
    """How many jobs of each rule a dry run plans."""
    done = workflow.run("--dry-run", *arguments)
    assert done.returncode == 0, done.stderr
    return planned_jobs(done.stdout + done.stderr)


def test_the_default_run(workflow):
    assert plan(workflow, "--cores", "8", "--resources", "gpu=1") == {
        "all": 1,
        "make_catalogue": 1,
        "make_sample": 4,
        "parse_slices": 2,
        "list_quarantine": 1,
        "build_kcore": 1,
        "split_edges": 1,
        "train_model": 15,
        "evaluate_model": 15,
        "fit_baseline": 7,
        "evaluate_baseline": 7,
        "summarise_metrics": 1,
        "pick_best": 1,
        "compare_models": 1,
        **{f"plot_{figure}": 1 for figure in FIGURES},
        "sample_subgraph": 1,
        "choose_artists": 1,
        "map_playlists": 2,
        "measure_likeness": 15,
        **dict.fromkeys(("plot_map", "animate_map", "plot_artists"), 2),
        "choose_playlists": 1,
        "recommend_tracks": 15,
        "make_recommendations_page": 15,
        "freeze_model": 15,
        **dict.fromkeys(("freeze_best", "index_tracks", "index_titles"), 1),
        **{f"tabulate_{table}": 1 for table in ("counts", "embeddings", "metrics", "run")},
        "write_report": 1,
        "total": 145,
    }


def test_seeds_and_further_models(workflow):
    sweep = {"conv": ["lgc"], "sampler": ["random"], "alpha": ["fixed"], "models": ["gat-hard-fixed"]}
    asked = workflow.write_config("seeds.yaml", {"sweep": sweep | {"seed": [1, 2, 3]}})
    arguments = ("--cores", "2", "--configfile", asked)
    jobs = plan(workflow, *arguments)
    assert (jobs["train_model"], jobs["evaluate_model"]) == (6, 6)
    assert (jobs["recommend_tracks"], jobs["measure_likeness"], jobs["map_playlists"]) == (2, 2, 1)
    page = "results/recommendations/gat-hard-fixed-seed3.html"
    jobs = plan(workflow, *arguments, "--", page)
    assert (jobs["train_model"], jobs["make_recommendations_page"]) == (1, 1)


def test_tuning(workflow):
    grid = {"train.lr": [0.01, 0.02, 0.03], "conv.layers": [2, 3, 4]}
    models = {"lgc-random-fixed": {"grid": grid, "draw": 8, "seed": 1}, "ease": {"grid": {"l2": [1, 2, 3]}}}
    asked = workflow.write_config("tune.yaml", {"tune": {"models": models}})
    jobs = plan(workflow, "--cores", "2", "--configfile", asked)
    assert jobs["try_model"] == 8 + 3 + 2
    assert (jobs["try_baseline"], jobs["rank_trials"], jobs["choose_trial"]) == (3, 2, 2)
    assert (jobs["collect_trials"], jobs["plot_trials"], jobs["tabulate_trials"]) == (1, 1, 1)
    assert jobs["total"] == plan(workflow, "--cores", "2")["total"] + 13 + 3 + 2 + 2 + 3


def test_artists_and_albums(workflow):
    jobs = plan(workflow, "--cores", "2", "--configfile", "config/hetero.yaml")
    assert (jobs["build_relations"], jobs["train_model"], jobs["fit_baseline"]) == (1, 8, 2)
    assert (jobs["measure_popularity"], jobs["compare_relations"], jobs["measure_cold"]) == (10, 1, 1)
    assert (jobs["plot_popularity"], jobs["plot_cold"], jobs["tabulate_hetero"]) == (1, 1, 1)


def test_one_figure(workflow):
    jobs = plan(workflow, "--cores", "2", "results/figures/recall.png")
    assert jobs["train_model"] == 15
    assert "evaluate_model" not in jobs


def write_challenge_set(workflow):
    """What config/challenge_mpd.yaml reads, of one invented playlist."""
    (workflow.folder / "data").mkdir()
    playlist = {"pid": 1_000_000, "name": "Sun", "num_tracks": 1, "tracks": []}
    (workflow.folder / "data/challenge_set.json").write_text(json.dumps({"playlists": [playlist]}))


def test_the_organisers_set_on_the_mpd(workflow):
    write_challenge_set(workflow)
    (workflow.folder / "data/mpd").mkdir()
    (workflow.folder / "data/mpd/mpd.slice.0-999.json").touch()
    arguments = ("--configfile", "config/challenge_mpd.yaml")
    jobs = plan(workflow, "--cores", "8", *arguments)
    assert jobs["check_challenge_set"] == jobs["hold_out_playlists"] == jobs["build_catalogue"] == 1
    assert jobs["continue_challenge"] == 6  # two networks, four baselines
    assert jobs["continue_from_catalogue"] == 4  # joint neighbours, a second stage, extended networks
    assert jobs["fit_rerank"] == jobs["ablate"] == jobs["plot_ablation"] == 1
    assert not jobs.keys() & {"score_challenge", "summarise_challenge", "compare_challenge", "plot_challenge"}
    linted = workflow.run("--lint", *arguments)
    assert "good condition" in linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("config", "slices", "batches", "models"),
    [("mpd50", 60, 10, 12), ("mpd", 1000, 50, 15), ("challenge_mpd", 1000, 50, 2)],
)
def test_the_mpd_runs(workflow, config, slices, batches, models):
    write_challenge_set(workflow)
    folder = workflow.folder / "data" / "mpd"
    folder.mkdir()
    for number in range(slices):
        (folder / f"mpd.slice.{1000 * number}-{1000 * number + 999}.json").touch()
    jobs = plan(workflow, "--cores", "8", "--configfile", f"config/{config}.yaml")
    assert (jobs["parse_slices"], jobs["train_model"]) == (batches, models)
    assert not jobs.keys() & {"make_catalogue", "make_sample"}
    listing = workflow.run("--dry-run", "--cores", "8", "--configfile", f"config/{config}.yaml")
    assert f"results/{config}/metrics/summary.csv" in listing.stdout + listing.stderr
    assert not re.search(rf"results/(?!{config}/)", listing.stdout + listing.stderr)
