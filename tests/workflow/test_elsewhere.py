"""The workflow where it does not lie in the working directory: by -s, by --directory, and as a module."""

import pytest
import yaml
from tiny_workflow import ROOT, SWEPT, TINY, Workflow, planned_jobs

TARGET = "results/figures/kcore_idea.png"
PARENT = """
configfile: "settings.yaml"

module segue:
    snakefile: config["snakefile"]
    config: config["segue"]

use rule * from segue as segue_*

rule count_models:
    input: rules.segue_summarise_metrics.output.csv
    output: "models.txt"
    shell: "wc -l < {input} > {output}"
"""


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with nothing of the workflow in it."""
    return Workflow(tmp_path)


@pytest.fixture(params=["-s", "--directory"])
def start(request, elsewhere):
    """Starts the workflow with ``elsewhere`` as working directory; returns the finished process."""
    (elsewhere.folder / "tiny.yaml").write_text(yaml.safe_dump(TINY))

    def started(*arguments):
        config = ["--cores", "2", "--configfile", elsewhere.folder / "tiny.yaml"]
        if request.param == "-s":
            return elsewhere.run("-s", ROOT / "Snakefile", *arguments, *config)
        return Workflow(ROOT).run("--directory", elsewhere.folder, *arguments, *config)

    return started


def test_from_another_folder(start, elsewhere):
    done = start("--dry-run")
    assert done.returncode == 0, done.stderr
    assert planned_jobs(done.stdout + done.stderr)["train_model"] == len(SWEPT)
    done = start(TARGET)
    assert done.returncode == 0, done.stderr
    assert (elsewhere.folder / TARGET).read_bytes()[1:4] == b"PNG"


def module(folder, settings):
    (folder.folder / "Snakefile").write_text(PARENT)
    config = {"snakefile": str(ROOT / "Snakefile"), "segue": settings}
    (folder.folder / "settings.yaml").write_text(yaml.safe_dump(config))


def test_as_a_module(elsewhere):
    """With another folder for its results, and a rule that reads them."""
    module(elsewhere, TINY | {"results": "of segue"})
    done = elsewhere.run("--dry-run", "--cores", "2", "count_models")
    assert done.returncode == 0, done.stderr
    jobs = planned_jobs(done.stdout + done.stderr)
    assert jobs["segue_train_model"] == len(SWEPT)
    assert jobs["count_models"] == 1
    target = "of segue/slices/000/edges.parquet"  # of settings, of the module's config, and of its wildcards
    done = elsewhere.run("--cores", "2", target)
    assert done.returncode == 0, done.stderr
    assert (elsewhere.folder / target).is_file()
    assert not (elsewhere.folder / "results").exists()
    log = (elsewhere.folder / "of segue/logs/parse_slices/000.log").read_text()
    assert "mpd.slice.0-59.json: 60 playlists" in log


def test_the_settings_of_a_module_are_checked(elsewhere):
    module(elsewhere, {"train": {"epoch": 4}})
    done = elsewhere.run("--dry-run", "--cores", "2", "count_models")
    assert done.returncode == 1
    assert "train.epoch: unknown key; did you mean 'epochs'?" in done.stdout + done.stderr
