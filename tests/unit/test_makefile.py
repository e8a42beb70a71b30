"""`make setup` makes an environment with the command `segue`, once; what make no longer does."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Writes down what it was given, and makes the environment of `-m venv`, with itself as python and snakemake.
# A configuration's results go to `my results`, unless there is a file `wrong`.
PYTHON = """#!/bin/sh
printf '%s\\n' "$*" >> calls
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p .venv/bin
  for name in python snakemake ruff snakefmt; do cp "$0" .venv/bin/$name; done
fi
if [ "$2" = segue.run.folder ]; then [ -e wrong ] && exit 1; echo "my results"; fi
if [ -e broken ] && [ "$3" = install ]; then exit 1; fi
exit 0
"""


@pytest.fixture
def make(tmp_path):
    """A function that runs make with a stand-in for Python; returns the exit status and that one's calls."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
        os.utime(tmp_path / name, (1e9, 1e9))
    python = tmp_path / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    # Without what an outer make, such as `make test`, says to its own.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}

    def run(*arguments):
        calls = tmp_path / "calls"
        calls.write_text("")
        done = subprocess.run(
            ["make", f"PYTHON={python}", *arguments],  # noqa: S607
            cwd=tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, calls.read_text().splitlines()

    return run


def test_set_up_installs_the_lock_and_the_package_once(make):
    status, calls = make("setup")
    assert status == 0
    assert calls[1] == "-m venv .venv"
    pip = "-m pip install --disable-pip-version-check --quiet --no-compile"
    assert calls[2:] == [
        f"{pip} --requirement requirements.txt",
        f"{pip} --no-deps --editable .",
        "-m compileall -q -j 0 .venv/lib",
    ]
    assert make("setup") == (0, [])


def test_tools_for_tests_are_installed_by_what_wants_them_and_once(make):
    make("setup")
    status, calls = make("lint")
    assert status == 0
    assert calls[0].endswith("--requirement requirements.txt --requirement requirements-dev.txt")
    assert not any("pip" in call for call in calls[1:])
    assert make("setup", "setup-dev") == (0, [])
    assert not any("install" in call for call in make("test")[1])


def test_an_edit_of_the_tools_installs_nothing_for_a_run(make, tmp_path):
    make("setup-dev")
    later = (tmp_path / ".venv/.developing").stat().st_mtime + 10
    os.utime(tmp_path / "requirements-dev.txt", (later, later))
    assert make("setup") == (0, [])
    assert len(make("setup-dev")[1]) == 2


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_an_edit_of_what_is_installed_installs_again(make, tmp_path, name):
    make("setup")
    later = (tmp_path / ".venv/.installed").stat().st_mtime + 10
    os.utime(tmp_path / name, (later, later))
    status, calls = make("setup")
    assert (status, len(calls)) == (0, 5)


def test_a_set_up_that_failed_is_done_again(make, tmp_path):
    (tmp_path / "broken").touch()
    assert make("setup")[0] != 0
    (tmp_path / "broken").unlink()
    assert len(make("setup")[1]) == 5


@pytest.mark.parametrize("target", ["recommend", "continue", "check-submission"])
def test_make_answers_no_more(make, target):
    """A misspelt variable was ignored without a word: PLAYLIST=72 K=5."""
    status, calls = make(target, "PLAYLIST=72")
    assert status != 0
    assert calls == []


def test_a_report_goes_to_the_results_folder_that_the_configuration_names(make):
    make("setup")
    status, calls = make("report", "CONFIG=my own.yaml", "CORES=2")
    assert status == 0
    assert calls[0] == "-m segue.run.folder my own.yaml"
    assert [call for call in calls if "segue.run.folder" not in call] == [
        "--logger segue --cores 2 --configfile my own.yaml"
    ]
    status, calls = make("demo", "CORES=2")
    assert (status, calls[-1]) == (0, "-m segue.run.folder")
    assert "--logger segue --cores 2" in calls


def test_a_wrong_configuration_makes_nothing(make, tmp_path):
    make("setup")
    (tmp_path / "wrong").touch()
    status, calls = make("report")
    assert status != 0
    assert {*calls} == {"-m segue.run.folder"}
