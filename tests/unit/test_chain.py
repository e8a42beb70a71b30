"""Which jobs are due, by the files that are there and their times."""

import os

import pytest
import yaml
from command_cases import ROOT

from segue.cli.continue_ import files_of_continue
from segue.cli.recommend import files_of_recommend
from segue.cli.run import Run
from segue.run.chain import jobs_of_run
from segue.run.due import due
from segue.run.models import models_of

CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
SCORER, TITLES = "results/serving/scorer.safetensors", "results/serving/titles.safetensors"


@pytest.fixture
def finished(tmp_path, monkeypatch):
    """The files of a finished run, each made a second after what it is made from."""
    monkeypatch.chdir(tmp_path)
    for place, job in enumerate(jobs_of_run(CONFIG)):
        for path in job.outputs:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()
            os.utime(tmp_path / path, (1e9 + place, 1e9 + place))
    return tmp_path


def rules(*files):
    return [(one.job.rule, one.job.name) for one in due(files, CONFIG)]


ALL = [path for job in jobs_of_run(CONFIG) for path in job.outputs]


def test_no_job_comes_before_one_whose_files_it_reads():
    made = set()
    for job in jobs_of_run(CONFIG):
        assert made.isdisjoint(job.outputs)
        made |= {*job.outputs}
        assert made >= {path for path in job.inputs if path in ALL}
    assert len(models_of(CONFIG["sweep"], CONFIG["train"]["seed"])) == 15


def test_trials_come_before_what_is_trained_with_their_choice():
    model = "lgc-random-fixed"
    asked = {model: {"grid": {"train.lr": [0.01, 0.02, 0.03]}}, "als": {"grid": {"factors": [32, 64]}}}
    jobs = jobs_of_run(CONFIG | {"tune": CONFIG["tune"] | {"models": asked}})
    rules = [job.rule for job in jobs]
    assert [rules.count(rule) for rule in ("try_model", "rank_trials", "choose_trial")] == [3 + 2 + 2, 2, 2]
    assert rules.count("try_baseline") == 4  # with the two values of its own section
    made = set()
    for job in jobs:
        assert not [path for path in job.inputs if "/tune/" in path and path not in made]
        made |= {*job.outputs}
    readers = {job.name for job in jobs if any(path.endswith("chosen.json") for path in job.inputs)}
    assert readers == {model, "als"}


def test_every_file_that_the_command_reads_is_some_job_s():
    run = Run(CONFIG)
    for model in [None, *run.models]:
        assert {*files_of_recommend(run, model), *files_of_continue(run, model)} <= {*ALL}


def test_of_a_finished_run_nothing_is_due(finished):
    assert rules(*ALL) == []


def test_equal_times_are_no_reason(finished):
    for path in ALL:
        os.utime(path, (1e9, 1e9))
    assert rules(*ALL) == []


def test_of_a_fresh_clone_all_that_leads_there_is_due(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {rule for rule, _ in rules("results/models/als/scorer.safetensors")} == {
        "make_sample",
        "parse_slices",
        "list_quarantine",
        "build_kcore",
        "split_edges",
        "fit_baseline",
    }
    assert [rule for rule, _ in rules(SCORER)].count("train_model") == 15
    one = "results/models/gat-hard-fixed/embeddings.safetensors"
    assert [name for rule, name in rules(one) if rule == "train_model"] == ["gat-hard-fixed"]


def test_one_missing_file_is_one_job(finished):
    (finished / TITLES).unlink()
    (one,) = due([SCORER, TITLES], CONFIG)
    assert (one.job.rule, one.why, one.seconds) == ("index_titles", f"{TITLES} is missing", None)
    assert rules(SCORER) == []
    (finished / "results/graph/edges.parquet").unlink()  # of a job whose other files are wanted, too
    assert rules("results/graph/tracks.parquet") == []
    assert rules("results/graph/edges.parquet")[0] == ("build_kcore", "")


def test_what_is_older_than_what_it_is_made_from_is_due_and_what_follows(finished):
    os.utime(finished / "results/models/sage-hard-fixed/validation.json", (2e9, 2e9))
    assert rules(SCORER) == [("pick_best", ""), ("freeze_best", "")]
    assert due([SCORER], CONFIG)[0].why == (
        "results/metrics/best.json is older than results/models/sage-hard-fixed/validation.json"
    )
    assert due([SCORER], CONFIG)[1].why == "what it reads is made anew"
    assert rules(TITLES) == []


def test_a_file_between_that_is_gone_makes_nothing_due(finished):
    (finished / "results/split/split.safetensors").unlink()
    assert rules(SCORER, TITLES) == []
    assert rules(SCORER, "results/split/split.safetensors")[0] == ("split_edges", "")


def test_how_long_a_job_took_before_is_known_from_benchmarks(finished):
    (finished / SCORER).unlink()
    folder = finished / "results/benchmarks"
    folder.mkdir()
    (folder / "freeze_best.tsv").write_text("s\th:m:s\tmax_rss\n12.5\t0:00:12\t3\n")
    assert due([SCORER], CONFIG)[0].seconds == 12.5
    (finished / "results/models/knn/scorer.safetensors").unlink()
    (folder / "fit_baseline").mkdir()
    (folder / "fit_baseline/als.tsv").write_text("s\n4\n")
    assert due(["results/models/knn/scorer.safetensors"], CONFIG)[0].seconds == 4  # another of its rule


def test_edge_lists_are_parsed_from_the_files_of_the_configuration(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").touch()
    data = CONFIG["data"] | {"source": "edges", "edges": CONFIG["data"]["edges"] | {"files": ["a.csv"]}}
    job = jobs_of_run(CONFIG | {"data": data})[0]
    assert (job.rule, job.name, job.inputs) == ("parse_edges", "", ("a.csv",))
