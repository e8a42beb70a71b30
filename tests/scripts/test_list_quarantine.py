from pathlib import Path

import polars as pl
import pytest

import list_quarantine as script
from segue.data.quarantine import SCHEMA, SHOWN, rejected_row, require_few_rejected, summary
from segue.errors import SegueError

A, B, C = "mpd.slice.0-9.json", "mpd.slice.10-19.json", "mpd.slice.20-29.json"


def row(name: str, pid: int | None, playlists: int = 1) -> dict:
    why = SegueError("Bad.", where=f"x/{name}", found="1", expected="2")
    return rejected_row(name, pid, playlists, why, whole_file=playlists > 1)


@pytest.fixture
def batches(tmp_path):
    """Files of two batches: pid 3 stands in both, pid 4 in three slices; one row of quarantine in either."""
    playlists = [([A, A, B], [3, 4, 10]), ([B, C, C, C], [3, 20, 4, 5])]
    rejected = [[row(A, 7)], [row(C, None, 10)]]
    files: dict[str, list[str]] = {"playlists": [], "quarantines": []}
    for number, ((slices, pids), rows) in enumerate(zip(playlists, rejected, strict=True)):
        paths = [tmp_path / f"{number}-{name}.parquet" for name in files]
        pl.DataFrame({"pid": pids, "name": "x", "slice": slices}).write_parquet(paths[0])
        pl.DataFrame(rows, SCHEMA).write_parquet(paths[1])
        for name, path in zip(files, paths, strict=True):
            files[name].append(str(path))
    return files


def test_batches_rows_and_later_copies_of_a_playlist(batches, tmp_path):
    script.list_quarantine(**batches, target=str(tmp_path / "q.parquet"), on_bad_slice="quarantine")
    table = pl.read_parquet(tmp_path / "q.parquet")
    assert dict(table.schema) == SCHEMA
    assert table["whole_file"].to_list() == [False, True, False, False]
    assert table.select("slice", "pid", "playlists", "what", "where", "found", "expected").rows() == [
        (A, 7, 1, "Bad.", f"x/{A}", "1", "2"),
        (C, None, 10, "Bad.", f"x/{C}", "1", "2"),
        (B, 3, 1, "A playlist stands in several slices.", f"{A} and {B}", "pid 3 2 times", "each pid once"),
        (C, 4, 1, "A playlist stands in several slices.", f"{A} and {C}", "pid 4 2 times", "each pid once"),
    ]


def test_copies_fail_where_nothing_is_put_aside(batches, tmp_path):
    with pytest.raises(SegueError, match="A playlist stands in several slices") as caught:
        script.list_quarantine(**batches, target=str(tmp_path / "q.parquet"), on_bad_slice="fail")
    assert caught.value.where == f"{A} and {B}"
    assert caught.value.found == "pid 3 2 times (2 repeated pids in all)"
    assert not (tmp_path / "q.parquet").exists()


def test_nothing_rejected_is_an_empty_table(batches, tmp_path):
    one = {"playlists": batches["playlists"][:1], "quarantines": []}
    script.list_quarantine(**one, target=str(tmp_path / "q.parquet"), on_bad_slice="fail")
    table = pl.read_parquet(tmp_path / "q.parquet")
    assert (table.height, dict(table.schema)) == (0, SCHEMA)
    assert not list(Path(tmp_path).glob(".*"))


def test_a_log_does_not_list_everything():
    rejected = pl.DataFrame([row(A, pid) for pid in range(SHOWN + 3)] + [row(B, None, 10)], SCHEMA)
    lines = list(summary(rejected))
    assert lines[0] == f"Rejected: x/{A}: Bad. Found 1, expected 2"
    assert lines[SHOWN:] == ["and 4 more", "Rejected in all: 33 playlists, in 24 rows"]
    assert list(summary(rejected.clear())) == []


def test_too_much_is_a_share_of_all_playlists():
    rejected = pl.DataFrame([row(A, 1), row(B, None, 9)], SCHEMA)
    require_few_rejected(rejected, {"playlists": 90, "entries": 0}, 0.1)
    with pytest.raises(SegueError, match="10 of 99 playlists rejected"):
        require_few_rejected(rejected, {"playlists": 89}, 0.1)


def test_too_many_entries_rejected_by_themselves():
    why = SegueError("Bad.", where=f"x/{B}: row 5", found="1", expected="2")
    rejected = pl.DataFrame([row(A, 1), rejected_row(B, None, 0, why, entries=3)], SCHEMA)
    require_few_rejected(rejected, {"playlists": 9, "entries": 27}, 0.1)
    with pytest.raises(SegueError, match=rf"where: x/{B}: row 5\n  found: 3 of 29 entries rejected"):
        require_few_rejected(rejected, {"playlists": 9, "entries": 26}, 0.1)
    assert list(summary(rejected))[-1] == "Rejected in all: 1 playlists and 3 entries, in 2 rows"
