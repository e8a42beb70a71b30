"""Playlists of every form that people have, and what is said of files that are none."""

import gzip
import json

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.serve.forms import NamedTrack, Playlist
from segue.serve.ids import IdColumns
from segue.serve.lists import COMMENT, TITLE, read_list
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
            [
                playlist(
                    1, tracks=[track(1, track_uri="spotify:album:x")], num_samples=1, num_tracks=6, name=""
                )
            ],
            "$.playlists[0]",
            "$.playlists[0].tracks[0]: 'spotify:album:x': an album, no track",
        ),
        ([{"name": "x"}], "$.playlists[0]", "no list of tracks"),
        ([{"name": "x"}, playlist(1)], "$.playlists[0]", "missing required field `pid`"),
        ([playlist(1) | {"pid": "1"}], "$.playlists[0].pid", "Expected `int`, got `str`"),
        ([], "", "expected: a challenge set"),
    ],
)
def test_what_is_wrong_with_json_and_where(write, playlists, place, said):
    message = refused(write(playlists, "set.json"))
    assert place in message
    assert said in message


@pytest.mark.parametrize("text", ["{", "3", "null", '{"playlists": 3}', '{"tracks": {}}'])
def test_json_that_is_neither(write, text):
    assert "a challenge set or an MPD slice" in refused(write(text, "set.json"))


def test_an_empty_list_in_json(write):
    assert "empty and has no title" in refused(write("[]", "set.json"))


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
    ("line", "why"),
    [
        ("spotify:album:0000000000000000000001", "an album"),
        ("spotify:local:A:B:C:1", "a local file"),
        ("spotify:episode:0000000000000000000001", "an episode"),
        ("spotify:user:me:playlist:0000000000000000000001", "a playlist, not its tracks"),
        ("spotify:track:tooshort", "no track uri"),
        (f"{ONE}x", "no track uri"),
        ("https://open.spotify.com/album/0000000000000000000001", "an album"),
        ("open.spotify.com/track/1", "no track uri"),
        ("https://www.youtube.example/watch?v=1", "an address that is none of a track"),
        ("just words", "names no track"),
        ("hyphen-ated", "names no track"),
        ("#Loud", "names no track"),
    ],
)
def test_a_line_that_is_no_track_is_listed_and_alone_refused(write, line, why):
    read = read_playlists(write(f"{ONE}\n\n{line}\n{TWO}"))
    assert read.playlists == [Playlist((ONE, TWO))]
    (left_out,) = read.left_out
    assert (left_out.place, left_out.found) == ("line 3", repr(line))
    assert why in left_out.why
    message = refused(write(line))
    assert "No row of the playlist names a track." in message
    assert f"line 1: {line!r}: " in message


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_an_empty_file_without_a_title(write, text):
    assert "empty and has no title" in refused(write(text))
    assert read_playlists(write(text + "# Title: chill")).playlists == [Playlist((), "chill")]


def test_other_encodings(write):
    names = f"{ONE}\nBjörk – Jóga"
    read = read_playlists(write(names.encode("cp1252")))
    assert read.named == (NamedTrack("Björk", "Jóga", 2),)
    assert read.notes == ("read as cp1252: not UTF-8, by the byte 0xf6 of line 2",)
    read = read_playlists(write(names.encode("utf-16")))
    assert read.named == (NamedTrack("Björk", "Jóga", 2),)
    assert read.notes == ("read as UTF-16, by its byte-order mark",)
    message = refused(write(f"{ONE}\n\x81é".encode("latin-1")))
    assert "my.txt: line 2" in message
    assert "0x81" in message
    assert "0x00" in refused(write("a - b".encode("utf-16-le")))


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


@pytest.mark.parametrize("above", ["", "# title: x\n", "sep=;\n"])
def test_a_table_in_a_text_file_is_told_by_its_header(write, above):
    read = read_playlists(write(f"{above}#;Song;Artist\n1;It;Nobody\n"))
    assert [(one.artist, one.title) for one in read.named] == [("Nobody", "It")]
    assert not read.left_out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("song_number,artist\n1,x", "line 1"),
        ("artist,title\nx,\n", "line 2"),
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
    read = read_playlists(write("007\nspotify:what\n a - b \n"), ids=IdColumns("track"))
    assert read.playlists == [Playlist(("007", "spotify:what", "a - b"))]


@given(st.text())
def test_any_text_is_read(text):
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    rows = read_list(text).rows
    assert len(rows) == sum(
        not COMMENT.match(line.strip()) and not TITLE.match(line.strip()) for line in lines
    )


# Wrong answers of before: rows that were lost in silence, tables read as lines, files that were cut.


def test_a_song_that_begins_with_a_hash_and_a_cell_over_two_lines_are_read(write):
    table = 'Title,Artist\n#Loud,Somebody\n"One\nMore",Anybody\n'
    assert read_playlists(write(table, "my.csv")).named == (
        NamedTrack("Somebody", "#Loud", 2),
        NamedTrack("Anybody", "One\nMore", 3),
    )
    assert read_playlists(write("# a comment\n#Loud - Somebody\n")).named == (
        NamedTrack("#Loud", "Somebody", 2),
    )


@pytest.mark.parametrize("name", ["my.csv.gz", "my.CSV.zst", "my.tsv.gz"])
def test_packed_tables_are_tables(write, name):
    text = "Artist,Title\nSomebody,One\n".replace(",", "\t" if ".tsv" in name else ",")
    packed = zstandard.compress if name.endswith("zst") else gzip.compress
    path = write("", name)
    path.write_bytes(packed(text.encode()))
    assert read_playlists(path).named == (NamedTrack("Somebody", "One", 2),)


@pytest.mark.parametrize("name", ["my.txt", "my.txt.gz", "my.txt.zst"])
def test_a_file_that_is_too_large_is_refused_and_not_cut(write, name, monkeypatch):
    monkeypatch.setattr("segue.data.sources.MAX_BYTES", 3 * len(ONE))
    message = refused(write("\n".join([ONE] * 4), name))
    assert "too large" in message
    assert f"over {3 * len(ONE)} bytes" in message
    assert ("unpacked" in message) == (name != "my.txt")
