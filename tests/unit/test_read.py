"""Playlists of every form that people have, and what is said of files that are none."""

import gzip
import json

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.serve.forms import NamedTrack, Playlist, read_lines
from segue.serve.read import read_playlists

URI = "spotify:track:{:022d}".format
ONE, TWO, THREE = (URI(number) for number in (1, 2, 3))


def track(number, **changes):
    return {
        "pos": number,
        "track_uri": URI(number),
        "track_name": f"Song {number}",
        "artist_uri": f"spotify:artist:{number}",
        "artist_name": "Somebody",
        "album_uri": "spotify:album:1",
        "album_name": "Album",
        "duration_ms": 1,
    } | changes


def playlist(pid, numbers=(1, 2), holdouts=5, **changes):
    counts = {"num_samples": len(numbers), "num_holdouts": holdouts, "num_tracks": len(numbers) + holdouts}
    return {"pid": pid, "name": f"list {pid}", **counts, "tracks": [track(one) for one in numbers]} | changes


@pytest.fixture
def write(tmp_path):
    """A function that writes a file and returns its path; JSON for values."""

    def write_file(content, name="my.txt"):
        text = content if isinstance(content, (str, bytes)) else json.dumps({"playlists": content})
        data = text if isinstance(text, bytes) else text.encode()
        packed = {".gz": gzip.compress, ".zst": zstandard.compress}
        path = tmp_path / name
        path.write_bytes(packed.get(path.suffix, bytes)(data))
        return path

    return write_file


def refused(path):
    with pytest.raises(SegueError) as error:
        read_playlists(path)
    return str(error.value)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_a_challenge_set(write, suffix):
    untitled = playlist(1000001, (3,))
    del untitled["name"]
    path = write([playlist(1000000), untitled, playlist(1000002, ())], f"challenge_set.json{suffix}")
    read = read_playlists(path)
    assert read.playlists == [
        Playlist((ONE, TWO), "list 1000000", 1000000),
        Playlist((THREE,), None, 1000001),
        Playlist((), "list 1000002", 1000002),
    ]
    assert read.named == ()


def test_a_slice(write):
    one = playlist(7, (2, 1, 2), num_tracks=3)
    del one["num_samples"], one["num_holdouts"]
    assert read_playlists(write([one], "mpd.slice.0-999.json")).playlists == [
        Playlist((TWO, ONE, TWO), "list 7", 7)
    ]


@pytest.mark.parametrize(
    ("playlists", "place", "said"),
    [
        ([playlist(1), playlist(2), playlist(1)], "$.playlists[2]", "pid 1, as $.playlists[0]"),
        ([playlist(1, num_samples=3)], "$.playlists[0].num_samples", "3, and 2 tracks"),
        ([playlist(1, num_tracks=9)], "$.playlists[0].num_tracks", "9, with 2 samples and 5 holdouts"),
        ([playlist(1, ()) | {"name": " "}], "$.playlists[0]", "empty and has no title"),
        (
            [playlist(1, tracks=[track(1), track(2, track_uri="spotify:album:x")])],
            "$.playlists[0].tracks[1].track_uri",
            "'spotify:album:x'",
        ),
        ([{"name": "x"}], "$.playlists[0]", "missing required field `pid`"),
        ([playlist(1) | {"pid": "1"}], "$.playlists[0].pid", "Expected `int`, got `str`"),
        ([], "$.playlists", "length >= 1"),
    ],
)
def test_what_is_wrong_with_json_and_where(write, playlists, place, said):
    message = refused(write(playlists, "set.json"))
    assert place in message
    assert said in message


@pytest.mark.parametrize("text", ["{", "[]", "\x00", '{"playlists": 3}'])
def test_json_that_is_neither(write, text):
    assert "a challenge set or an MPD slice" in refused(write(text, "set.json"))


def test_lines_of_uris_addresses_and_names(write):
    text = f"""\
# title: Road trip 🚗
# anything else

{ONE}
https://open.spotify.com/track/{TWO[-22:]}?si=abc
  https://open.spotify.com/intl-de/track/{THREE[-22:]}
Some Body - A song - live
Anybody – Another
Nobody\t—\tIt
"""
    read = read_playlists(write(text))
    assert read.playlists == [Playlist((ONE, TWO, THREE), "Road trip 🚗")]
    assert read.named == (
        NamedTrack("Some Body", "A song - live", 7),
        NamedTrack("Anybody", "Another", 8),
        NamedTrack("Nobody", "It", 9),
    )


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_and_line_ends_do_not_count(write, mark, end):
    path = write(mark + end.join(["# title: x", ONE, TWO]).encode())
    assert read_playlists(path).playlists == [Playlist((ONE, TWO), "x")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("spotify:album:0000000000000000000001", "A uri is no track."),
        ("spotify:track:tooshort", "A uri is no track."),
        (f"{ONE}x", "A uri is no track."),
        ("https://open.spotify.com/album/0000000000000000000001", "A uri is no track."),
        ("open.spotify.com/track/1", "A uri is no track."),
        ("just words", "A line names no track."),
        ("hyphen-ated", "A line names no track."),
    ],
)
def test_a_line_that_is_no_track_is_named(write, line, said):
    message = refused(write(f"{ONE}\n\n{line}\n"))
    assert said in message
    assert "my.txt: line 3" in message
    assert repr(line) in message


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_an_empty_file_without_a_title(write, text):
    assert "empty and has no title" in refused(write(text))
    assert read_playlists(write(text + "# Title: chill")).playlists == [Playlist((), "chill")]


def test_other_encodings(write):
    message = refused(write(f"{ONE}\nBj\xf6rk - J\xf3ga".encode("latin-1")))
    assert "my.txt: line 2" in message
    assert "0xf6" in message


def test_tables(write):
    text = f"""\
# title: mine
Track URI,Artist Name(s),Track Name
{ONE},x,y
,"Some, Body","A ""song\"""
"""
    read = read_playlists(write(text, "my.csv"))
    assert read.playlists == [Playlist((ONE,), "mine")]
    assert read.named == (NamedTrack("Some, Body", 'A "song"', 4),)
    tabs = read_playlists(write("title\tartist\nIt\tNobody\n", "my.tsv"))
    assert tabs.named == (NamedTrack("Nobody", "It", 2),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("song_number,artist\n1,x", "line 1"),
        ("artist,title\nx,y\nx,\n", "line 3"),
        ("uri\nspotify:episode:1\n", "line 2"),
        ("", "empty and has no title"),
    ],
)
def test_tables_that_name_no_track(write, text, said):
    assert said in refused(write(text, "my.csv"))


def test_files_that_cannot_be_read(tmp_path, write):
    assert "No such file" in refused(tmp_path / "none.txt")
    assert "Is a directory" in refused(tmp_path)
    path = write([playlist(1)], "set.json.gz")
    path.write_bytes(path.read_bytes()[:-9])
    assert "cannot be read" in refused(path)


def test_ids_of_edge_lists_are_taken_as_they_are(write):
    read = read_playlists(write("007\nspotify:what\n a - b \n"), raw_ids=True)
    assert read.playlists == [Playlist(("007", "spotify:what", "a - b"))]


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        lines = read_lines(text, "x")
    except SegueError:
        return
    assert lines.playlist.tracks or lines.named or lines.playlist.title
