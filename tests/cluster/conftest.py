"""A SLURM, and a copy of the workflow for it."""

import importlib.util
import os
from collections.abc import Iterator

import pytest
from cluster_runs import HOLDING, Cluster
from throwaway_slurm import Slurm, missing_programs, throwaway_slurm
from tiny_workflow import copy_workflow


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    missing = missing_programs()
    if missing:
        pytest.skip(f"SLURM is not installed here: no {', '.join(missing)} (.ci/run installs it on Debian)")
    if os.getuid() != 0:
        pytest.skip("SLURM's daemons run as root here, and this is not root")
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("snakemake-executor-plugin-slurm is not installed")
    with throwaway_slurm(tmp_path_factory.mktemp("slurm")) as running:
        yield running


@pytest.fixture(scope="session")
def cluster(slurm: Slurm, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    switch = tmp_path_factory.mktemp("switch")
    (switch / "sitecustomize.py").write_text(HOLDING)
    # A folder name that a shell would split.
    return Cluster(copy_workflow(tmp_path_factory.mktemp("the cluster's copy")), slurm, switch)
