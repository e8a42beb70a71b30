"""SIGTERM as a request: to stop at the next good moment."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STATUS = 128 + signal.SIGTERM  # what a shell reports of a process that the signal has ended


@contextmanager
def noting_sigterm() -> Iterator[Callable[[], bool]]:
    """Yields a function that says whether SIGTERM has come; meanwhile it ends nothing by itself.

    Schedulers send it some time before they end a process for good. For the main thread only.
    """
    came = False

    def note(number: int, frame: object) -> None:
        nonlocal came
        came = True

    before = signal.signal(signal.SIGTERM, note)
    try:
        yield lambda: came
    finally:
        signal.signal(signal.SIGTERM, before)
