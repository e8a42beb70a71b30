"""Slices mutated at random: read with equal tables, rejected with the file's name, or put aside.

`make test` tries 1,200 mutants, `make fuzz` as many as FUZZ says and one line of 100 MB.
"""

import contextlib
import copy
import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import parse_slices as script
from segue.data.ingest import Batch, Tables
from segue.data.slices import Source
from segue.data.sources import without_mark
from segue.errors import SegueError

ROUNDS = int(os.environ.get("FUZZ", "1200"))
SECONDS = 20  # for one mutant; it takes milliseconds
NAMES = ("mpd.slice.0-5.json", "mpd.slice.6-11.json")
COUNTS = ("num_tracks", "num_albums", "num_artists", "num_followers", "num_edits")
PLAYLIST_FIELDS = ("pid", "name", "description", "collaborative", "modified_at", *COUNTS, "duration_ms")
TRACK_URIS_AND_NAMES = [f"{of}_{what}" for of in ("track", "artist", "album") for what in ("uri", "name")]
FOREIGN = ("spotify:local:", "spotify:episode:")
TRACK_FIELDS = (*TRACK_URIS_AND_NAMES, "duration_ms")
VALUES = [
    *(
        None,
        True,
        False,
        0,
        -1,
        5,
        1.5,
        2**31 - 1,
        2**31,
        2**63 - 1,
        2**63,
        -(2**63),
        -(2**63) - 1,
        10**40,
        1e300,
    ),
    *("", "x", "\x00", "false", "true", "spotify:track:0000000000000000000000", "spotify:artist:0", "é🌙"),
    "spotify:local:a:b:c:1",
    *([], [[]], {}, {"pid": 3}, [{"pos": 0}]),
]


def slice_of(first: int) -> dict[str, Any]:
    """Six playlists in the MPD's form, with text that a scanner might trip over."""
    names = ["plain", "é🌙", 'a "quoted" \\ name', "] }, {", '"tracks": [', ""]
    rng = random.Random(first)
    playlists = []
    for i, name in enumerate(names):
        tracks = [rng.randrange(9) for _ in range(rng.randint(0, 7) if i else 5)]
        entries = [
            {
                "pos": pos,
                "artist_name": f"Artist {t // 3} {name}"[:20],
                "track_uri": f"spotify:track:{t:022}",
                "artist_uri": f"spotify:artist:{t // 3:022}",
                "track_name": f"Song {t}],\n        }},",
                "album_uri": f"spotify:album:{t // 2:022}",
                "duration_ms": 1000 * t,
                "album_name": f"Album {t // 2}",
            }
            for pos, t in enumerate(tracks)
        ]
        playlist = {
            "name": name,
            "collaborative": "true" if i == 2 else "false",
            "pid": first + i,
            "modified_at": 1_500_000_000,
            "num_tracks": len(entries),
            "num_albums": 1,
            "num_followers": i,
            "tracks": entries,
            "num_edits": 2,
            "duration_ms": 7,
            "num_artists": 3,
        }
        playlists.append(playlist | ({"description": "] and more"} if i == 3 else {}))
    return {"info": {"slice": f"{first}-{first + 5}", "version": "v1"}, "playlists": playlists}


def containers(value: Any) -> Iterator[dict | list]:
    if isinstance(value, dict | list):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from containers(child)


def mutated_document(rng: random.Random) -> dict[str, Any]:
    document = slice_of(0)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 5))):
        full = [one for one in containers(document) if one]
        if not full:
            break
        at = rng.choice(full)
        key = rng.choice(list(at)) if isinstance(at, dict) else rng.randrange(len(at))
        match rng.randrange(7):
            case 0 | 1:
                at[key] = copy.deepcopy(rng.choice(VALUES))
            case 2:
                del at[key]
            case 3 if isinstance(at, dict):
                at[rng.choice(("pos", "extra", "tracks", "pid"))] = copy.deepcopy(rng.choice(VALUES))
            case 4 if isinstance(at, list):
                at.insert(key, copy.deepcopy(at[rng.randrange(len(at))]))
            case 5:
                entries = [one for one in containers(document) if isinstance(one, dict) and "pos" in one]
                if entries:
                    rng.choice(entries)["track_uri"] = rng.choice(FOREIGN) + "x"
            case _:
                pids = [one for one in containers(document) if isinstance(one, dict) and "num_edits" in one]
                if pids:
                    rng.choice(pids)["pid"] = rng.randrange(12)  # of this slice or the other
    return document


