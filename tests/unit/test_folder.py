"""`python -m segue.run.folder`, which the Makefile asks where results go."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def folder(*files):
    return subprocess.run(
        [sys.executable, "-m", "segue.run.folder", *files],
        cwd=ROOT,
        env={"PYTHONPATH": "workflow/scripts"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("files", "results"),
    [((), "results"), (("config/mpd.yaml",), "results/mpd"), (("config/bce.yaml",), "results/bce")],
)
def test_it_says_where_results_go(files, results):
    done = folder(*files)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{results}\n", "")


def test_a_fault_has_file_and_line_and_no_folder(tmp_path):
    (tmp_path / "mine.yaml").write_text("results: there\ntrain:\n\tepochs: 3\n")
    done = folder(str(tmp_path / "mine.yaml"))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"where: {tmp_path}/mine.yaml\n  found: line 3, column 1: found character '\\t'" in done.stderr
    assert "Traceback" not in done.stderr
