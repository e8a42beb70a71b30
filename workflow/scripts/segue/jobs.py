"""What every script does around its work: a log that is also seen, and errors that can be read."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segue.errors import SegueError
from segue.files import disk_full, is_disk_full

log = logging.getLogger("segue")


@contextmanager
def logged(path: str | Path) -> Iterator[None]:
    """Sends the ``segue`` logger to stderr and to the file ``path`` while the block runs.

    A ``SegueError`` is logged without its traceback, and so is a full disk; any other exception with it.
    All end the process with exit status 1, so that Snakemake counts the job as failed. Where the disk is
    too full for the file of the log, its lines are on stderr alone.
    """
    handlers = [logging.StreamHandler(sys.stderr)]
    formatter = logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S")
    log.setLevel(logging.INFO)
    try:
        handlers[0].setFormatter(formatter)
        log.addHandler(handlers[0])
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        handlers.append(_LogFile(path, mode="w", encoding="utf-8"))
        handlers[1].setFormatter(formatter)
        log.addHandler(handlers[1])
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


class _LogFile(logging.FileHandler):
    """A log whose lines are let go where the disk is full."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        if not is_disk_full(sys.exception()):
            super().handleError(record)

    def close(self) -> None:
        try:
            super().close()
        except OSError as error:
            if not is_disk_full(error):
                raise
