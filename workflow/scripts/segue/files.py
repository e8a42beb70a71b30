"""Files that are either whole or not there."""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.errors import SegueError

if TYPE_CHECKING:  # training runs where there is no polars
    import polars as pl

FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def atomic(path: str | Path, size: int | None = None) -> Iterator[Path]:
    """Yields a temporary path and renames it to ``path`` when the block succeeds.

    The temporary file has the name of ``path``, since writers choose a format by its suffix, and lies in a
    hidden folder of its own beside it, since some writers (safetensors) make temporary files themselves. File
    and folder are synced, so that after a power cut too the file is whole, or not there. When the block
    raises, the hidden folder is removed and whatever stood at ``path`` is left as it was. A process that is
    killed leaves it; the next one that writes ``path`` removes it.

    ``size``: bytes that the file will have, where known, for the message when the disk is full, which is a
    SegueError whatever exception the writer has for it.
    """
    path = Path(path)
    folder = path.with_name(f".{path.name}-{os.getpid()}")
    temporary = folder / path.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path)
        folder.mkdir()
        yield temporary
        _sync(temporary)
        temporary.replace(path)
        folder.rmdir()
        _sync(path.parent)
    except Exception as error:
        if not is_disk_full(error):
            raise
        _remove(folder)
        raise disk_full(path, size) from error
    finally:
        _remove(folder)


def write_text(path: str | Path, text: str) -> None:
    """Writes ``text`` in UTF-8, whole or not at all."""
    encoded = text.encode()
    with atomic(path, len(encoded)) as temporary:
        temporary.write_bytes(encoded)


def write_json(path: str | Path, value: Any) -> None:
    """Writes ``value`` as indented JSON in its own key order; NaN and infinity are refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: str | Path) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def is_disk_full(error: BaseException) -> bool:
    """Whether space, or a quota, is used up. Writers in Rust (polars, safetensors) say so in text only."""
    return (isinstance(error, OSError) and error.errno in FULL) or any(
        f"(os error {number})" in str(error) for number in FULL
    )


def disk_full(path: str | Path, size: int | None = None) -> SegueError:
    """The error for a file that did not fit: ``size`` bytes, or more than is free where that is unknown."""
    folder = next(parent for parent in Path(path).absolute().parents if parent.is_dir())
    free = shutil.disk_usage(folder).free
    return SegueError(
        "The disk is full.",
        where=str(path),
        found=f"{free:,} bytes free in {folder}",
        expected=f"{size:,} bytes for this file" if size else f"more than {free:,} bytes for this file",
        fix="make space, or raise the quota, and run the same command again: it makes what is missing",
    )


def _remove_leftovers(path: Path) -> None:
    name = re.compile(rf"\.{re.escape(path.name)}-\d+")
    for entry in list(path.parent.iterdir()):
        if name.fullmatch(entry.name):
            _remove(entry)


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync a folder.
        if not (error.errno == errno.EINVAL and path.is_dir()):
            raise
    finally:
        os.close(descriptor)


def save_table(table: "pl.DataFrame", path: str | Path, metadata: dict[str, str] | None = None) -> None:
    """Writes ``table`` as Parquet with ``metadata`` of the file, whole or not at all."""
    with atomic(path) as temporary:
        table.write_parquet(temporary, compression="zstd", metadata=metadata)
