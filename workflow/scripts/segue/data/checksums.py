"""The MPD's own `md5sums` file, and slices held to it."""

import hashlib
import re
from pathlib import Path

from segue.data.slices import Source
from segue.errors import SegueError

LINE = re.compile(r"\\?([0-9a-fA-F]{32})[ \t]+\*?(\S.*)")  # what md5sum writes


def read_md5sums(path: str | Path) -> dict[str, str]:
    """MD5 in lower-case hexadecimal by file name, folders left out, from lines such as ``hash  data/name``.

    Raises SegueError when the file cannot be read, a line has another form, or a name has two hashes.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _bad_file(path, getattr(error, "strerror", None) or str(error)) from error
    sums: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        match = LINE.fullmatch(line.strip())
        if not match:
            raise _bad_file(f"{path}: line {number}", repr(line[:80]))
        md5, name = match[1].lower(), match[2].rpartition("/")[2]
        if sums.setdefault(name, md5) != md5:
            raise _bad_file(f"{path}: line {number}", f"a second MD5 of {name}")
    return sums


def require_md5(source: Source, text: bytes, sums: dict[str, str]) -> None:
    """Raises SegueError unless the MD5 of ``text``, the decompressed slice, is the one of its name."""
    expected, found = sums.get(source.plain_name), hashlib.md5(text, usedforsecurity=False).hexdigest()
    if expected is None:
        raise SegueError(
            "A slice is not listed in the MD5 sums.",
            where=str(source),
            found=f"{len(sums)} other names",
            expected=f"a line for {source.plain_name}",
            fix="complete the file data.md5sums, or set data.md5sums to null",
        )
    if found != expected:
        raise SegueError(
            "A slice is not the one that its MD5 promises.",
            where=str(source),
            found=f"MD5 {found}",
            expected=f"MD5 {expected}",
            fix="fetch the file again from where you have the MPD, or take it out of data.dir",
        )


def _bad_file(where: str | Path, found: str) -> SegueError:
    return SegueError(
        "The MD5 sums of the slices cannot be read.",
        where=str(where),
        found=found,
        expected="lines of 32 hexadecimal digits, two spaces and a file name, as md5sum writes",
        fix="correct data.md5sums, or set it to null for no check",
    )
