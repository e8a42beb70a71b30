"""The command `segue` in a folder with a run, for the tests of it."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from segue.cli.main import segue

ROOT = Path(__file__).parents[1]


def run_segue(*arguments: str, width: int | None = None) -> Result:
    """Runs the command in the working directory; ``width``: of the terminal, None where there is none.

    What it prints is in ``stdout`` and ``stderr``. An exception that is no exit fails the test.
    """
    with pytest.MonkeyPatch.context() as patch:
        if width is not None:
            patch.setattr(
                "segue.cli.terminal.shutil.get_terminal_size", lambda: os.terminal_size((width, 24))
            )
            patch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True)
            patch.setenv("TERM", "dumb")  # no colours
        done = CliRunner().invoke(segue, arguments, prog_name="segue")
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert "Traceback" not in done.stderr
    return done


def refused(*arguments: str, status: int = 1) -> str:
    """What the command says on stderr, where it has to fail with ``status``, and to print nothing else."""
    done = run_segue(*arguments)
    assert (done.exit_code, done.stdout) == (status, ""), done.output
    return done.stderr


def write_run(folder: Path, config: dict) -> str:
    """Makes ``folder`` a place to run Snakemake in: the default configuration, and ``config`` as overrides.

    Returns the name of the file of these.
    """
    (folder / "config").mkdir(exist_ok=True)
    shutil.copy(ROOT / "config/config.yaml", folder / "config")
    (folder / "mine.yaml").write_text(json.dumps(config))
    return "mine.yaml"


def settle(folder: Path) -> None:
    """Gives all files one time, so that none is older than what it is made from."""
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))
