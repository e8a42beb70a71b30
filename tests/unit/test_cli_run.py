"""Which run is asked, and what is said before any work; Snakemake where something is missing."""

import os
import subprocess
import sys
import time

import pytest
import yaml
from command_cases import ROOT, refused, run_segue, write_run

from segue.cli.main import Deferred
from segue.cli.run import open_run
from segue.data.provenance import VERSION
from segue.errors import SegueError
from segue.files import write_json
from segue.run.config import read_config

MODELS_OF_A_CONV = ["random-fixed", "random-learnable", "hard-fixed", "hard-learnable"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, with the default configuration."""
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path, {})
    return tmp_path


@pytest.fixture
def overrides(folder):
    """A function that writes a file of overrides and returns its path."""

    def write(values):
        (folder / "my own.yaml").write_text(yaml.safe_dump(values))
        return "my own.yaml"

    return write


@pytest.fixture
def snakemake(folder, monkeypatch):
    """A stand-in for Snakemake, which writes its arguments down and ends with the status in the file fail."""
    package = folder / "stand in/snakemake"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import os, pathlib, sys\n"
        "pathlib.Path('made').write_text(chr(0).join(sys.argv[1:]))\n"
        "pathlib.Path('paths').write_text(os.environ['PYTHONPATH'])\n"
        "print('on stdout')\n"
        "sys.exit(int(pathlib.Path('fail').read_text()) if pathlib.Path('fail').exists() else 0)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{package.parent}:{ROOT / 'workflow/scripts'}")
    return folder / "made"


def test_the_configuration_is_that_of_the_folder(folder):
    run = open_run(None)
    assert run.config["graph"]["k_core"] == 10
    assert str(run.results) == "results"
    assert len(run.trained) == 15
    assert run.models[15:] == ["popularity", "knn", "als", "ease", "rp3b", "gfcf", "filter"]


def test_another_configuration_is_laid_over_it(overrides):
    run = open_run(
        overrides({"results": "out put", "graph": {"k_core": 3}, "sweep": {"conv": ["sage"], "models": []}})
    )
    assert run.config["graph"]["k_core"] == 3
    assert run.config["graph"]["on_mismatch"] == "warn"
    assert run.trained == [f"sage-{rest}" for rest in MODELS_OF_A_CONV]
    assert str(run.results) == "out put"


def test_a_folder_without_a_run_is_said_to_be_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = refused("models")
    assert said.startswith("Error: There is no run in this folder.\n")
    assert f"  where: {tmp_path}\n  found: neither config/config.yaml nor results\n" in said
    assert str(ROOT) in said
    (tmp_path / "results").mkdir()  # as snakemake -s .../Snakefile makes it in any folder
    assert run_segue("models").exit_code == 0
    assert open_run(None).config == read_config(ROOT / "config/config.yaml")


def test_an_unknown_model_is_refused_with_those_of_the_run(overrides):
    run = open_run(overrides({"sweep": {"conv": ["gat"], "alpha": ["fixed"], "models": []}}))
    with pytest.raises(SegueError) as error:
        run.require_model("gat-hrd-fixed")
    of_baselines = "popularity, knn, als, ease, rp3b, gfcf, filter"
    assert error.value.expected == f"one of gat-random-fixed, gat-hard-fixed, {of_baselines}"
    assert error.value.fix == "did you mean gat-hard-fixed?"
    with pytest.raises(SegueError) as error:
        run.require_model("../../x")
    assert error.value.fix == "correct --model, or leave it out for the best"
    for asked, meant in {
        "GAT-HARD-FIXED": "gat-hard-fixed",
        "item-knn": "knn",
        "gat": "gat-random-fixed",
    }.items():
        with pytest.raises(SegueError, match=f"did you mean {meant}"):
            run.require_model(asked)
    measured = {"gat-random-fixed": 0.2, "gat-hard-fixed": 0.3, "knn": 0.1}
    for name, recall in measured.items():
        (run.results / "models" / name).mkdir(parents=True)
        write_json(run.results / f"models/{name}/validation.json", {"validation_recall": recall})
    with pytest.raises(SegueError, match="did you mean gat-hard-fixed"):  # of what begins so, the best
        run.require_model("gat")
    run.require_model("ease")
    run.require_model(None)


def test_a_wrong_configuration_is_refused(overrides):
    with pytest.raises(SegueError, match="did you mean 'k_core'"):
        open_run(overrides({"graph": {"kcore": 3}}))
    with pytest.raises(SegueError, match="cannot be read"):
        open_run("nowhere.yaml")


@pytest.mark.parametrize("n", [" ", "", "0", "-1", "1.5", "ten", "٣", "1" * 5000])
def test_no_number(folder, n):
    said = refused("recommend", "-n", n, "chill", status=2)
    assert "no whole number from 1" in said
    assert len(said) < 400


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["recomend", "x"], "Did you mean 'recommend'?"),
        (["check"], "No such command 'check'"),
        (["recommend", "x", "--modle", "als"], "--model"),
        (["recommend", "x", "K=5"], "unexpected extra argument (K=5)"),
        (["continue"], "Missing argument 'FILE'"),
        (["models", "--n", "3"], "No such option"),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_near(folder, arguments, said):
    assert said in refused(*arguments, status=2)


@pytest.mark.parametrize("command", [[], *([name] for name in Deferred.COMMANDS)])
def test_help_teaches_with_examples(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)  # there is no run
    done = run_segue(*command, "--help")
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"segue {' '.join(command)}".strip() + " " in done.stdout.split("\n", 1)[1]
    assert "Options:" in done.stdout
    assert all(len(line) <= 110 for line in done.stdout.split("\n"))
    listed = run_segue("--help").stdout
    assert all(name in listed for name in Deferred.COMMANDS)
    assert "Exit status: 0" in listed


def test_which_it_is():
    done = run_segue("--version")
    assert (done.exit_code, done.stdout) == (0, f"segue {VERSION}\n")


def test_completion_names_the_models(folder, monkeypatch):
    monkeypatch.setenv("_SEGUE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "segue recommend --model sage-h")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert run_segue().stdout.split() == ["plain,sage-hard-fixed", "plain,sage-hard-learnable"]


def test_what_is_missing_is_said_and_not_made(folder, snakemake):
    (folder / "results/benchmarks/train_model").mkdir(parents=True)
    for number, conv in enumerate(["lgc", "gat", "sage"]):
        for rest in (*MODELS_OF_A_CONV, "softmax-fixed"):
            path = folder / f"results/benchmarks/train_model/{conv}-{rest}.tsv"
            path.write_text(f"s\th:m:s\n{100 * (number + 1)}.5\t0:01:40\n")
    said = refused("recommend", "chill")
    lines = [" ".join(line.split()) for line in said.split("\n")]
    assert lines[0] == "Error: The run is not ready: 25 jobs have to run first."
    assert "train_model 15 51 min results/models/lgc-random-fixed/model.safetensors is missing" in lines
    assert "build_kcore 1 not known results/graph/edges.parquet is missing" in lines
    assert (
        "next step: the same command with --make runs them; so does snakemake --cores all --snakefile "
        in said
    )
    assert not snakemake.exists()


def test_make_runs_snakemake_for_what_is_needed_and_no_more(overrides, snakemake):
    config = overrides({"results": "out put", "data": {"slices": 1}, "sweep": {"conv": ["gat"]}})
    options = ["--config", config, "--model", "gat-hard-fixed", "--make", "--cores", "3"]
    with pytest.raises(FileNotFoundError):  # the stand-in makes nothing
        run_segue("recommend", "chill", *options)
    arguments = snakemake.read_text().split("\0")
    assert arguments[arguments.index("--cores") + 1] == "3"
    at = arguments.index("--configfile")
    assert arguments[at + 1 : at + 3] == ["config/config.yaml", "my own.yaml"]
    assert arguments[arguments.index("--snakefile") + 1] == str(ROOT / "Snakefile")  # there is none here
    assert arguments[:2] == ["--logger", "segue"]
    assert arguments[arguments.index("--") + 1 :] == [
        "out put/models/gat-hard-fixed/embeddings.safetensors",
        "out put/split/split.safetensors",
        *(f"out put/graph/{name}.parquet" for name in ("edges", "playlists", "tracks")),
        *(f"out put/slices/000/{name}.parquet" for name in ("playlists", "edges", "tracks")),
    ]


@pytest.mark.parametrize("has_logger", [True, False])
def test_the_logger_is_that_of_the_folder_s_own_workflow(folder, snakemake, has_logger):
    """Its folder goes to the jobs too, and the library beside it with it."""
    (folder / "Snakefile").touch()
    if has_logger:
        (folder / "workflow/scripts/snakemake_logger_plugin_segue").mkdir(parents=True)
    before = os.environ["PYTHONPATH"]
    with pytest.raises(FileNotFoundError):  # the stand-in makes nothing
        run_segue("recommend", "chill", "--make")
    own = f"{folder}/workflow/scripts{os.pathsep}" if has_logger else ""
    assert (folder / "paths").read_text() == own + before
    options = snakemake.read_text().split("\0")
    assert options[:2] == (["--logger", "segue"] if has_logger else ["--quiet", "host"])


def test_the_folder_s_own_snakefile_is_taken(folder):
    (folder / "workflow").mkdir()
    (folder / "workflow/Snakefile").touch()
    assert open_run(None).snakemake(["a b"]) == ["--cores", "all", "--", "a b"]


def test_nothing_is_answered_from_what_could_not_be_made(folder, snakemake):
    (folder / "fail").write_text("1")
    said = refused("recommend", "chill", "--make")
    assert said.startswith("Making what is missing: 25 jobs have to run.\n")
    assert "Error: Snakemake could not make what is missing.\n  found: exit status 1\n" in said


def test_models_of_a_run_that_made_none(folder):
    done = run_segue("models")
    assert done.exit_code == 0
    assert done.stdout.count("not made yet") == 22
    assert "Which is the best is not known yet" in done.stdout


def test_the_command_starts_quickly_and_without_what_is_heavy():
    """In a process of its own, as from the shell; of three the fastest, since others use the machine too."""
    code = (
        "import sys; sys.argv = ['segue', '--help']\n"
        "from segue.cli.main import main\n"
        "try: main()\n"
        "finally: print(*{'torch', 'polars', 'snakemake', 'rich'} & {*sys.modules}, file=sys.stderr)"
    )
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": str(ROOT / "workflow/scripts")},
        )
        seconds.append(time.perf_counter() - start)
    assert done.stdout.startswith("Usage: segue ")
    assert done.stderr.split() == []
    assert min(seconds) < 2  # 0.2 s where nothing else runs


def test_it_runs_as_a_module(folder):
    done = subprocess.run(
        [sys.executable, "-m", "segue.cli.main", "models", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "workflow/scripts"), "LC_ALL": "C"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '"model": "sage-hard-learnable"' in done.stdout