def mutated_text(rng: random.Random) -> bytes:
    # Mostly the MPD's, which has a quick way of its own.
    mpd = [{"indent": 4}, {"indent": 4, "separators": (", ", ": ")}]
    layout = rng.choice([*mpd, *mpd, *mpd, {}, {"separators": (",", ":")}])
    text = json.dumps(mutated_document(rng), ensure_ascii=rng.random() < 0.5, **layout).encode()
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
        at = rng.randrange(len(text) + 1)
        end = min(at + rng.choice((1, 1, 2, 20, 400)), len(text))
        middle = text[at:end]
        match rng.randrange(9):
            case 0:
                return text[:at]
            case 1:
                middle = bytes(byte ^ (1 << rng.randrange(8)) for byte in middle[:1]) + middle[1:]
            case 2:
                middle = b""
            case 3:
                middle = middle + middle
            case 4:
                middle = (
                    rng.choice((b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\\"))
                    + middle
                )
            case 5:
                middle = rng.randbytes(rng.randrange(4))
            case 6:
                middle = rng.choice(
                    (b"{", b"}", b"[", b"]", b",", b'"', b":", b"]\n        },", b"NaN", b"-", b"1e5")
                )
            case 7:
                text, middle = b"\xef\xbb\xbf" + text, text[at:end]
                continue
            case 8:
                other = rng.randrange(len(text))
                middle = text[other : other + 30]
        text = text[:at] + middle + text[end:]
    return text


# The oracle: what Python's own parser and plain loops make of the same bytes.


def number(value: Any, least: int, most: int = 2**63 - 1) -> bool:
    return type(value) is int and least <= value <= most


def good_uri(value: Any, kind: str) -> bool:
    head, body = f"spotify:{kind}:", value[len(f"spotify:{kind}:") :] if isinstance(value, str) else ""
    right_size = len(body) == 22 if kind == "track" else len(body) > 0
    return (
        isinstance(value, str) and value.startswith(head) and right_size and body.isascii() and body.isalnum()
    )


def good_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and number(entry.get("pos"), 0, 2**31 - 1)
        and number(entry.get("duration_ms"), -(2**63))
        and all(good_uri(entry.get(f"{kind}_uri"), kind) for kind in ("track", "artist", "album"))
        and all(isinstance(entry.get(f"{kind}_name"), str) for kind in ("track", "artist", "album"))
    )


def is_flag(value: Any) -> bool:
    return value in ("true", "false") or isinstance(value, bool)


def is_foreign(entry: Any) -> bool:
    uri = entry.get("track_uri") if isinstance(entry, dict) else None
    return isinstance(uri, str) and uri.startswith(FOREIGN)


def without_foreign(playlist: Any) -> tuple[Any, int]:
    """A playlist without its entries that are no tracks, and how many these are."""
    tracks = playlist.get("tracks") if isinstance(playlist, dict) else None
    if not isinstance(tracks, list):
        return playlist, 0
    left = [entry for entry in tracks if not is_foreign(entry)]
    return playlist | {"tracks": left}, len(tracks) - len(left)


def good_playlist(playlist: Any) -> bool:
    return (
        isinstance(playlist, dict)
        and all(number(playlist.get(name), 0) for name in ("pid", *COUNTS))
        and all(number(playlist.get(name), -(2**63)) for name in ("modified_at", "duration_ms"))
        and isinstance(playlist.get("name"), str)
        and is_flag(playlist.get("collaborative"))
        and isinstance(playlist.get("description"), str | None)
        and isinstance(playlist.get("tracks"), list)
        and all(map(good_entry, playlist["tracks"]))
    )


class Doubtful(Exception):  # noqa: N818
    """A key stands twice: Python looks at the last value only, Segue at both."""


def refuse(text: str) -> None:
    raise ValueError(text)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise Doubtful
    return dict(pairs)


def parsed(text: bytes, hook: Any) -> Any:
    """Bytes that are not UTF-8 become lone surrogates: only fields that are not read may have them."""
    text = without_mark(text).decode("utf-8", "surrogateescape")
    return json.loads(text, parse_constant=refuse, object_pairs_hook=hook)


def loops(contents: list[tuple[str, list[dict]]]) -> tuple[list, list, list]:
    """Rows of edges, playlists and tracks."""
    ids: dict[str, int] = {}
    edges, playlists, tracks = [], [], []
    for name, lists in contents:
        for playlist in lists:
            pairs: dict[int, list[int]] = {}
            for entry in playlist["tracks"]:
                if entry["track_uri"] not in ids:
                    ids[entry["track_uri"]] = len(ids)
                    tracks.append(tuple(entry[field] for field in TRACK_FIELDS))
                positions = pairs.setdefault(ids[entry["track_uri"]], [])
                positions.append(entry["pos"])
            rows = [(len(playlists), track, min(found), len(found)) for track, found in pairs.items()]
            edges += sorted(rows, key=lambda row: (row[2], row[1]))
            row = [playlist.get(field) for field in PLAYLIST_FIELDS]
            row[3] = row[3] in ("true", True)
            playlists.append((*row, name))
    return edges, playlists, tracks


@contextlib.contextmanager
def no_hang():
    def stop(*_):
        raise TimeoutError(f"a mutant took over {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def require_readable(error: SegueError, path: str) -> None:
    assert path in error.where, error
    assert error.what, error
    assert error.found, error
    assert error.expected, error


def read(texts: list[bytes], quarantine: bool) -> Tables | SegueError:
    """What a batch makes of ``texts``; in quarantine a slice that is bad as a whole is left out."""
    batch = Batch(quarantine)
    for name, text in zip(NAMES, texts, strict=True):
        try:
            batch.add(without_mark(text), name, f"folder/{name}")
        except SegueError as error:
            require_readable(error, f"folder/{name}")
            if not quarantine:
                return error
    return batch.tables()


def rows_of(tables: Tables) -> tuple[list, list, list]:
    return tables.edges.rows(), tables.playlists.rows(), tables.tracks.rows()


def check(text: bytes) -> str:
    """Reads a mutant both ways, holds it to the oracle and says what became of it."""
    texts = [text, json.dumps(slice_of(6)).encode()]
    with no_hang():
        strict, lenient = read(texts, False), read(texts, True)
    assert isinstance(lenient, Tables)
    other = (NAMES[1], slice_of(6)["playlists"])

    try:
        document = parsed(text, once)
    except Doubtful:
        if isinstance(strict, Tables):
            assert rows_of(strict) == loops([(NAMES[0], parsed(text, dict)["playlists"]), other])
        return "doubtful"
    except (ValueError, RecursionError):
        document = None
    lists = document.get("playlists") if isinstance(document, dict) else None
    found = lists if isinstance(lists, list) else []

    # Lone surrogates are no text; where they stand in a field that is not read, either answer is right.
    if not is_text(document):
        if isinstance(strict, Tables):
            assert rows_of(strict) == loops([(NAMES[0], found), other])
        return "not text"

    kept: dict[int, dict] = {}
    foreign = 0
    for playlist in found:
        rest, left_out = without_foreign(playlist)
        if good_playlist(rest) and rest["pid"] not in kept:
            kept[rest["pid"]] = rest
            foreign += left_out
    wanted = [(NAMES[0], list(kept.values()))]
    second = [playlist for playlist in other[1] if playlist["pid"] not in kept]
    later = {playlist["pid"] for playlist in other[1]} & set(kept)
    assert rows_of(lenient) == loops([*wanted, (NAMES[1], second)])
    # A file that is bad as a whole is listed by the script, see below.
    assert lenient.quarantine.height == len(found) - len(kept) + len(later) + foreign
    assert lenient.quarantine["entries"].sum() == foreign
    if found and len(kept) == len(found) and not later and not foreign:
        assert isinstance(strict, Tables), strict
        assert rows_of(strict) == rows_of(lenient)
        return "accepted"
    assert isinstance(strict, SegueError)
    return "rejected in part" if found and kept else "rejected"


def is_text(document: Any) -> bool:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def test_mutants(tmp_path):
    rng = random.Random(2018)
    outcomes: dict[str, int] = {}
    for count in range(ROUNDS):
        text = mutated_text(rng)
        try:
            outcome = check(text)
        except BaseException:
            (tmp_path / NAMES[0]).write_bytes(text)
            print(f"mutant {count} is {tmp_path / NAMES[0]}")
            raise
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(outcomes)
    assert sum(outcomes.values()) == ROUNDS
    for outcome in ("accepted", "rejected", "rejected in part"):
        assert outcomes[outcome] > ROUNDS / 20, outcomes


def test_a_slice_that_is_cut_off_at_any_byte_is_rejected():
    for layout in ({"indent": 4}, {}):
        text = json.dumps(slice_of(0), ensure_ascii=False, **layout).encode()
        for length in range(0, len(text), 1 if ROUNDS > 10_000 else 37):
            assert check(text[:length]) in ("rejected", "not text")


def run_script(folder: Path, texts: list[bytes], on_bad_slice: str) -> tuple[list[str], SegueError | None]:
    """What parse_slices leaves in its folder, and why it failed if it did."""
    for name, text in zip(NAMES, texts, strict=True):
        (folder / name).write_bytes(text)
    targets = {name: str(folder / "out" / f"{name}.parquet") for name in Tables._fields}
    error = None
    with no_hang():
        try:
            script.parse_slices([Source(str(folder / name)) for name in NAMES], targets, on_bad_slice, None)
        except SegueError as caught:
            error = caught
    left = sorted(path.name for path in (folder / "out").iterdir()) if (folder / "out").exists() else []
    return left, error


ALL = sorted(f"{name}.parquet" for name in Tables._fields)


def test_the_script_leaves_whole_tables_or_none(tmp_path):
    rng = random.Random(19)
    second = json.dumps(slice_of(6)).encode()
    failures = 0
    for count in range(ROUNDS // 16):
        text = mutated_text(rng)
        folder = tmp_path / f"a 'folder' no. {count}"
        folder.mkdir()
        left, error = run_script(folder, [text, second], "fail")
        if error is None:
            assert left == ALL
        else:
            failures += 1
            require_readable(error, str(folder))
            assert left == []
        left, refused = run_script(folder, [text, second], "quarantine")
        assert refused is None
        assert left == ALL
        tables = {name: pl.read_parquet(folder / "out" / f"{name}.parquet") for name in Tables._fields}
        rejected = tables["quarantine"]
        assert rejected.is_empty() == (error is None)
        assert rejected["where"].str.contains(str(folder), literal=True).all()
        if rejected.filter(pl.col("slice") == NAMES[0])["playlists"].to_list() == [6]:  # the file as a whole
            assert rejected["pid"].to_list() == [None]
            assert tables["playlists"].height == 6
        for side in ("playlist", "track"):
            assert tables["edges"][side].max() in (None, *range(tables[f"{side}s"].height))
    assert ROUNDS // 64 < failures < ROUNDS // 16


def test_every_slice_may_be_bad(tmp_path):
    left, error = run_script(tmp_path, [b"", b"[]"], "quarantine")
    assert (left, error) == (ALL, None)
    assert pl.read_parquet(tmp_path / "out/quarantine.parquet")["playlists"].to_list() == [6, 6]
    assert [pl.read_parquet(tmp_path / "out" / name).height for name in ALL] == [0, 0, 2, 0]


@pytest.mark.skipif(ROUNDS <= 10_000, reason="half a minute; make fuzz runs it")
def test_a_line_of_100_mb():
    document = slice_of(0)
    document["playlists"][0]["name"] = "é" * 50_000_000
    text = json.dumps(document, ensure_ascii=False).encode()
    assert check(text) == "accepted"
    assert check(text[:-40]) == "rejected"
    assert check(b"[" * 100_000_000) == "rejected"
    assert check(b"\x00" * 100_000_000) == "rejected"
