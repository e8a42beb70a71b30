"""What every script does around its work: a log that is also seen, and errors that can be read."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segue.errors import SegueError

log = logging.getLogger("segue")


@contextmanager
def logged(path: str | Path) -> Iterator[None]:
    """Sends the ``segue`` logger to stderr and to the file ``path`` while the block runs.

    A ``SegueError`` is logged without its traceback, any other exception with it; both end the
    process with exit status 1, so that Snakemake counts the job as failed.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handlers = [logging.StreamHandler(sys.stderr), logging.FileHandler(path, mode="w", encoding="utf-8")]
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    except SegueError as error:
        log.error("Error: %s", error)
        sys.exit(1)
    except Exception:
        log.exception("This is a defect in Segue, not in your data: please report it with this log.")
        sys.exit(1)
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            handler.close()
