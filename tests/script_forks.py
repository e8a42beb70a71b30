"""Python for scripts of rules, which has imported already what they import: each is a fork of one process.

Most of the time of a tiny job goes into importing torch and torch_geometric, and into taking them apart at
its end. A program, in two parts:

- ``script_forks.py DESCRIPTOR`` serves at an open Unix socket until its stdin ends. It imports packages when
  it is first asked, and nothing of Segue, since each folder of a test has its own copy.
- ``python -IS script_forks.py SOCKET SCRIPT`` does what ``python SCRIPT`` does: in its own working
  directory, environment and process group, to its own output, and ends with its status. Where its
  environment differs from the server's in what packages read when they are imported, it becomes that Python.
"""

import array
import contextlib
import json
import os
import signal
import socket
import sys

PACKAGES = (
    "torch_geometric.data",
    "torch_geometric.nn",
    "safetensors.torch",
    "matplotlib.figure",
    "matplotlib.style",
    "matplotlib.backends.backend_agg",
    "networkx",
    "scipy.sparse.linalg",
    "snakemake.iocontainers",
    "snakemake.logging",
)
# Not polars: it starts threads as soon as it is imported, which a fork lacks.


def read_at_import() -> dict[str, str]:
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return {name: os.environ[name] for name in os.environ if name in threads or name.startswith("PYTHON")}


def ask(place: str, script: str) -> int:
    """The exit status of ``script``, run by the server at ``place``."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(place)
        descriptors = array.array("i", [os.open(".", os.O_RDONLY), 1, 2])
        server.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        with server.makefile("rw", encoding="utf-8") as lines:
            tell(lines, json.dumps([script, read_at_import(), os.getpgrp(), dict(os.environ)]))
            if lines.readline() == "ready\n":
                tell(lines, "go")
                return int(lines.readline())
    return os.execv(sys.executable, [sys.executable, script])  # noqa: S606


def serve(descriptor: int) -> str:
    """Returns, in a fork for each question, the script that is to be run."""
    import gc
    import importlib
    import select

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    with socket.socket(fileno=descriptor) as server:
        while sys.stdin not in select.select([server, sys.stdin], [], [])[0]:
            asked, _ = server.accept()
            for name in PACKAGES:
                importlib.import_module(name)
            gc.freeze()  # no fork need walk what they hold
            if not os.fork():
                return answer(asked)
            asked.close()
    sys.exit()


def answer(asked: socket.socket) -> str:
    """Returns in the process that is to run the script, as if it had just been started for it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, (folder, *output), _, _ = socket.recv_fds(asked, 1, 3)
    lines = asked.makefile("rw", encoding="utf-8")
    script, read, group, environment = json.loads(lines.readline())
    if read != read_at_import():
        tell(lines, "elsewhere")
        os._exit(0)
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with contextlib.suppress(BrokenPipeError):  # who asked was killed, too
            tell(lines, str(status if status >= 0 else 128 - status))  # as a shell tells of a signal
        os._exit(0)
    os.setpgid(0, group)
    tell(lines, "ready")
    if lines.readline() != "go\n":
        os._exit(1)  # its group was killed before it was there
    os.fchdir(folder)
    for descriptor, number in zip([os.open(os.devnull, os.O_RDONLY), *output], range(3), strict=True):
        os.dup2(descriptor, number)
    os.environ.clear()
    os.environ.update(environment)
    return script


def tell(lines, line: str) -> None:
    print(line, file=lines, flush=True)


def run(script: str) -> None:
    """What ``python SCRIPT`` does; but it ends without taking packages apart."""
    import atexit
    import runpy
    import traceback

    sys.argv, sys.path[0] = [script], os.path.dirname(script)  # noqa: PTH120
    status = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        sys.exit(ask(*sys.argv[1:]))
    run(serve(int(sys.argv[1])))
