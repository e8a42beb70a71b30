"""`make recommend`, `continue` and `check-submission` hand on what they are given, whatever it holds."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# They write down what they were given.
PYTHON = """#!/bin/sh
if [ "$4" = --check ]; then printf 'a b\\nc\\n'; exit "${FAIL:-0}"; fi
printf '%s\\0' "$SEGUE_PLAYLIST" "$SEGUE_MODEL" "$SEGUE_N" "$SEGUE_OUT" "$SEGUE_CONFIG" "$@" > asked
"""
SNAKEMAKE = """#!/bin/sh
printf '%s\\0' "$@" > made
exit "${BROKEN:-0}"
"""


@pytest.fixture
def make(tmp_path):
    """A function that runs `make recommend`, or another target, with stand-ins for python and snakemake."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for name, text in (("python", PYTHON), ("snakemake", SNAKEMAKE)):
        path = tmp_path / ".venv/bin" / name
        path.write_text(text)
        path.chmod(0o755)
    (tmp_path / ".venv/.installed").touch()
    # Without what an outer make, such as `make test`, says to its own.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}

    def run(*arguments, target="recommend", **variables):
        return subprocess.run(
            ["make", target, *arguments],  # noqa: S607
            cwd=tmp_path,
            env=clean | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def given(path):
    return path.read_text(encoding="utf-8").split("\0")[:-1]


TITLES = [
    "road trip",
    "$(shell touch pwned)",
    "${shell touch pwned} $$HOME $HOME $@",
    "`touch pwned`; touch pwned | touch pwned & $(touch pwned)",
    """it's "quoted" \\ 'twice'""",
    "90's #1 🔥 日本 = : % * ~",
    "-n --check",
]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("way", ["argument", "environment"])
@pytest.mark.parametrize("target", ["recommend", "continue"])
def test_titles_arrive_whole(make, tmp_path, title, way, target):
    names = {"PLAYLIST": title, "OUT": title}
    arguments = [f"{name}={value}" for name, value in names.items()]
    done = make(*arguments, target=target) if way == "argument" else make(target=target, **names)
    assert done.returncode == 0, done.stderr
    assert given(tmp_path / "asked") == [title, "", "", title, "", "-m", "segue.cli.main", target]
    assert not (tmp_path / "pwned").exists()
    assert done.stdout == done.stderr == ""


def test_what_is_needed_is_made_first(make, tmp_path):
    done = make("PLAYLIST=x", "MODEL=lgc-hard-fixed", "N=5", "CONFIG=my config.yaml", "CORES=3")
    assert done.returncode == 0, done.stderr
    assert given(tmp_path / "asked")[:5] == ["x", "lgc-hard-fixed", "5", "", "my config.yaml"]
    arguments = given(tmp_path / "made")
    assert arguments[:2] == ["--cores", "3"]
    assert arguments[-5:] == ["--configfile", "my config.yaml", "--", "a b", "c"]


def test_nothing_is_made_for_a_wrong_question(make, tmp_path):
    assert make("PLAYLIST=x", FAIL="1").returncode != 0
    assert not (tmp_path / "made").exists()
    assert not (tmp_path / "asked").exists()


def test_nothing_is_answered_from_what_could_not_be_made(make, tmp_path):
    assert make("PLAYLIST=x", BROKEN="1").returncode != 0
    assert (tmp_path / "made").exists()
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("path", TITLES)
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_paths_of_a_submission_arrive_whole(make, tmp_path, path, way):
    names = {"SET": path, "SUBMISSION": f"{path}.csv.gz"}
    arguments = [f"{name}={value}" for name, value in names.items()]
    target = "check-submission"
    done = make(*arguments, target=target) if way == "argument" else make(target=target, **names)
    assert done.returncode == 0, done.stderr
    assert given(tmp_path / "asked")[5:] == ["-m", "segue.cli.check_submission", path, f"{path}.csv.gz"]
    assert not (tmp_path / "pwned").exists()
    assert not (tmp_path / "made").exists()
    assert done.stdout == done.stderr == ""


def test_a_submission_that_breaks_the_rules_fails(make, tmp_path):
    (tmp_path / ".venv/bin/python").write_text("#!/bin/sh\nexit 1\n")
    assert make("SET=a", "SUBMISSION=b", target="check-submission").returncode != 0
