"""The text of a slice, from a plain file, a compressed one or a member of a zip archive."""

import codecs
import gzip
import zipfile
import zlib
from pathlib import Path
from typing import IO

from segue.data.slices import Source
from segue.errors import SegueError

MAX_BYTES = 2**30  # of a slice's text; the MPD's have 34 MB. What unpacks to more is taken for a trap
FIX = "fetch the file again from where you have the MPD, or take it out of data.dir"


def read_source(source: Source) -> bytes:
    """The decompressed bytes of ``source``, as they are; nothing is unpacked to disk.

    Raises SegueError, with the file and the member of an archive, when it cannot be read, is damaged, or
    holds more than MAX_BYTES.
    """
    try:
        text = _read(source)
    except OSError as error:
        if not error.strerror:  # gzip.BadGzipFile
            raise _damaged(source, error) from error
        raise SegueError(
            "A slice cannot be read.",
            where=str(source),
            found=error.strerror,
            expected="a file that this user may read",
            fix="check the path, its permissions and the disk",
        ) from error
    except (EOFError, zlib.error, zipfile.BadZipFile, KeyError, RuntimeError) as error:
        raise _damaged(source, error) from error
    if len(text) > MAX_BYTES:
        raise SegueError(
            "A slice is too large.",
            where=str(source),
            found=f"over {MAX_BYTES:,} bytes" + ("" if source.is_plain else " when decompressed"),
            expected="about 34 MB",
            fix=FIX,
        )
    return text


def without_mark(text: bytes) -> bytes:
    """``text`` without the byte-order mark that some programs put before UTF-8."""
    return text.removeprefix(codecs.BOM_UTF8)


def _read(source: Source) -> bytes:
    if source.is_plain and Path(source.path).stat().st_size <= MAX_BYTES:
        return Path(source.path).read_bytes()  # in one go: a limit would cost a copy
    if source.member is None:
        with Path(source.path).open("rb") as file:
            return decompressed(file, source.name)
    with zipfile.ZipFile(source.path) as archive, archive.open(source.member) as file:
        return decompressed(file, source.name)


def decompressed(file: IO[bytes], name: str) -> bytes:
    """The bytes of ``file``, unpacked if ``name`` ends with .gz or .zst; at most one more than MAX_BYTES.

    So a trap is seen and not stepped into. Raises OSError, EOFError or zlib.error where it is damaged.
    """
    if name.endswith(".gz"):
        with gzip.open(file) as text:
            return text.read(MAX_BYTES + 1)
    if name.endswith(".zst"):
        return _decompressed_zstd(file)
    return file.read(MAX_BYTES + 1)


def _decompressed_zstd(file: IO[bytes]) -> bytes:
    import zstandard  # here, since few have such files

    # A stream reader takes the end of a file that is cut off for the end of the text; this object does not.
    parts, length, frame = [], 0, None
    try:
        while length <= MAX_BYTES and (packed := file.read(4096)):
            while packed and length <= MAX_BYTES:
                frame = zstandard.ZstdDecompressor().decompressobj() if frame is None or frame.eof else frame
                parts.append(frame.decompress(packed))
                length += len(parts[-1])
                packed = frame.unused_data if frame.eof else b""
    except zstandard.ZstdError as error:
        raise zlib.error(str(error)) from error
    if length <= MAX_BYTES and (frame is None or not frame.eof):
        raise EOFError("the file ends before the end of the zstd stream")
    return b"".join(parts)


def _damaged(source: Source, error: Exception) -> SegueError:
    return SegueError(
        "A compressed slice is damaged.",
        where=str(source),
        found=str(error) or type(error).__name__,
        expected="a whole file" if source.member is None else "a whole member of a whole archive",
        fix=FIX,
    )
