"""A file of playlists as bytes: unpacked, out of an archive, and as UTF-8."""

import codecs
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from segue.data import sources
from segue.errors import SegueError

PACKED = (".gz", ".zst")
TABLES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}  # the likely separator
LISTS = (".txt", ".m3u", ".m3u8")
CHALLENGE_SET = "challenge_set.json"  # of the challenge's archive, where other files lie beside it
WORKBOOKS = {"xl/workbook.xml": "a workbook of Excel", "mimetype": "a document of LibreOffice"}
PARQUET = b"PAR1"  # at both ends
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
EXPECTED = "a list of tracks (.txt, .m3u), a table (.csv, .tsv), JSON, or one of these in .gz, .zst or .zip"


def suffix_of(name: str) -> str:
    """What the file is by its name, whatever packs it: its last suffix but .gz and .zst, in small letters."""
    name = name.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    return Path(name).suffix


def unpacked(path: Path) -> tuple[str, bytes]:
    """The name and the bytes of the file, or of the one in a zip archive that is read.

    Raises SegueError, with the file and the member, where it cannot be read, holds more than MAX_BYTES, or is
    an archive of no or several files that might be meant.
    """
    return _unpacked(lambda: path.open("rb"), path.name, str(path), sources.MAX_BYTES)


def unpacked_bytes(data: bytes, name: str, most: int) -> tuple[str, bytes]:
    """As ``unpacked``, of a file with the name ``name`` and the content ``data``, and with ``most`` in place
    of MAX_BYTES."""
    return _unpacked(lambda: io.BytesIO(data), name, name, most)


def _unpacked(opened: Callable[[], IO[bytes]], given: str, path: str, most: int) -> tuple[str, bytes]:
    where, name = path, given
    try:
        with opened() as file:
            data = sources.decompressed(file, name, most)
        if len(data) <= most and data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                member = _member(archive, where)
                where, name = f"{path}: {member}", member.rpartition("/")[2]
                with archive.open(member) as file:
                    data = sources.decompressed(file, name, most)
    except (SegueError, MemoryError):
        raise
    except Exception as error:  # what unpackers raise is no closed list
        raise SegueError(
            "The file of playlists cannot be read.",
            where=where,
            found=getattr(error, "strerror", None) or str(error) or type(error).__name__,
            expected=EXPECTED,
            fix="correct the name; for a playlist of the run, `segue recommend` asks by title or pid",
        ) from error
    if data.startswith(PARQUET) and data.endswith(PARQUET):
        raise _no_form("a Parquet table", where, "save the table as CSV")
    if len(data) > most:
        raise SegueError(
            "The file of playlists is too large.",
            where=where,
            found=f"over {most:,} bytes" + (" when unpacked" if _is_packed(given, name) else ""),
            expected=f"at most {most:,} bytes",
            fix="give fewer playlists at a time",
        )
    return name, data


def _is_packed(given: str, name: str) -> bool:
    return given != name or name.lower().endswith(PACKED)


def _member(archive: zipfile.ZipFile, where: str) -> str:
    names = archive.namelist()
    for mark, what in WORKBOOKS.items():
        if mark in names:
            raise _no_form(what, where, "save the sheet as CSV")
    known = (*TABLES, *LISTS, ".json")
    files = [name for name in names if suffix_of(name) in known and "__MACOSX" not in name]
    challenge = [name for name in files if name.rpartition("/")[2] == CHALLENGE_SET]
    chosen = challenge or files
    if len(chosen) != 1:
        shown = ", ".join((chosen or names)[:10]) + (", …" if len(chosen or names) > 10 else "")
        raise SegueError(
            "The archive has " + ("more than one file" if chosen else "no file") + " that may be a playlist.",
            where=where,
            found=shown or "nothing",
            expected="one list, table or JSON file",
            fix="unpack it, and give the file that is meant" if chosen else "give another file",
        )
    return chosen[0]


def _no_form(what: str, where: str, fix: str) -> SegueError:
    return SegueError(
        f"The file of playlists is {what}.", where=where, found=what, expected=EXPECTED, fix=fix
    )


def as_utf8(data: bytes, where: str) -> tuple[bytes, list[str]]:
    """``data`` as UTF-8 without a byte-order mark, and what is to be said where it was in another encoding.

    Raises SegueError, with the line, where it is no text of any.
    """
    if data.startswith(UTF_16):
        return _decoded(data, "utf-16", where).encode(), ["read as UTF-16, by its byte-order mark"]
    data = sources.without_mark(data)
    try:
        codecs.utf_8_decode(data, "strict", True)
    except UnicodeDecodeError as error:
        text = _decoded(data, "cp1252", where).encode()
        said = f"read as cp1252: not UTF-8, by the byte {_byte(data, error.start)}"
        return text, [f"{said} of line {_line(data, error.start)}"]
    if (place := data.find(b"\0")) >= 0:
        raise _no_text(data, place, where)
    return data, []


def _decoded(data: bytes, encoding: str, where: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _no_text(data, error.start, where) from error
    if "\0" in text:
        raise _no_text(data, data.find(b"\0"), where)
    return text


def _no_text(data: bytes, place: int, where: str) -> SegueError:
    return SegueError(
        "The playlist is no text.",
        where=f"{where}: line {_line(data, place)}",
        found=f"the byte {_byte(data, place)}",
        expected="text in UTF-8",
        fix="save the file as UTF-8 text",
    )


def _byte(data: bytes, place: int) -> str:
    return f"0x{data[place]:02x}"


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
