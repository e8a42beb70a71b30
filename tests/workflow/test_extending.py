"""docs/extending.md does what it says: its code, entries and block go into a copy of a finished run."""

import re
import subprocess
import sys

import polars as pl
import pytest
from tiny_workflow import ROOT, SWEPT, planned_jobs

PAGE = (ROOT / "docs/extending.md").read_text()
LIBRARY, TEST = re.findall(r"```python\n(.*?)```", PAGE, re.S)
(ENTRIES,) = re.findall(r"```text\n(.*?)```", PAGE, re.S)
(BLOCK,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
# One model, as the page ends: its convolution and its loss.
OWN = {"sweep": {"conv": ["mix"], "sampler": ["random"], "alpha": ["fixed"]}, "train": {"loss": "hinge"}}
CONTINUE = """
import sys, polars, segue
uris = polars.read_parquet("results/serving/tracks.parquet")["track_uri"]
model = segue.load("results", "mix-random-fixed")
answer = segue.continue_playlists(model, [segue.Playlist(tracks=tuple(uris[:5]), title="mine")], n=10)
assert answer["path"].to_list() == ["tracks"] * 10 and not set(answer["track_uri"]) & set(uris[:5]), answer
assert "segue.nn.mix" in sys.modules
"""


def insert(path, after, text):
    whole = path.read_text()
    assert whole.count(after) == 1, after
    path.write_text(whole.replace(after, after + text))


@pytest.fixture
def extended(edited):
    """A copy of the finished run with what the page adds."""
    scripts = edited.folder / "workflow/scripts"
    (scripts / "segue/nn/mix.py").write_text(LIBRARY)
    convolution, loss = ENTRIES[: ENTRIES.index("    Loss(")], ENTRIES[ENTRIES.index("    Loss(") :]
    registry = scripts / "segue/run/registry.py"
    insert(registry, "CONVOLUTIONS: dict[str, Convolution] = by_name(\n", convolution)
    insert(registry, "LOSSES: dict[str, Loss] = by_name(\n", loss)
    insert(edited.folder / "config/config.yaml", "\nmodel:\n", BLOCK)
    return edited


def python(workflow, *arguments):
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=workflow.folder,
        env={"PYTHONPATH": "workflow/scripts", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_is_short():
    assert len(PAGE.splitlines()) <= 56


def test_what_is_added_trains_itself_and_no_other_model(extended):
    """Entries, code and block alone retrain nothing; in the sweep, its own models are new."""
    jobs = {"train_model", "fit_baseline", "evaluate_model", "evaluate_baseline", "map_playlists"}
    assert not extended.stale_rules() & jobs
    sweep = {"sweep": {"conv": ["lgc", "gat", "sage", "mix"]}}
    done = extended.snakemake("--dry-run", config=sweep)
    assert done.returncode == 0, done.stderr
    planned = planned_jobs(done.stdout + done.stderr)
    new = len(SWEPT) // 3  # of one convolution
    expected = {"train_model": new, "evaluate_model": new}
    assert {rule: planned[rule] for rule in jobs & planned.keys()} == expected
    output = done.stdout + done.stderr
    assert set(re.findall(r"(?:Training|Testing) (\w+)(?: with|-\w+-)", output)) == {"mix"}


def test_a_model_is_trained_tested_drawn_and_continues_an_unseen_playlist(extended):
    done = extended.snakemake(
        "results/models/mix-random-fixed/scorer.safetensors",
        "results/serving/tracks.parquet",
        "results/serving/titles.safetensors",
        "results/metrics/summary.csv",
        "results/figures/loss.png",
        "results/figures/metrics.png",
        "results/report/summary.html",
        config=OWN,
    )
    assert done.returncode == 0, done.stderr
    summary = pl.read_csv(extended.folder / "results/metrics/summary.csv")
    assert summary["model"].to_list() == [
        "mix-random-fixed",
        "popularity",
        "knn",
        "als",
        "ease",
        "rp3b",
        "gfcf",
        "filter",
    ]
    assert ">Mix random, fixed α<" in (extended.folder / "results/report/summary.html").read_text()
    python(extended, "-c", CONTINUE)
    (extended.folder / "test_mix.py").write_text(TEST)
    python(extended, "-m", "pytest", "-q", "test_mix.py")


def test_a_misspelt_one_stops_before_any_job(extended):
    done = extended.snakemake("--dry-run", config={"sweep": {"conv": ["mxi"]}, "train": {"loss": "hing"}})
    assert done.returncode
    output = done.stdout + done.stderr
    assert "sweep.conv.0: found 'mxi', expected one of mix, lgc, gat, sage; did you mean 'mix'?" in output
    assert (
        "train.loss: found 'hing', expected one of hinge, bpr, bce, softmax; did you mean 'hinge'?" in output
    )
