import gzip
import time

import polars as pl
import pytest

from segue.challenge.submission import require_candidates, write_submission
from segue.errors import SegueError


def uri(number):
    return f"spotify:track:{number:022}"


def table(*pids, first=0):
    """500 tracks for each pid, the one after the other's."""
    return pl.DataFrame(
        [
            {"pid": pid, "rank": rank, "track_uri": uri(first + 500 * i + rank)}
            for i, pid in enumerate(pids)
            for rank in range(1, 501)
        ],
        schema={"pid": pl.Int64, "rank": pl.Int32, "track_uri": pl.String},
    )


def changed(row, column, value):
    """A table of two playlists in which one value is another."""
    return (
        table(7, 8)
        .with_row_index()
        .with_columns(
            pl.when(pl.col("index") == row).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
        )
        .drop("index")
    )


def test_the_file_line_by_line(tmp_path):
    path = tmp_path / "new folder/submission.csv"
    write_submission(table(1000002, 1000000), path, "The Invented 🔥", "who@example.org", "creative")
    lines = path.read_bytes().decode().split("\n")
    assert lines == [
        "team_info,creative,The Invented 🔥,who@example.org",
        ", ".join(["1000002", *(uri(rank) for rank in range(1, 501))]),
        ", ".join(["1000000", *(uri(rank) for rank in range(501, 1001))]),
        "",
    ]


def test_tracks_stand_by_rank_and_playlists_as_they_come(tmp_path):
    rows = table(5, 3, 4)
    shuffled = rows.sample(fraction=1, shuffle=True, seed=1)
    order = shuffled["pid"].unique(maintain_order=True).to_list()
    write_submission(shuffled, tmp_path / "a.csv", "t", "c")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert [int(line.split(",")[0]) for line in lines[1:]] == order
    for line in lines[1:]:
        pid, *tracks = line.split(", ")
        assert tracks == rows.filter(pl.col("pid") == int(pid))["track_uri"].to_list()


def test_packed_and_plain_are_the_same_and_bytes_do_not_tell_the_time(tmp_path, monkeypatch):
    write_submission(table(1, 2), tmp_path / "a.csv", "t", "c")
    write_submission(table(1, 2), tmp_path / "a.csv.gz", "t", "c")
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    write_submission(table(1, 2), tmp_path / "b.csv.gz", "t", "c")
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()) == (tmp_path / "a.csv").read_bytes()
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (table(7).head(499), "pid 7"),
        (table(7).filter(pl.col("rank") > 1), "pid 7"),
        (pl.concat([table(7), table(7, first=500)]), "1000 rows, 500 ranks from 1 to 500, 1000 tracks"),
        (changed(600, "rank", 100), "pid 8"),
        (changed(600, "rank", 501), "pid 8"),
        (changed(600, "rank", None), "pid 8"),
        (changed(600, "track_uri", uri(501)), "pid 8(.|\n)*499 tracks"),
        (changed(600, "track_uri", None), "no uri of the MPD(.|\n)*None"),
        (changed(600, "track_uri", uri(1) + "\n"), "no uri of the MPD"),
        (changed(600, "track_uri", "spotify:local:x"), "no uri of the MPD(.|\n)*spotify:local:x"),
        (changed(600, "pid", None), "no pid"),
        (table(), "no recommendation"),
    ],
)
def test_what_is_no_submission_is_refused_and_nothing_written(tmp_path, rows, words):
    with pytest.raises(SegueError, match=words):
        write_submission(rows, tmp_path / "a.csv", "t", "c")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "  ", "a,b", 'a "b"', "a\nb", "a\r", "a\u2028b", "a\u2029b", "a\x85b", "\udc80", "\0"]
)
@pytest.mark.parametrize("field", ["team", "contact"])
def test_a_field_that_would_break_the_line(tmp_path, field, text):
    with pytest.raises(SegueError, match=field):
        write_submission(table(1), tmp_path / "a.csv", **{"team": "t", "contact": "c"} | {field: text})
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_track_of_the_challenge(tmp_path):
    with pytest.raises(SegueError, match="'minor'"):
        write_submission(table(1), tmp_path / "a.csv", "t", "c", "minor")


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(b"old")
    write = gzip.GzipFile.write

    def fail(self, data):
        if data.startswith(b"2"):
            raise OSError("unplugged")
        return write(self, data)

    monkeypatch.setattr(gzip.GzipFile, "write", fail)
    with pytest.raises(OSError, match="unplugged"):
        write_submission(table(1, 2), path, "t", "c")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_candidates_have_to_fill_every_playlist():
    require_candidates(600, 100, 5)
    require_candidates(500, 0, 5)
    with pytest.raises(SegueError) as error:
        require_candidates(599, 100, 5)
    assert error.value.where == "candidates.min_degree"
    assert error.value.found == "5, which 599 tracks reach"
    assert error.value.expected.startswith("600 candidates or more")
