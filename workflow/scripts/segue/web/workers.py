"""More processes that answer at one socket, each with the models in its own memory."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from segue.errors import SegueError

END_SECONDS = 5  # that a process may take to end


@contextlib.contextmanager
def others(count: int, work: Callable[..., None], *about: Any) -> Iterator[Callable[[], None]]:
    """``count`` processes that call ``work``, a function of a module, with what it is to call when it is
    ready, and with ``about``.

    They end with the block, and with this process, however that ends; of one that ends before, stderr says
    so. Gives a function that waits until all are ready, and raises SegueError where one never will be.
    """
    context = multiprocessing.get_context("spawn")  # threads of polars and torch do not outlive a fork
    made: list[BaseProcess] = []
    ends: list[Connection] = []
    at_end = threading.Event()
    try:
        for _ in range(count):
            mine, theirs = context.Pipe()
            made.append(context.Process(target=_work, args=(theirs, work, about), daemon=True))
            made[-1].start()
            theirs.close()  # so that the end of the other process is seen
            ends.append(mine)
        if made:
            threading.Thread(target=_tell_of_ends, args=(made, at_end), daemon=True).start()
        yield lambda: _require_ready(ends)
    finally:
        at_end.set()
        for end in ends:
            end.close()
        for process in made:
            process.join(END_SECONDS)
            process.kill()


def _require_ready(ends: Sequence[Connection]) -> None:
    for end in ends:
        try:
            end.recv_bytes()
        except (EOFError, OSError):
            raise SegueError(
                "A worker ended before it was ready.",
                where="segue serve",
                found="what is said above; where that is nothing, memory may have been too small",
                fix="ask for fewer workers",
            ) from None


def _tell_of_ends(made: Sequence[BaseProcess], at_end: threading.Event) -> None:
    left = {process.sentinel: process for process in made}
    while left:
        for sentinel in wait([*left]):
            process = left.pop(sentinel)
            process.join()
            if not at_end.is_set():
                print(f"A worker has ended, exit code {process.exitcode}; the others go on.", file=sys.stderr)


def _work(end: Connection, work: Callable[..., None], about: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with, args=(end,), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):  # which is everybody's
        work(lambda *_: end.send_bytes(b"ready"), *about)


def _end_with(end: Connection) -> None:
    """Ends this process when the other ``end`` is closed, by whatever."""
    with contextlib.suppress(EOFError, OSError):
        end.recv_bytes()
    os.kill(os.getpid(), signal.SIGTERM)
