"""What every script does around its work: its log, readable errors, SIGTERM, freed memory, a quick end."""

import atexit
import ctypes
import gc
import logging
import platform
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from segue.errors import SegueError
from segue.files import disk_full, is_disk_full

log = logging.getLogger("segue")

# Else a process looks at its end for cycles in all that torch and PyG have imported: a second of every job.
atexit.register(gc.freeze)


@contextmanager
def logged(path: str | Path) -> Iterator[None]:
    """Sends the ``segue`` logger to the file ``path`` while the block runs, and its warnings to stderr too.

    A ``SegueError`` is logged without its traceback, and so is a full disk; any other exception with it.
    All end the process with exit status 1, so that Snakemake counts the job as failed, and shows its log.
    Where the disk is too full for the file of the log, its lines are on stderr.
    """
    seen = _Seen(sys.stderr)
    handlers: list[logging.Handler] = [seen]
    formatter = logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S")
    log.setLevel(logging.INFO)
    try:
        seen.setFormatter(formatter)
        log.addHandler(seen)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        handlers.append(_LogFile(path, seen))
        handlers[1].setFormatter(formatter)
        log.addHandler(handlers[1])
        seen.addFilter(lambda record: record.levelno == logging.WARNING)
        yield
    except SegueError as error:
        log.error("Error: %s", error)
        sys.exit(1)
    except Exception as error:
        if is_disk_full(error):
            log.error("Error: %s", disk_full(getattr(error, "filename", None) or path))
        else:
            log.exception("This is a defect in Segue, not in your data: please report it with this log.")
        sys.exit(1)
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            handler.close()


class _Seen(logging.StreamHandler):
    """On a terminal a line takes the place of the progress that Snakemake may have there."""

    def format(self, record: logging.LogRecord) -> str:
        return ("\r\x1b[2K" if self.stream.isatty() else "") + super().format(record)


class _LogFile(logging.FileHandler):
    """A log whose lines go to ``other`` where the disk is full."""

    def __init__(self, path: str | Path, other: logging.StreamHandler) -> None:
        super().__init__(path, mode="w", encoding="utf-8")
        self.other = other

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        if is_disk_full(sys.exception()):
            self.other.emit(record)
        else:
            super().handleError(record)

    def close(self) -> None:
        try:
            super().close()
        except OSError as error:
            if not is_disk_full(error):
                raise


# Of malloc.h
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
NEVER = -1


def keep_freed_memory() -> bool:
    """Tells glibc to keep freed blocks for the next tensor, whatever their size. True if it will.

    By itself it hands blocks of 32 MiB and more back to the kernel at once, and the next ones arrive as new
    pages, each zeroed at its first touch: a tenth of an epoch on the article's graph, a third on the MPD's.
    The price is a higher peak, of blocks that no longer fit. Does nothing with another C library.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, NEVER))


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
