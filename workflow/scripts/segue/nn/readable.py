"""Files of tensors that are read with checks: what is damaged, or something else, is said to be so."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from segue.errors import SegueError


@contextmanager
def readable(path: str | Path, what: str, expected: str) -> Iterator[None]:
    """Raises SegueError that ``what`` is wrong with the file ``path``, in place of ``expected``, where the
    block cannot open it, or does not find in it what it looks for."""
    try:
        yield
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise SegueError(
            what,
            where=str(path),
            found=getattr(error, "strerror", None) or f"{type(error).__name__}: {error}",
            expected=expected,
            fix="make it again: remove the file and ask for it by its path",
        ) from error
