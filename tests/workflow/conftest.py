"""A copy of the workflow in a temporary folder, and one finished tiny run of it."""

import shutil
import time

import pytest
from tiny_workflow import TARGETS, Workflow, copy_workflow


@pytest.fixture
def workflow(tmp_path):
    """A fresh copy, nothing run in it."""
    return copy_workflow(tmp_path)


@pytest.fixture(scope="session")
def finished(made_once):
    """A copy in which the whole tiny run has been made with one command; do not change it.

    Its folder has spaces and letters of several scripts in its name, as users' folders may.
    """

    def run(folder):
        started = time.perf_counter()
        done = copy_workflow(folder).snakemake(*TARGETS)
        assert done.returncode == 0, done.stderr
        (folder / "seconds.txt").write_text(f"{time.perf_counter() - started:.1f}")
        (folder / "snakemake.log").write_text(done.stdout + done.stderr)

    return Workflow(made_once("finished rün готово 完成", run))


@pytest.fixture
def edited(finished, tmp_path):
    """A copy of the finished run, to edit and ask what is stale."""
    shutil.copytree(finished.folder, tmp_path / "copy")
    return Workflow(tmp_path / "copy")
