"""Kills at random moments of the whole tiny run; and all that one seed makes has the same bytes."""

import pytest
from sizes import quick_or_long
from tiny_workflow import TARGETS, TINY
from torture import Undisturbed, fresh_copy, torture

# How often to save changes no result; here a training that was killed goes on from the epoch before.
CHECKPOINTS = {"checkpoints": {"epochs": 1}}
COMMAND = ["--cores", "2", *TARGETS, "--configfile", "tiny.yaml", "checkpoints.yaml"]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return fresh_copy(tmp_path_factory.mktemp("torture") / "fresh", tiny=TINY, checkpoints=CHECKPOINTS)


@pytest.fixture(scope="module")
def undisturbed(finished):
    seconds = float((finished.folder / "seconds.txt").read_text())
    return Undisturbed.of(finished, COMMAND, seconds)


def test_killed_runs_end_as_an_undisturbed_one(fresh, undisturbed, tmp_path):
    kills, in_a_run = quick_or_long((4, 4), (14, 2))
    report = torture(fresh, tmp_path / "run", undisturbed, kills=kills, in_a_run=in_a_run, seed=6)
    assert report["equal"] == kills, report["runs"]
    assert sum(report["kills_by_rule"].values()) > 0
