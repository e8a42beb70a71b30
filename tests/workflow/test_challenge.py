"""Whole playlists held out, continued and scored, as a user runs it."""

import gzip
import json
import shutil

import polars as pl
import pytest
from tiny_workflow import Workflow, copy_workflow, planned_jobs

from segue.challenge.scores import ALL, METRICS

# 500 tracks of a graph have to be left to recommend.
GRAPH = {
    "data": {"sample": {"tracks": 1500}},
    "graph": {"k_core": 2},
    "sweep": {"conv": ["lgc"], "sampler": ["random"], "alpha": ["fixed"]},
    "baselines": {"names": ["popularity", "knn"]},
}
CHALLENGE = GRAPH | {
    "challenge": {
        "playlists_per_category": 2,
        "validation_per_category": 3,
        "categories": [1, 2, 4, 8],
        "team": {"name": "Tiny team"},
    },
    "candidates": {"min_degree": 2},
    "channels": {"rank": 8},
    "title_encoder": {"model": "lgc-random-fixed", "buckets": 512, "epochs": 2},
    "rerank": {
        "stages": ["logistic"],
        "models": ["lgc-random-fixed-catalogue", "knn"],
        "candidates": 500,
        "folds": 2,
        "ablation": "logistic",
    },
}
MODELS = ["lgc-random-fixed"]
RANKERS = ["joint", "rerank", *(f"{model}-catalogue" for model in MODELS)]
TARGETS = [
    "results/challenge/summary.csv",
    *(f"results/figures/{name}.png" for name in ("challenge", "ablation")),
    *(f"results/report/{name}.html" for name in ("challenge", "ablation")),
]


@pytest.fixture(scope="module")
def challenged(tmp_path_factory):
    workflow = copy_workflow(tmp_path_factory.mktemp("challenge"))
    done = workflow.snakemake(*TARGETS, config=CHALLENGE)
    assert done.returncode == 0, done.stderr
    return workflow


def tables(workflow, *names):
    return [pl.read_parquet(workflow.folder / "results" / f"{name}.parquet") for name in names]


def test_nothing_of_a_held_out_playlist_is_in_the_graph(challenged):
    held_out, validation, playlists, listed = tables(
        challenged,
        *("challenge/held_out", "challenge/validation/held_out", "graph/playlists", "catalogue/playlists"),
    )
    assert held_out["category"].to_list() == [1, 1, 2, 2, 4, 4, 8, 8]
    left_out = {*held_out["pid"], *validation["pid"]}
    assert len(left_out) == 8 + 12
    assert not left_out & {*playlists["pid"], *listed["pid"]}
    stats = json.loads((challenged.folder / "results/graph/stats.json").read_text())
    assert stats["held_out"] == 20
    assert stats["before"]["playlists"] == listed.height == 180 - 20


def test_every_model_answers_for_every_playlist(challenged):
    (held_out,) = tables(challenged, "challenge/held_out")
    challenge = json.loads((challenged.folder / "results/challenge/challenge_set.json").read_text())
    seeds = {one["pid"]: {track["track_uri"] for track in one["tracks"]} for one in challenge["playlists"]}
    for model in (*MODELS, *RANKERS):
        (found,) = tables(challenged, f"challenge/{model}/recommendations")
        assert found["pid"].unique(maintain_order=True).to_list() == held_out["pid"].to_list()
        for (pid,), rows in found.group_by("pid"):
            assert rows["track_uri"].n_unique() == 500
            assert not set(rows["track_uri"]) & seeds[pid]
        lines = gzip.decompress(
            (challenged.folder / "results/challenge" / model / "submission.csv.gz").read_bytes()
        )
        first, *rows = [line for line in lines.decode().splitlines() if line and not line.startswith("#")]
        assert first.startswith("team_info,")
        assert "Tiny team" in first
        assert {int(row.split(",")[0]) for row in rows} == set(held_out["pid"])


def test_the_summary_is_the_mean_of_the_scores(challenged):
    (summary,) = tables(challenged, "challenge/summary")
    models = summary["model"].unique(maintain_order=True).to_list()
    assert models[: len(MODELS)] == MODELS
    assert summary.group_by("model", maintain_order=True).agg("category")["category"].to_list() == [
        ["1", "2", "4", "8", ALL]
    ] * len(models)
    for model in models:
        (scores,) = tables(challenged, f"challenge/{model}/scores")
        assert scores.height == 8
        # Without a track, the title or popularity answer.
        assert set(scores.filter(category=1)["path"]) <= {"title", "popularity"}
        for metric in METRICS:
            row = summary.filter(model=model, category=ALL)
            assert row[metric][0] == pytest.approx(scores[metric].mean())
            row = summary.filter(model=model, category="4")
            assert row[metric][0] == pytest.approx(scores.filter(category=4)[metric].mean())
    assert summary["share_in_graph"].is_between(0.5, 1).all()
    assert pl.read_csv(challenged.folder / TARGETS[0])["model"].to_list() == summary["model"].to_list()


def test_what_answers_from_the_catalogue_can_find_more_and_is_compared(challenged):
    summary, paired, ablation = tables(
        challenged, *(f"challenge/{n}" for n in ("summary", "paired", "ablation"))
    )
    everyone = summary.filter(category=ALL)
    assert set(everyone["model"]) == {*MODELS, *RANKERS, "popularity", "knn"}
    reach = dict(everyone.select("model", "share_in_graph").iter_rows())
    assert len({reach[name] for name in RANKERS}) == 1
    assert reach["rerank"] >= reach["knn"]
    assert set(paired["contender"]) == {"joint", "rerank"}
    pairs = everyone.height - 1
    assert paired.height == 2 * pairs * len(METRICS)
    row = paired.row(by_predicate=_pair("rerank", "knn"), named=True)
    means = dict(everyone.select("model", "ndcg").iter_rows())
    assert row["difference"] == pytest.approx(means["rerank"] - means["knn"])
    left_out = ablation.filter(category=ALL)
    assert left_out["without"][0] == ""
    assert {"networks", "baselines", "title", "knn"} <= set(left_out["without"])


