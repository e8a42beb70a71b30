"""Edge lists mutated at random: read row by row as a plain loop reads them, or refused by the file's name."""

import csv
import gzip
import io
import random
import re
from pathlib import Path

import pytest
from sizes import quick_or_long

from segue.data.edge_checks import MISSING
from segue.data.edge_lists import EdgeList, read_edges
from segue.errors import SegueError

ROUNDS = quick_or_long(500, 2000)
# Of each: how a row is written, and how it is read.
KINDS = {
    "comma": ("{},{},{}", {"separator": ","}),
    "quoted": ('"{}","{}",{}', {"separator": ","}),
    "tab": ("{}\t{}\t{}", {"separator": "\t"}),
    "blanks": ("{}  {} {}", {"separator": " "}),
    "colons": ("{}::{}::{}", {"separator": "::"}),
    "lists": ("{} {} {}9", {"form": "adjacency"}),
}
PIECES = [
    b'"',
    b",",
    b"\t",
    b" ",
    b"::",
    b":",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"NaN",
    b" null ",
    b"1",
]


def text_of(rng: random.Random, kind: str) -> bytes:
    """Eight rows behind a header, a few mutated, the file cut off now and then."""
    form, _ = KINDS[kind]
    rows = [form.format(rng.randrange(20), f"t{rng.randrange(9)}", rng.randrange(5)) for _ in range(8)]
    header = [] if kind == "lists" else [form.format("playlist", "track", "note")]
    text = "".join(f"{row}\n" for row in header + rows).encode()
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        at = rng.randrange(len(text))
        end = at + rng.choice((0, 0, 1, 3))
        text = text[:at] + rng.choice((b"", *PIECES)) + text[end:]
    return text[: rng.randrange(len(text))] if rng.random() < 0.1 else text


def records_of(text: str, kind: str) -> list[list[str]] | None:
    """The rows that are not blank; None where quotes make another reading possible."""
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    if kind == "lists":
        return [line.split() for line in lines if line.strip()]
    if kind == "blanks":
        return None if '"' in text else [re.split("[ \t]+", line) for line in map(trimmed, lines) if line]
    if kind in ("comma", "quoted") and '"' in text:
        if "\r" in text:
            return None  # which ends a row here, and not there
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    return [line.split(KINDS[kind][1]["separator"]) for line in lines if line]


def trimmed(line: str) -> str:
    return line.strip(" \t")


def is_id(text: str) -> bool:
    return bool(text.strip()) and text not in MISSING


def good_and_bad(records: list[list[str]], kind: str) -> tuple[list[tuple[str, str]], int]:
    """The pairs of good rows, in order, and the number of all others."""
    if kind == "lists":
        pairs = [(first, track) for first, *tracks in records for track in tracks]
        good = [pair for pair in pairs if all(map(is_id, pair))]
        return good, len(pairs) - len(good)
    first, *rest = records
    pairs = [[text.removesuffix("\r") for text in row[:2]] for row in rest if len(row) == len(first)]
    good = [tuple(pair) for pair in pairs if all(map(is_id, pair))]
    return good, len(rest) - len(good)


def read(path: Path, kind: str, quarantine: bool) -> EdgeList | SegueError:
    options = KINDS[kind][1] | ({} if kind == "lists" else {"playlist": "playlist", "track": "track"})
    try:
        return read_edges(str(path), **options, quarantine=quarantine)
    except SegueError as error:
        return error


def check(path: Path, text: bytes, kind: str) -> str:
    """Reads a mutant both ways, holds it to the loop and says what became of it."""
    strict, lenient = read(path, kind, False), read(path, kind, True)
    for refused in (one for one in (strict, lenient) if isinstance(one, SegueError)):
        assert str(path) in refused.where
        assert all((refused.what, refused.found, refused.expected, refused.fix))
    if isinstance(lenient, SegueError):
        assert isinstance(strict, SegueError)
        return "refused"
    assert lenient.edges.height + lenient.rejected.height == lenient.rows
    records = records_of(text.decode(), kind)
    if records is not None:
        good, bad = good_and_bad(records, kind)
        assert lenient.edges.select("playlist", "track").rows() == good
        assert lenient.rejected.height == bad
    if lenient.rejected.is_empty():
        assert strict.edges.equals(lenient.edges)
        return "read"
    assert isinstance(strict, SegueError)
    assert strict.where in lenient.rejected["where"].to_list()
    return "listed"


@pytest.mark.parametrize("kind", KINDS)
def test_mutants(tmp_path, kind):
    rng = random.Random(f"edges, {kind}")
    outcomes = dict.fromkeys(("read", "listed", "refused"), 0)
    for count in range(-(-ROUNDS // len(KINDS))):
        text, packed = text_of(rng, kind), rng.random() < 0.1
        path = tmp_path / f"mutant {count}.txt"
        path.write_bytes(gzip.compress(text) if packed else text)
        outcomes[check(path, text, kind)] += 1
    print(outcomes)
    assert all(outcomes.values()), outcomes
