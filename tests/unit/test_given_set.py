"""The organisers' challenge set: read, refused, counted; and looked at before anything is trained."""

import json

import polars as pl
import pytest

from check_challenge_set import check_challenge_set
from segue.challenge.given_set import counted, read_challenge_set
from segue.errors import SegueError


def track(number):
    return f"spotify:track:{number:022}"


def playlist(pid, tracks=(), name=None):
    title = {} if name is None else {"name": name}
    given = [{"track_uri": track(number), "pos": place} for place, number in enumerate(tracks)]
    return {"pid": pid, **title, "num_tracks": 9, "num_samples": len(given), "tracks": given}


PLAYLISTS = [
    playlist(1_000_000, name="Rain"),
    playlist(1_000_003, [4, 2, 4], " "),
    playlist(1_000_001, [2, 9], "Sun"),
]


@pytest.fixture
def write(tmp_path):
    def write(playlists, name="set.json"):
        path = tmp_path / name
        path.write_text(json.dumps({"playlists": playlists}))
        return str(path)

    return write


def test_a_set_is_read_and_counted(write):
    playlists = read_challenge_set(write(PLAYLISTS))
    assert [one.pid for one in playlists] == [1_000_000, 1_000_003, 1_000_001]
    assert counted(playlists, {track(2), track(3)}) == {
        "playlists": 3,
        "titled": 2,
        "given": [{"tracks": 0, "playlists": 1}, {"tracks": 2, "playlists": 2}],
        "tracks": 3,
        "tracks_read": 1,
    }


def test_a_file_of_something_else(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(f"{track(1)}\n{track(2)}\n")
    with pytest.raises(SegueError) as error:
        read_challenge_set(path)
    assert error.value.what == "The file is no challenge set."
    assert error.value.found == "1 of 1 playlists without a pid"


@pytest.mark.parametrize("name", [None, "  "])
def test_a_set_without_any_title(write, name):
    playlists = [playlist(pid, [pid], name) for pid in range(3)]
    with pytest.raises(SegueError) as error:
        read_challenge_set(write(playlists))
    assert error.value.what == "All titles of the challenge set are missing."
    assert error.value.found == "3 playlists, none with a name"
    assert read_challenge_set(write([*playlists, playlist(7, name="Sun")]))


def test_a_track_that_is_none_is_left_out_and_logged(write, caplog):
    bad = playlist(5, [1], "Sun")
    bad["tracks"][0]["track_uri"] = "spotify:local:a:b:c:1"
    with caplog.at_level("WARNING", "segue"):
        (read,) = read_challenge_set(write([bad]))
    assert read.tracks == ()
    assert "left out: $.playlists[0].tracks[0]" in caplog.text


def test_a_set_is_looked_at_before_anything_is_trained(write, tmp_path):
    tables = {"pid": [[4, 5], [6]], "track_uri": [[track(2)], [track(2), track(3)]]}
    files = {column: [str(tmp_path / f"{column}{place}.parquet") for place in range(2)] for column in tables}
    for column, batches in tables.items():
        for path, values in zip(files[column], batches, strict=True):
            pl.DataFrame({column: values}).write_parquet(path)
    target = tmp_path / "set.counts.json"
    sources = files["pid"], files["track_uri"], str(target)
    check_challenge_set(write(PLAYLISTS), *sources)
    assert json.loads(target.read_text())["tracks_read"] == 1
    target.unlink()
    with pytest.raises(SegueError, match="1 pids of both: 6"):
        check_challenge_set(write([*PLAYLISTS, playlist(6, [1])]), *sources)
    assert not target.exists()
