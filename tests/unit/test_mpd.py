import json
from pathlib import Path

import pytest

from segue.data.ingest import Batch
from segue.data.mpd import decode_slice
from segue.data.salvage import BadPlaylist, salvage_slice
from segue.errors import SegueError

URI = "spotify:track:000000000000000000000"  # and the key of a track: one letter


def read_slice(path: Path) -> None:
    Batch(quarantine=False).add(path.read_bytes(), path.name, str(path))


def test_escaped_text_and_unknown_fields_are_read(tmp_path, write_slice):
    path = write_slice(tmp_path / "s.json", [{"pid": 0, "tracks": [{"mood": [1]}], "genre": {"a": 1}}])
    contents = json.loads(path.read_text(encoding="utf-8")) | {"licence": None}
    contents["playlists"][0]["name"] = "🌙 é"
    path.write_text(json.dumps(contents, ensure_ascii=True), encoding="ascii")
    assert "\\ud83c" in path.read_text(encoding="ascii")
    (playlist,) = decode_slice(path.read_bytes(), "s.json")
    assert playlist.name == "🌙 é"
    assert len(playlist.tracks) == 1


def test_the_largest_numbers_fit(tmp_path, write_slice):
    track = {"pos": 2**31 - 1, "duration_ms": -(2**63)}
    path = write_slice(tmp_path / "s.json", [{"pid": 2**63 - 1, "tracks": [track], "modified_at": -1}])
    (playlist,) = decode_slice(path.read_bytes(), "s.json")
    assert (playlist.pid, playlist.modified_at) == (2**63 - 1, -1)
    assert (playlist.tracks[0].pos, playlist.tracks[0].duration_ms) == (2**31 - 1, -(2**63))


def test_salvaging_keeps_what_is_good_and_says_what_is_wrong_with_the_rest(slice_path):
    edit(slice_path, ("playlists", 0, "name"), None)
    edit(slice_path, ("playlists", 2, "pid"), "two")
    first, second, third = salvage_slice(slice_path.read_bytes(), "s.json")
    assert isinstance(first, BadPlaylist)
    assert (first.pid, first.reason.where) == (0, "s.json: $.playlists[0].name")
    assert (first.reason.found, first.reason.expected) == ("null", "str")
    assert second.playlist.pid == 1
    assert isinstance(third, BadPlaylist)
    assert (third.pid, third.reason.where) == (None, "s.json: $.playlists[2].pid")


@pytest.mark.parametrize(("value", "read"), [(True, "true"), (False, "false"), ("true", "true")])
def test_collaborative_may_be_a_boolean(slice_path, value, read):
    edit(slice_path, ("playlists", 0, "collaborative"), value)
    playlists = decode_slice(slice_path.read_bytes(), str(slice_path))
    assert [playlist.collaborative for playlist in playlists] == [read, "false", "false"]


def test_salvaging_leaves_out_entries_that_are_no_tracks(slice_path):
    local = {"track_uri": "spotify:local:Ann:Her+Songs:First:200", "track_name": "First", "artist_uri": None}
    edit(slice_path, ("playlists", 2, "tracks", 0), local)
    edit(slice_path, ("playlists", 0, "name"), 'a list of "spotify:local:" things')
    first, _, third = salvage_slice(slice_path.read_bytes(), "s.json")
    assert (len(first.playlist.tracks), first.left_out) == (1, [])
    assert [entry.track_name for entry in third.playlist.tracks] == ["Song c"]
    assert (third.playlist.tracks[0].pos, third.playlist.num_tracks) == (1, 2)
    (reason,) = third.left_out
    assert reason.what == "A playlist has an entry that is no track of Spotify's."
    assert reason.where == "s.json: $.playlists[2].tracks[0].track_uri"
    assert reason.found == '"spotify:local:Ann:Her+Songs:First:200"'
    # An entry that is bad in another way is named by its place in the file, and spoils the playlist.
    for place, value in ((("track_uri",), "spotify:track:1"), (("pos",), -1)):
        edited = slice_path.read_bytes()
        edit(slice_path, ("playlists", 2, "tracks", 1, *place), value)
        *_, bad = salvage_slice(slice_path.read_bytes(), "s.json")
        assert (bad.pid, bad.reason.where) == (2, f"s.json: $.playlists[2].tracks[1].{place[0]}")
        slice_path.write_bytes(edited)


