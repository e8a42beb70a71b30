"""What is wrong with an edge list, in the words that its user reads."""

from pathlib import Path

from segue.errors import SegueError


def edge_error(what: str, where: str, found: str, expected: str, fix: str = "") -> SegueError:
    return SegueError(
        what, where=where, found=found, expected=expected, fix=fix or "mend the file or the row"
    )


def quotes_error(where: str, found: str) -> SegueError:
    return edge_error(
        "An edge list has quotes that do not match.",
        where,
        found,
        'fields quoted as in RFC 4180: "…", with each quote inside doubled',
    )


def unreadable(path: str, error: Exception, expected: str) -> SegueError:
    problem = str(error).strip().partition("\n")[0] or type(error).__name__
    return edge_error(
        "An edge list cannot be read.", path, problem, expected, "check the file and data.edges"
    )


def not_utf8(path: str) -> SegueError:
    return edge_error("An edge list is not UTF-8.", _undecodable(path), "other bytes", "UTF-8 text")


def _undecodable(path: str) -> str:
    """``path``, with the first line that is not UTF-8 where the file is not compressed."""
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")) and number == 1:
                break
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as fault:
                around = line[max(fault.start - 20, 0) : fault.start + 20]
                return f"{path}: line {number}, byte {fault.start + 1} of the line, near {around!r}"
    return path


def shown(text: str | None, width: int = 60) -> str:
    """``text`` for a message: quoted, invisible characters escaped, shortened."""
    quoted = "nothing" if text is None else repr(text)
    return quoted if len(quoted) <= width else f"{quoted[: width - 1]}…"
