"""Playlist files mutated at random: read, or refused as a user can read it; no row is lost in silence.

`make test` tries 500 mutants of the files in tests/inputs/playlists, `make test-all` 5,000.
"""

import copy
import csv
import gzip
import io
import json
import random
import re
from pathlib import Path

import pytest
from inputs.cases import load_cases
from sizes import quick_or_long

from segue.errors import SegueError
from segue.serve.ids import IdColumns
from segue.serve.read import read_playlists

ROUNDS = quick_or_long(500, 5000)
CASES = load_cases("playlists")
IDS = IdColumns("artistID", "userID")
URI = "spotify:track:{:022d}".format
# Tables whose rows another reader of CSV can count, with their separators, and the lines above their rows.
TABLES = {
    **dict.fromkeys(("exportify.csv", "tunemymusic.csv", "soundiiz.csv", "chosic.csv", "mark.csv"), (",", 1)),
    **dict.fromkeys(
        ("spotlistr.csv", "spanish.csv", "portuguese.csv", "japanese.csv", "youtube.csv"), (",", 1)
    ),
    **dict.fromkeys(("french.csv", "italian.csv", "dutch.csv", "swedish.csv", "polish.csv"), (";", 1)),
    "excel.csv": (";", 2),
    "bars.csv": ("|", 1),
    "tabs.tsv": ("\t", 1),
}
LISTS = ("uris.txt", "ids.txt", "addresses.txt", "names.txt", "comments.txt", "mixed.txt")
DOCUMENTS = [
    case.path for case in CASES if case.path.suffix.lower() == ".json" and "ids" not in case.expected
]
BITS = (
    *(b"", b"\x00", b"\xff", b"\x81", b"\xc3", b"\xef\xbb\xbf", b"\xff\xfe", b"\r", b"\n", b"\r\n", b"\x0c"),
    *(b"#", b"# ", b"# title:", b"#EXTM3U\n", b"#EXTINF:", b"sep=;\n", b'"', b'""', b",", b";", b"\t", b"|"),
    *(b"{", b"}", b"[", b"]", b"null", b"1e999", b"\\ud800", b"\xe2\x80\xa8", b" - ", "é🌙".encode()),
    *(URI(5).encode(), b"spotify:local:a:b:c:1", b"0000000000000000000006", b"https://a.example/b"),
)
LINES = (
    *("", "   ", URI(5), "0000000000000000000006", "open.spotify.com/track/0000000000000000000007?si=1", '"'),
    *("spotify:local:a:b:c:1", "spotify:episode:0000000000000000000009", "spotify:track:short", "words"),
    *("#Loud", "##", "#", "# a comment", "# title: new", "Marble Harbor - Night Ferry", "a – b", "a\tb", "-"),
    *(" - ", "a -", "https://www.youtube.com/watch?v=1", "é🌙\u2028x", "\x0b", "\ufeff", "=1+1", "\x1c-\x1d"),
)
CELLS = (
    *("", "", "a", "Night, Ferry; 1|2\t3", 'the "best"', '"', "two\nlines", "#x", "# title: x"),
    *(URI(5), "spotify:local:a:b:c:1"),
)
VALUES = (
    *(None, True, 0, -1, 2**70, 1.5, "", " ", URI(5), "spotify:album:1", "a - b", "x", [], [[]], {}),
    *([URI(6), None], {"uri": URI(7)}, {"artist": "a", "title": "b"}, {"track": None}, {"is_local": True}),
    {"pid": 3},
)
KEYS = ("name", "tracks", "items", "track", "uri", "pid", "artists")


def read(path: Path, **options) -> tuple[int, int] | None:
    """How many rows are read and how many are listed; None where the file is refused for another reason than
    that none of its rows is of use. What refuses it names the file."""
    error = None
    try:
        found = read_playlists(path, **options)
    except SegueError as refused:
        error = refused
    if error is None:
        assert found.listed
        return sum(len(one.tracks) for one in found.playlists) + len(found.named), len(found.left_out)
    assert str(path) in error.where
    assert error.found
    alone = re.fullmatch(r"([\d,]+) rows?, none of use", error.found)
    is_only = error.where in (str(path), f"{path}: $")
    return (0, int(alone[1].replace(",", ""))) if alone and is_only else None


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def mutated_bytes(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(data) + 1)
        end = min(at + rng.choice((0, 1, 2, 20, 200)), len(data))
        other = rng.randrange(len(data) + 1)
        middle = rng.choice((*BITS, data[other : other + 40], data[at:end] * 2, rng.randbytes(3)))
        data = data[:at] if rng.random() < 0.05 else data[:at] + middle + data[end:]
    return data


def test_bytes(tmp_path):
    rng = random.Random(14)
    outcomes = {"read": 0, "refused": 0}
    for count in range(ROUNDS):
        case = rng.choice(CASES)
        data = case.path.read_bytes()
        if case.file.lower().endswith(".gz") and rng.random() < 0.7:
            data = gzip.compress(mutated_bytes(rng, gzip.decompress(data)))
        else:
            data = mutated_bytes(rng, data)
        path = written(tmp_path, case.file if rng.random() < 0.8 else rng.choice(CASES).file, data)
        options = {"skip_bad": rng.random() < 0.3, "ids": IDS if rng.random() < 0.2 else None}
        try:
            outcomes["refused" if read(path, **options) is None else "read"] += 1
        except BaseException:
            print(f"mutant {count} is {path}, {options}")
            raise
    assert min(outcomes.values()) > ROUNDS / 20, outcomes


