"""A copy of the workflow in a temporary folder, and one finished tiny run of it."""

import shutil

import pytest
from tiny_workflow import Workflow, copy_workflow


@pytest.fixture
def workflow(tmp_path):
    """A fresh copy, nothing run in it."""
    return copy_workflow(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy in which the whole tiny run, 12 models, has been made with one command; do not change it.

    Its folder has spaces and letters of several scripts in its name, as users' folders may.
    """
    workflow = copy_workflow(tmp_path_factory.mktemp("finished rün готово 完成"))
    done = workflow.snakemake(cores=4)
    assert done.returncode == 0, done.stderr
    (workflow.folder / "snakemake.log").write_text(done.stdout + done.stderr)
    return workflow


@pytest.fixture
def edited(finished, tmp_path):
    """A copy of the finished run, to edit and ask what is stale."""
    shutil.copytree(finished.folder, tmp_path / "copy")
    return Workflow(tmp_path / "copy")
