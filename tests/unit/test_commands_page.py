"""The examples of docs/commands.md, run as they stand there, in their order."""

import json
import os
import re
import shlex
import subprocess
import sys

import polars as pl
import pytest
from command_cases import ROOT, URI, run_segue, settle, write_served_run

from segue.cli.main import Deferred
from segue.cli.recommend import recommend
from segue.files import save_table
from segue.web.listen import bound

PAGE = (ROOT / "docs/commands.md").read_text()
EXAMPLES = [
    line for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]


METAL = "New Classic Metal 🔥\npid 72, 30 tracks: 20 in the 10-core, 2 of"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The working directory: a finished run, and the files that the page names."""
    monkeypatch.chdir(tmp_path)
    write_served_run(tmp_path)
    # As in the demo, one has such a title without the emoji.
    for table in (tmp_path / "results").glob("*/**/playlists.parquet"):
        titles = pl.col("name").replace("Road Trip", "New Classic Metal")
        save_table(pl.read_parquet(table).with_columns(titles), table)
    settle(tmp_path / "results")
    (tmp_path / "my.txt").write_text(f"# title: gym\n{URI(30)}\nArtist 3 - Song 31\n")
    tracks = [{"track_uri": URI(number)} for number in (30, 31)]
    counts = {"num_samples": 2, "num_holdouts": 8, "num_tracks": 10}
    playlists = [{"pid": pid, "name": "gym", **counts, "tracks": tracks} for pid in (1_000_000, 1_000_001)]
    (tmp_path / "challenge_set.json").write_text(json.dumps({"playlists": playlists}))
    return tmp_path


def shell(command):
    """Runs ``command`` with the command itself, in a shell."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts"), "PYTHON": sys.executable}
    return subprocess.run(
        ["bash", "-c", f'segue() {{ "$PYTHON" -m segue.cli.main "$@"; }}; set -o pipefail; {command}'],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def test_in_a_process_of_its_own_the_answer_is_whole(run):
    done = shell("segue continue my.txt -n 500 --json | cat; segue continue my.txt -n 599; echo $?")
    told, status = done.stdout.splitlines()
    assert len(json.loads(told)["playlists"][0]["proposals"]) == 500
    assert status == "1"
    assert done.stderr.startswith("Error: There are not that many tracks to recommend.\n")
    done = shell("segue continue my.txt -n 500 | head -n 1")
    assert (done.stdout, done.stderr) == ("gym\n", "")


def test_every_command_has_an_example():
    assert {shlex.split(line)[1] for line in EXAMPLES} == {*Deferred.COMMANDS}


def test_the_examples_of_the_help_of_recommend_run(run):
    examples = re.findall(r"^ *segue (recommend .*)", recommend.help, re.MULTILINE)
    assert len(examples) == 4
    for example in examples:
        done = run_segue(*shlex.split(example))
        assert (done.exit_code, done.stderr) == (0, ""), example
        assert done.stdout.startswith(METAL) != ("--json" in example)


def test_the_examples_run(run, monkeypatch):
    monkeypatch.setattr("segue.cli.run.subprocess.run", lambda *_, **__: pytest.fail("Snakemake was started"))
    monkeypatch.setattr("segue.web.listen.bound", lambda host, _: bound(host, 0))
    monkeypatch.setattr("segue.web.listen.listen", lambda app, listening, started: started())
    monkeypatch.setattr("click.launch", lambda address: print("opened", address))
    for example in EXAMPLES:
        name, *arguments = shlex.split(example)
        assert name == "segue"
        done = run_segue(*arguments)
        assert (done.exit_code, done.stderr) == (0, ""), example
        if "--json" in arguments:
            assert json.loads(done.stdout)
        elif "recommend" in arguments and "--out" not in arguments:
            assert done.stdout.startswith(METAL)
    assert {"metal.html", "my.html", "submission.csv.gz"} <= {path.name for path in run.iterdir()}
    assert "★  lgc-random-fixed" in run_segue("models").stdout