def mutated_lines(rng: random.Random, lines: list[str], pool: list[str]) -> list[str]:
    lines = list(lines)
    for _ in range(rng.choice((1, 2, 5, 20))):
        at = rng.randrange(len(lines) + 1)
        match rng.randrange(5):
            case 0 | 1:
                lines.insert(at, rng.choice(pool))
            case 2:
                del lines[at : at + 1]
            case 3 if lines:
                lines.insert(at, rng.choice(lines))
            case _:
                rng.shuffle(lines)
    return lines


def test_no_line_of_a_list_is_lost(tmp_path):
    rng = random.Random(15)
    for _ in range(ROUNDS // 5):
        name, end = rng.choice(LISTS), rng.choice(("\n", "\r\n", "\r"))
        text = next(case for case in CASES if case.file == name).path.read_text(encoding="utf-8")
        lines = mutated_lines(rng, text.split("\n"), LINES) or [""]
        path = written(tmp_path, name, end.join(lines).encode())
        lines[0] = lines[0].removeprefix("\ufeff")  # taken for a byte-order mark
        given = [line.strip() for line in lines if line.strip()]
        given = [line for line in given if not re.match(r"#(\s|$)|#\s*title:", line, re.IGNORECASE)]
        found = read(path)
        if found is None:  # nothing, or but a title
            assert not given, (lines, path)
        else:
            assert sum(found) == len(given), (lines, found)


def test_no_row_of_a_table_is_lost(tmp_path):
    rng = random.Random(16)
    for _ in range(ROUNDS // 5):
        name = rng.choice(list(TABLES))
        separator, above = TABLES[name]
        text = next(case for case in CASES if case.file == name).path.read_text(encoding="utf-8-sig")
        lines = text.split("\n")
        width = len(next(csv.reader([lines[above - 1]], delimiter=separator)))
        pool = [row_of([rng.choice(CELLS) for _ in range(width)], separator) for _ in range(9)]
        body = mutated_lines(rng, [line.rstrip("\r") for line in lines[above:]], pool)
        content = "\n".join([*lines[:above], *body])
        path = written(tmp_path, name, content.encode())
        rows = csv.reader(io.StringIO("\n".join(body), newline=""), delimiter=separator)
        given = sum(any(cell.strip() for cell in row) for row in rows)
        found = read(path)
        counts = found or (0, 0)
        assert sum(counts) == given, (path, found, given)


def row_of(cells: list[str], separator: str) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator="").writerow(cells)
    return file.getvalue()


def containers(value):
    if isinstance(value, dict | list):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from containers(child)


def entries(document) -> int | None:
    """How many entries the lists of tracks in it have; None where it is not clear which these are."""
    if isinstance(document, list):
        return len(document)
    playlists = document.get("playlists")
    count = 0
    for playlist in playlists if isinstance(playlists, list) else [document]:
        lists = [playlist.get(key) for key in ("tracks", "items")] if isinstance(playlist, dict) else []
        lists = [one.get("items") if isinstance(one, dict) else one for one in lists]
        lists = [one for one in lists if isinstance(one, list)]
        if not lists:
            return None
        count += len(lists[0])
    return count


def test_no_entry_of_json_is_lost(tmp_path):
    rng = random.Random(17)
    counted = 0
    for _ in range(ROUNDS // 2):
        source = rng.choice(DOCUMENTS)
        document = json.loads(source.read_text(encoding="utf-8"))
        for _ in range(rng.choice((1, 1, 2, 5))):
            at = rng.choice([one for one in containers(document) if one] or [document])
            if not at:
                continue
            key = rng.choice(list(at)) if isinstance(at, dict) else rng.randrange(len(at))
            match rng.randrange(4):
                case 0:
                    at[key] = copy.deepcopy(rng.choice(VALUES))
                case 1:
                    del at[key]
                case 2 if isinstance(at, list):
                    at.insert(key, copy.deepcopy(rng.choice((*VALUES, at[key]))))
                case _ if isinstance(at, dict):
                    at[rng.choice(KEYS)] = copy.deepcopy(rng.choice(VALUES))
        text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
        found, given = read(written(tmp_path, source.name, text.encode())), entries(document)
        if found and given is not None:
            counted += 1
            assert sum(found) == given, (document, found)
    assert counted > ROUNDS / 8


CUT = ("uris.txt", "exportify.csv", "Playlist1.json", "playlist.m3u", "packed.CSV.gz", "challenge.zip")


@pytest.mark.parametrize("name", CUT)
def test_a_file_that_is_cut_off_at_any_byte(tmp_path, name):
    data = next(case for case in CASES if case.file == name).path.read_bytes()
    for length in range(0, len(data), quick_or_long(7, 1)):
        read(written(tmp_path, name, data[:length]))
