"""Snakemake, imported once for many runs: each is a fork of this process, which saves it half its start.

A program. Each line of stdin is JSON, {"folder", "arguments", "environment", "output", "errors", "seconds"}:
the working directory, what follows `snakemake` on the command line, the environment variables, the files for
stdout and stderr, and after how long the run is ended. For each comes a line with its exit status. `forked`
starts the program where it is first needed, and asks it. (A run prints the "Run directory" of this program.)
"""

import atexit
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def forked(folder: Path, arguments: list[str], seconds: int) -> subprocess.CompletedProcess[str]:
    """What `python -m snakemake` with ``arguments`` does in ``folder``, in this process's environment."""
    with tempfile.NamedTemporaryFile() as output, tempfile.NamedTemporaryFile() as errors:
        question = {
            "folder": str(folder),
            "arguments": arguments,
            "environment": dict(os.environ),
            "output": output.name,
            "errors": errors.name,
            "seconds": seconds,
        }
        program = _program()
        program.stdin.write(json.dumps(question) + "\n")
        program.stdin.flush()
        status = int(program.stdout.readline())
        texts = (Path(file.name).read_text(encoding="utf-8") for file in (output, errors))
        return subprocess.CompletedProcess(arguments, status, *texts)


@functools.cache
def _program() -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(program.communicate)  # closes stdin, which ends it
    return program


def run(question: dict[str, Any]) -> int:
    from snakemake.cli import main

    child = os.fork()
    if not child:
        for path, number in ((question["output"], 1), (question["errors"], 2)):
            os.dup2(os.open(path, os.O_WRONLY), number)
        os.chdir(question["folder"])
        os.environ.clear()
        os.environ.update(question["environment"])
        # As a new process finds them.
        tempfile.tempdir = None
        sys.path[0] = question["folder"]
        sys.argv = ["snakemake", *question["arguments"]]
        signal.alarm(question["seconds"])
        main(question["arguments"])  # ends the process
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    # And what it imports on its way.
    import snakemake.cli
    import snakemake.notebook
    import snakemake.profiles
    import snakemake.report.html_reporter  # noqa: F401

    for line in sys.stdin:
        print(run(json.loads(line)), flush=True)