def test_a_local_file_is_called_that_where_nothing_is_set_aside(slice_path):
    edit(slice_path, ("playlists", 2, "tracks", 0, "track_uri"), "spotify:local:a:b:c:1")
    error = parts(read_slice, slice_path)
    assert error["what"] == "A playlist has an entry that is no track of Spotify's."
    assert error["where"] == f"{slice_path}: $.playlists[2].tracks[0].track_uri"
    assert error["next step"].startswith("set data.on_bad_slice to quarantine to go on without such entries")
    # Also where it lacks what is checked before the form of uris.
    edit(slice_path, ("playlists", 2, "tracks", 0, "artist_uri"), None)
    assert parts(read_slice, slice_path) == error
    edit(slice_path, ("playlists", 2, "tracks", 0), "nothing")
    assert (
        parts(read_slice, slice_path)["what"] == "A slice has a field that is missing or has a wrong value."
    )


def test_salvaging_needs_json(slice_path):
    text = slice_path.read_bytes()
    for bad, what in ((text[:-5], "cut off"), (b"[1]", "wrong value"), (b'{"playlists": []}', "wrong value")):
        with pytest.raises(SegueError, match=what):
            salvage_slice(bad, "s.json")


# Errors: each message is read as a user would.


def parts(read, *arguments) -> dict[str, str]:
    """The lines of the SegueError that ``read`` raises, by their names; the first is called "what"."""
    with pytest.raises(SegueError) as caught:
        read(*arguments)
    return dict(line.strip().split(": ", 1) for line in f"what: {caught.value}".splitlines())


@pytest.fixture
def slice_path(tmp_path, write_slice):
    playlists = [{"pid": 0, "tracks": ["a"]}, {"pid": 1, "tracks": []}, {"pid": 2, "tracks": ["b", "c"]}]
    return write_slice(tmp_path / "mpd.slice.0-2.json", playlists)


POSITION = ("playlists", 2, "tracks", 1, "pos")
MISSING = object()


@pytest.mark.parametrize(
    ("place", "value", "where", "found", "expected"),
    [
        (POSITION, "one", "$.playlists[2].tracks[1].pos", '"one"', "int"),
        (POSITION, 1.5, "$.playlists[2].tracks[1].pos", "1.5", "int"),
        (POSITION, True, "$.playlists[2].tracks[1].pos", "true", "int"),
        (POSITION, -1, "$.playlists[2].tracks[1].pos", "-1", "int >= 0"),
        (POSITION, 2**31, "$.playlists[2].tracks[1].pos", "2147483648", "int <= 2147483647"),
        (("playlists", 1, "pid"), -5, "$.playlists[1].pid", "-5", "int >= 0"),
        (("playlists", 1, "pid"), 2**63, "$.playlists[1].pid", str(2**63), f"int <= {2**63 - 1}"),
        (("playlists", 0, "num_followers"), -1, "$.playlists[0].num_followers", "-1", "int >= 0"),
        (
            ("playlists", 0, "modified_at"),
            10**30,
            "$.playlists[0].modified_at",
            str(10**30),
            f"int <= {2**63 - 1}",
        ),
        (("playlists", 0, "name"), None, "$.playlists[0].name", "null", "str"),
        (("playlists", 0, "description"), 7, "$.playlists[0].description", "7", "str | null"),
        (
            ("playlists", 0, "collaborative"),
            "yes",
            "$.playlists[0].collaborative",
            '"yes"',
            '"true" or "false"',
        ),
        (("playlists", 0, "collaborative"), 1, "$.playlists[0].collaborative", "1", '"true" or "false"'),
        (("playlists", 0, "tracks"), {"a": 1}, "$.playlists[0].tracks", '{"a": 1}', "array"),
        (("playlists", 0), "x" * 99, "$.playlists[0]", '"' + "x" * 58 + "…", "object"),
        (("playlists",), [], "$.playlists", "[]", "array of length >= 1"),
    ],
)
def test_a_bad_field_is_named_by_its_path(slice_path, place, value, where, found, expected):
    edit(slice_path, place, value)
    error = parts(read_slice, slice_path)
    assert error["what"] == "A slice has a field that is missing or has a wrong value."
    assert error["where"] == f"{slice_path}: {where}"
    assert error["found"] == found
    assert error["expected"] == expected
    assert error["next step"].startswith("mend it in the file, ")


