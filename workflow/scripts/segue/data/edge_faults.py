"""What is wrong with an edge list, in the words that its user reads."""

from pathlib import Path

from segue import errors
from segue.errors import SegueError

HEAD = 4096  # bytes
# gzip, zstd and zlib, which are unpacked by what they begin with, whatever their names.
PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x78\x01", b"\x78\x9c", b"\x78\xda")
TEXT = "UTF-8 text, plain, gzip or zstd"
SAVE = "save the file as UTF-8, as `iconv -f {} -t UTF-8` does"
ASK = "set data.edges.form to adjacency if a row is a playlist and all its tracks"
NAME_ANOTHER = "write the file again, or name another one in data.edges.files"
UNPACK = "unpack the file and name what is inside in data.edges.files"
SIGNS = {
    b"\xff\xfe": ("UTF-16", SAVE.format("UTF-16")),
    b"\xfe\xff": ("UTF-16", SAVE.format("UTF-16")),
    b"PK\x03\x04": ("a zip archive or an Excel workbook", f"{UNPACK}, or save the workbook as CSV UTF-8"),
    b"BZh": ("bzip2", UNPACK),
    b"\xfd7zXZ": ("xz", UNPACK),
    b"7z\xbc\xaf": ("a 7z archive", UNPACK),
    b"PAR1": ("Parquet", "give the file a name that ends in .parquet"),
}


def edge_error(what: str, where: str, found: str, expected: str, fix: str) -> SegueError:
    return SegueError(what, where=where, found=found, expected=expected, fix=fix)


def quotes_error(where: str, found: str) -> SegueError:
    return edge_error(
        "An edge list has quotes that do not match.",
        where,
        found,
        'fields quoted as in RFC 4180: "…", with each quote inside doubled',
        "put the whole field in quotes and double those inside, or remove them",
    )


def unreadable(path: str, error: Exception, expected: str) -> SegueError:
    problem = str(error).strip().partition("\n")[0] or type(error).__name__
    return edge_error("An edge list cannot be read.", path, problem, expected, NAME_ANOTHER)


def require_text(path: str) -> None:
    """Raises SegueError where the file begins as no text does, or as text of another encoding."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise unreadable(path, error, "a file that this user may read") from error
    for sign, (kind, fix) in SIGNS.items():
        if head.startswith(sign):
            raise edge_error("An edge list is no UTF-8 text.", path, kind, TEXT, fix)
    if b"\0" in head and not head.startswith(PACKED):
        found, fix = "zero bytes, as UTF-16 has", SAVE.format("UTF-16LE")
        raise edge_error("An edge list is no UTF-8 text.", path, found, TEXT, fix)


def require_no_zeros(path: str, first: str) -> None:
    """``first``: the first line, unpacked."""
    if "\0" in first:
        found = "zero bytes in the first line, as tar archives have"
        raise edge_error("An edge list is no UTF-8 text.", path, found, TEXT, UNPACK)


def not_utf8(path: str) -> SegueError:
    found = "bytes of another encoding, such as Windows-1252 (cp1252) or Latin-1"
    return edge_error("An edge list is not UTF-8.", _undecodable(path), found, TEXT, SAVE.format("CP1252"))


def _undecodable(path: str) -> str:
    """``path``, with the first line that is not UTF-8 where the file is not compressed."""
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number == 1 and line.startswith(PACKED):
                break
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as fault:
                around = line[max(fault.start - 20, 0) : fault.start + 20]
                return f"{path}: line {number}, byte {fault.start + 1} of the line, near {around!r}"
    return path


def shown(text: str | None) -> str:
    """``text`` for a message."""
    return "nothing" if text is None else errors.shown(text)
