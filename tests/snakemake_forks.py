"""Snakemake, imported once for many runs: each is a fork of this process, which saves it half its start.

Its scripts are forks too, of script_forks.py; but for `make test-all`, which starts a Python for each.

A program. Each line of stdin is JSON, {"folder", "arguments", "environment", "output", "errors",
"seconds", "wait"}: the working directory, what follows `snakemake` on the command line, the environment
variables, the files for stdout and stderr, after how long the run is ended, and whether to wait for it. For
each comes a line with its exit status, or its process id. `forked` and `started` start the program where it
is first needed, and ask it. (A run prints the "Run directory" of this program.)
"""

import atexit
import functools
import gc
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sizes import LONG

SCRIPTS = str(Path(__file__).with_name("script_forks.py"))


def forked(folder: Path, arguments: list[str], seconds: int) -> subprocess.CompletedProcess[str]:
    """What `python -m snakemake` with ``arguments`` does in ``folder``, in this process's environment."""
    with tempfile.NamedTemporaryFile() as output, tempfile.NamedTemporaryFile() as errors:
        status = _ask(folder, arguments, output.name, errors.name, seconds=seconds, wait=True)
        texts = (Path(file.name).read_text(encoding="utf-8") for file in (output, errors))
        return subprocess.CompletedProcess(arguments, status, *texts)


def started(folder: Path, arguments: list[str], seconds: int) -> int:
    """The id of a process that does so, which nobody waits for, and of its own process group."""
    return _ask(folder, arguments, os.devnull, os.devnull, seconds=seconds, wait=False)


def _ask(folder: Path, arguments: list[str], output: str, errors: str, **how: Any) -> int:
    question = {
        "folder": str(folder),
        "arguments": arguments,
        "environment": dict(os.environ),
        "output": output,
        "errors": errors,
        **how,
    }
    program = _program()
    program.stdin.write(json.dumps(question) + "\n")
    program.stdin.flush()
    return int(program.stdout.readline())


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
        if not question["wait"]:
            os.setpgid(0, 0)
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
    if question["wait"]:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    while os.getpgid(child) != child:
        time.sleep(0.001)
    return child


def fork_scripts(place: str) -> subprocess.Popen[str]:
    """Lets the scripts of Snakemake's rules be forks of a process, which listens at the socket ``place``."""
    from snakemake.script import PythonScript

    python = shlex.join([sys.executable, "-IS", SCRIPTS, place])

    def execute_script(self: PythonScript, fname: str, edit: bool = False) -> None:
        self._execute_cmd("{python} {fname:q}", python=python, fname=fname, is_python_script=True)

    PythonScript.execute_script = execute_script
    with socket.socket(socket.AF_UNIX) as server:  # is there before any script asks
        server.bind(place)
        server.listen(64)
        command = [sys.executable, SCRIPTS, str(server.fileno())]
        return subprocess.Popen(command, stdin=subprocess.PIPE, text=True, pass_fds=[server.fileno()])


if __name__ == "__main__":
    # And what it imports on its way.
    import snakemake.cli
    import snakemake.notebook
    import snakemake.profiles
    import snakemake.report.html_reporter  # noqa: F401

    gc.freeze()  # no run need walk what they hold
    folder = tempfile.mkdtemp()  # no context: runs, which are forks, would leave it too
    scripts = None if LONG else fork_scripts(f"{folder}/scripts")
    for line in sys.stdin:
        print(run(json.loads(line)), flush=True)
    if scripts:
        scripts.communicate()  # closes stdin, which ends it
    shutil.rmtree(folder)