@pytest.mark.parametrize(
    ("place", "where", "found", "field"),
    [
        (("playlists",), "$", '{"info": {"generated_on": ', "playlists"),
        (("playlists", 1, "pid"), "$.playlists[1]", '{"name": "List 1", ', "pid"),
        (("playlists", 1, "tracks"), "$.playlists[1]", '{"name": "List 1", ', "tracks"),
        (POSITION, "$.playlists[2].tracks[1]", '{"artist_name": "Artist c"', "pos"),
        ((*POSITION[:-1], "album_uri"), "$.playlists[2].tracks[1]", '{"pos": 1, "artist_name"', "album_uri"),
    ],
)
def test_a_missing_field_is_named(slice_path, place, where, found, field):
    edit(slice_path, place, MISSING)
    error = parts(read_slice, slice_path)
    assert error["where"] == f"{slice_path}: {where}"
    assert error["found"].startswith(found)
    assert error["expected"] == f'a field "{field}"'


def edit(path: Path, place: tuple, value: object) -> None:
    contents = json.loads(path.read_text(encoding="utf-8"))
    *parents, last = place
    holder = contents
    for key in parents:
        holder = holder[key]
    if value is MISSING:
        del holder[last]
    else:
        holder[last] = value
    path.write_text(json.dumps(contents), encoding="utf-8")


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_an_empty_file(slice_path, text):
    slice_path.write_text(text)
    error = parts(read_slice, slice_path)
    assert error["what"] == "A slice is empty."
    assert error["where"] == str(slice_path)
    assert error["found"] == f"{len(text)} bytes"


def test_a_file_that_is_cut_off_at_any_byte(tmp_path, write_slice):
    path = write_slice(tmp_path / "s.json", [{"pid": 0, "tracks": ["a"], "name": "🌙"}])
    whole = path.read_bytes()
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        error = parts(read_slice, path)
        assert error["what"] == "A slice is cut off.", whole[:length]
        assert error["where"] == str(path)
        assert error["found"].startswith(f"{length:,} bytes that end with ")


def test_a_file_that_is_cut_off_after_a_bad_field_is_cut_off(slice_path):
    edit(slice_path, POSITION, "one")
    slice_path.write_bytes(slice_path.read_bytes()[:-3])
    assert parts(read_slice, slice_path)["what"] == "A slice is cut off."


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("<html>\n<p>Sign in", "line 1, byte 1", r"invalid character, near '<html>\n<p>Sign in'"),
        (
            '{"info":\n [1, 2,],\n}',
            "line 2, byte 8",
            "trailing comma in array, near '" r'{"info":\n [1, 2,],\n}' "'",
        ),
        ('\ufeff{"info": []}', "line 1, byte 1", "invalid character, near '" r'\ufeff{"info": []}' "'"),
        ('{"info": NaN}', "line 1, byte 10", "invalid character, near '{\"info\": NaN}'"),
    ],
)
def test_what_is_not_json_is_located(slice_path, text, where, found):
    slice_path.write_text(text, encoding="utf-8")
    error = parts(read_slice, slice_path)
    assert error["what"] == "A slice is not JSON."
    assert error["where"] == f"{slice_path}: {where} of the line"
    assert error["found"] == f"JSON is malformed: {found}"
    assert error["expected"] == "a JSON object"