def _pair(contender, against):
    wanted = {"contender": contender, "against": against, "metric": "ndcg"}
    return pl.all_horizontal(pl.col(name) == value for name, value in wanted.items())


def test_the_report_says_who_won(challenged, tmp_path):
    path = tmp_path / "report.html"
    done = challenged.snakemake(*TARGETS, "--report", str(path), config=CHALLENGE)
    assert done.returncode == 0, done.stderr
    page = path.read_text()
    caption = (challenged.folder / "results/report/challenge.rst").read_text()
    assert "is best with" in caption
    for sentence in ("is best with", "0.2241", "hidden set", "upper bound"):
        assert sentence in page


@pytest.fixture
def copied(challenged, tmp_path):
    return Workflow(shutil.copytree(challenged.folder, tmp_path / "copy"))


def test_a_playlist_that_was_trained_on_is_refused(copied):
    path = copied.folder / "results/challenge/challenge_set.json"
    (playlists,) = tables(copied, "graph/playlists")
    challenge = json.loads(path.read_text())
    challenge["playlists"][0]["pid"] = playlists["pid"][0]
    path.write_text(json.dumps(challenge))
    target = f"results/challenge/{MODELS[0]}/submission.csv.gz"
    done = copied.snakemake(target, "--forcerun", "continue_challenge", config=CHALLENGE)
    assert done.returncode != 0
    assert "The training data holds playlists that are to be continued." in done.stdout + done.stderr


@pytest.fixture
def given(copied):
    """The finished run with its held-out playlists as a set from elsewhere."""
    held_out = json.loads((copied.folder / "results/challenge/challenge_set.json").read_text())
    for playlist in held_out["playlists"]:
        playlist["pid"] += 1_000_000
    (copied.folder / "set.json").write_text(json.dumps(held_out))
    return copied


GIVEN = GRAPH | {"challenge": {"set": "set.json", "validation_per_category": 2, "categories": [1, 4]}}


def test_the_organisers_set_is_answered_and_not_scored(given):
    target = "results/challenge/popularity/submission.csv.gz"
    done = given.snakemake("results/challenge/set.json", target, config=GIVEN)
    assert done.returncode == 0, done.stderr
    counts = json.loads((given.folder / "results/challenge/set.json").read_text())
    assert (counts["playlists"], counts["titled"]) == (8, 6)
    lines = gzip.decompress((given.folder / target).read_bytes()).decode().splitlines()
    assert [int(line.split(",")[0]) > 1_000_000 for line in lines[1:] if line] == [True] * 8
    stats = json.loads((given.folder / "results/graph/stats.json").read_text())
    assert stats["held_out"] == 4  # for validation alone
    jobs = planned_jobs(given.snakemake("--dry-run", "--forceall", config=GIVEN).stdout)
    assert jobs["check_challenge_set"] == 1
    assert jobs["continue_challenge"] == len(MODELS) + 2
    assert not jobs.keys() & {"score_challenge", "summarise_challenge", "plot_challenge"}


def test_a_set_that_was_read_for_training_is_refused_before_anything_trains(given):
    path = given.folder / "set.json"
    challenge = json.loads(path.read_text())
    challenge["playlists"][0]["pid"] = 7
    path.write_text(json.dumps(challenge))
    done = given.snakemake("results/challenge/set.json", config=GIVEN)
    assert done.returncode != 0
    assert "The training data holds playlists that are to be continued." in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "The challenge set is missing."),
        (json.dumps(["spotify:track:" + 22 * "0"]), "The file is no challenge set."),
        (
            '{"playlists": [{"pid": 1000000, "num_tracks": 5, "tracks": [{"track_uri": "spotify:track:'
            + 22 * "0"
            + '"}]}]}',
            "All titles of the challenge set are missing.",
        ),
    ],
)
def test_a_set_that_is_none_is_refused_before_any_job(workflow, text, message):
    if text is not None:
        (workflow.folder / "set.json").write_text(text)
    done = workflow.snakemake("--dry-run", config=GIVEN)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert message in output
    assert "Traceback" not in output
    assert "Job stats" not in output


def test_a_category_that_cannot_be_filled(workflow):
    config = GRAPH | {"challenge": {"playlists_per_category": 100, "categories": [8]}}
    done = workflow.snakemake("results/graph/edges.parquet", config=config)
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "too few playlists for category 8 of the challenge (title, 25 random)" in output
    assert "playlists have more than 25 tracks" in output
    assert not (workflow.folder / "results/challenge/held_out.parquet").exists()


def test_the_shipped_configuration_is_planned(workflow):
    done = workflow.run("--dry-run", "--cores", "8", "--configfile", "config/challenge.yaml")
    assert done.returncode == 0, done.stderr
    jobs = planned_jobs(done.stdout + done.stderr)
    assert jobs["hold_out_playlists"] == jobs["summarise_challenge"] == jobs["plot_challenge"] == 1
    assert jobs["train_model"] == 3
    # Three networks and four baselines; joint neighbours and what else answers from the catalogue.
    assert jobs["continue_challenge"] == 7
    assert jobs["score_challenge"] == 7 + jobs["continue_from_catalogue"]
    assert jobs["continue_from_catalogue"] >= 4
    assert jobs["compare_challenge"] == 1
    assert "map_playlists" not in jobs
    linted = workflow.run("--lint", "--configfile", "config/challenge.yaml")
    assert "good condition" in linted.stdout + linted.stderr
