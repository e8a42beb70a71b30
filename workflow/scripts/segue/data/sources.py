"""Slices as bytes: unpacked, and checked against the MPD's own MD5 sums."""

import codecs
import errno
import gzip
import hashlib
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO

from segue.data.mpd import ASIDE, FETCH
from segue.data.slices import Source
from segue.errors import SegueError

MAX_BYTES = 2**30  # of a slice's text; the MPD's have 34 MB. What unpacks to more is taken for a trap
# What zipfile unpacks, and what else zip files are packed with, by the number in them.
UNPACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
OTHERS = {1: "shrink", 6: "implode", 9: "Deflate64", 93: "Zstandard", 95: "xz", 97: "WavPack", 98: "PPMd"}
AES = 99  # in that number's place: it says nothing of the packing
ENCRYPTED = 1 | 1 << 6  # flags of a member


def read_source(source: Source) -> bytes:
    """The decompressed bytes of ``source``, as they are; nothing is unpacked to disk.

    Raises SegueError, with the file and the member of an archive, when it cannot be read, is damaged, is
    encrypted or packed in a way that Python cannot unpack, or holds more than MAX_BYTES.
    """
    try:
        text = _read(source)
    except (SegueError, MemoryError):
        raise
    except Exception as error:
        # EOFError, zlib.error, zipfile.BadZipFile, lzma.LZMAError, KeyError, ...: what unpackers
        # raise is no closed list, and one file must not end a run that sets others aside.
        if not is_of_the_disk(error):
            raise _damaged(source, error) from error
        raise SegueError(
            "A slice cannot be read.",
            where=str(source),
            found=error.strerror,
            expected="a file that this user may read",
            fix="check the path, its permissions and the disk",
        ) from error
    if len(text) > MAX_BYTES:
        raise SegueError(
            "A slice is too large.",
            where=str(source),
            found=f"over {MAX_BYTES:,} bytes" + ("" if source.is_plain else " when decompressed"),
            expected="about 34 MB",
            fix="cut it into slices of fewer playlists" + ASIDE,
        )
    return text


def is_of_the_disk(error: Exception) -> bool:
    """Whether it says that a file is missing, locked or unreadable, and not that its contents are damaged.

    gzip and bz2 raise OSError without a number, zipfile one for the place -1 in a file that was cut off.
    """
    return isinstance(error, OSError) and bool(error.strerror) and error.errno != errno.EINVAL


def without_mark(text: bytes) -> bytes:
    """``text`` without the byte-order mark that some programs put before UTF-8."""
    return text.removeprefix(codecs.BOM_UTF8)


def _read(source: Source) -> bytes:
    if source.is_plain and Path(source.path).stat().st_size <= MAX_BYTES:
        return Path(source.path).read_bytes()  # in one go: a limit would cost a copy
    if source.member is None:
        with Path(source.path).open("rb") as file:
            return decompressed(file, source.name)
    with zipfile.ZipFile(source.path) as archive:
        _require_unpackable(source, archive.getinfo(source.member))
        with archive.open(source.member) as file:
            return decompressed(file, source.name)


def _require_unpackable(source: Source, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & ENCRYPTED or member.compress_type == AES:
        raise SegueError(
            "A slice is encrypted.",
            where=str(source),
            found="a member of a zip archive that needs a password",
            expected="a zip archive without a password",
            fix="unpack the archive with its password, and name the folder in data.dir" + ASIDE,
        )
    if member.compress_type not in UNPACKED:
        raise SegueError(
            "A slice is packed in a way that Python cannot unpack.",
            where=str(source),
            found=f"{OTHERS.get(member.compress_type, 'a method of its own')} (type {member.compress_type})",
            expected="a zip archive of the types stored, deflate, bzip2 or LZMA",
            fix="unpack the archive, by 7-Zip or what packed it, and name the folder in data.dir, or pack it"
            " anew with deflate" + ASIDE,
        )


def decompressed(file: IO[bytes], name: str, most: int | None = None) -> bytes:
    """The bytes of ``file``, unpacked if ``name`` ends with .gz or .zst; at most one more than ``most``,
    None: MAX_BYTES.

    So a trap is seen and not stepped into. Raises OSError, EOFError or zlib.error where it is damaged.
    """
    name, most = name.lower(), MAX_BYTES if most is None else most
    if name.endswith(".gz"):
        with gzip.open(file) as text:
            return text.read(most + 1)
    if name.endswith(".zst"):
        return _decompressed_zstd(file, most)
    return file.read(most + 1)


def _decompressed_zstd(file: IO[bytes], most: int) -> bytes:
    import zstandard  # here, since few have such files

    # A stream reader takes the end of a file that is cut off for the end of the text; this object does not.
    parts, length, frame = [], 0, None
    try:
        while length <= most and (packed := file.read(4096)):
            while packed and length <= most:
                frame = zstandard.ZstdDecompressor().decompressobj() if frame is None or frame.eof else frame
                parts.append(frame.decompress(packed))
                length += len(parts[-1])
                packed = frame.unused_data if frame.eof else b""
    except zstandard.ZstdError as error:
        raise zlib.error(str(error)) from error
    if length <= most and (frame is None or not frame.eof):
        raise EOFError("the file ends before the end of the zstd stream")
    return b"".join(parts)


def _damaged(source: Source, error: Exception) -> SegueError:
    return SegueError(
        "A compressed slice is damaged.",
        where=str(source),
        found=str(error) or type(error).__name__,
        expected="a whole file" if source.member is None else "a whole member of a whole archive",
        fix=FETCH + ASIDE,
    )


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
            fix=FETCH + ASIDE,
        )


def _bad_file(where: str | Path, found: str) -> SegueError:
    return SegueError(
        "The MD5 sums of the slices cannot be read.",
        where=str(where),
        found=found,
        expected="lines of 32 hexadecimal digits, two spaces and a file name, as md5sum writes",
        fix="correct data.md5sums, or set it to null for no check",
    )