@pytest.mark.parametrize(
    "text", ['{"playlists": [{"pid": 1e999}]}', '{"info": ' + "[" * 100_000 + "]" * 100_000 + "}"]
)
def test_json_beyond_the_limits_of_the_parser(slice_path, text):
    slice_path.write_text(text)
    error = parts(read_slice, slice_path)
    assert error["what"] == "A slice is not JSON that can be read."
    assert error["found"].startswith(("Number out of range", "maximum recursion depth exceeded"))


@pytest.mark.parametrize(
    ("encoding", "byte", "found"),
    [
        ("latin-1", b"\xe9", r"""b'sts": [{"name": "Caf\xe9", "collaborative":'"""),
        ("utf-16", b"\xff", r"""b'\xff\xfe{\x00"\x00i\x00n\x00f\x00o\x00"\x00:\x00 \x00'"""),
    ],
)
def test_what_is_not_utf8_is_located(tmp_path, write_slice, encoding, byte, found):
    path = write_slice(tmp_path / "s.json", [{"pid": 0, "tracks": ["a"], "name": "Café"}])
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    error = parts(read_slice, path)
    assert error["what"] == "A slice is not UTF-8."
    assert error["where"] == f"{path}: byte {path.read_bytes().index(byte)}"
    assert error["found"] == found


def test_half_a_character_is_not_called_a_cut(slice_path):
    slice_path.write_text(slice_path.read_text().replace("List 1", "\\ud83c\\udf19 \\ud83c!"))
    error = parts(read_slice, slice_path)
    assert (error["what"], error["found"]) == ("A slice has half a character.", "\\ud83c")


def test_a_playlist_number_that_stands_twice(slice_path):
    edit(slice_path, ("playlists", 2, "pid"), 0)
    error = parts(read_slice, slice_path)
    assert error["what"] == "A slice has a playlist number twice."
    assert error["where"] == f"{slice_path}: $.playlists[2].pid"
    assert error["found"] == "0, which is also $.playlists[0].pid"


@pytest.mark.parametrize("playlist", [0, 2])
@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("track_uri", f"{URI}", "spotify:track: and 22 of the characters 0-9A-Za-z"),
        ("track_uri", f"{URI}ab", "spotify:track: and 22 of the characters 0-9A-Za-z"),
        ("track_uri", f"{URI}a\n", "spotify:track: and 22 of the characters 0-9A-Za-z"),
        ("track_uri", f"{URI}-", "spotify:track: and 22 of the characters 0-9A-Za-z"),
        ("track_uri", f"{URI}é", "spotify:track: and 22 of the characters 0-9A-Za-z"),
        ("track_uri", f" {URI}a", "spotify:track: and 22 of the characters 0-9A-Za-z"),
        ("track_uri", "spotify:user:Nobody:Nothing", "spotify:track: and 22 of the characters 0-9A-Za-z"),
        ("artist_uri", "spotify:album:0000", "spotify:artist: and characters 0-9A-Za-z"),
        ("album_uri", "", "spotify:album: and characters 0-9A-Za-z"),
    ],
)
def test_the_first_uri_of_a_wrong_form_is_named(slice_path, playlist, field, value, expected):
    edit(slice_path, ("playlists", 2, "tracks", 1, field), value)
    edit(slice_path, ("playlists", playlist, "tracks", 0, field), value)
    error = parts(read_slice, slice_path)
    assert error["what"] == f"A slice has a {field} of a wrong form."
    assert error["where"] == f"{slice_path}: $.playlists[{playlist}].tracks[0].{field}"
    assert error["found"] == json.dumps(value, ensure_ascii=False)
    assert error["expected"] == expected
