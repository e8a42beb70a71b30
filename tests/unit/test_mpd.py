import json
import weakref
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.mpd import Slice, Tables, read_slice, tables

URI = "spotify:track:000000000000000000000"  # and the key of a track: one letter


def tables_of(*paths: Path) -> Tables:
    return tables(map(read_slice, paths), [path.name for path in paths])


@pytest.fixture
def two_slices(tmp_path, write_slice):
    """Pids and tracks out of order, a track that stands twice, one that both slices describe."""
    late = [
        {
            "pid": 12,
            "tracks": ["b", {"track_uri": f"{URI}a", "track_name": "Song a, live", "duration_ms": 7}],
        },
        {"pid": 10, "tracks": [], "collaborative": "true", "description": None},
    ]
    early = [
        {"pid": 3, "tracks": ["c", "a", "c", "c"], "name": "Møn 🌙 夜", "description": "drïve & 🚗"},
        {"pid": 2, "tracks": ["b"], "name": "", "modified_at": 1_400_000_000, "num_followers": 75},
    ]
    return (
        write_slice(tmp_path / "mpd.slice.10-12.json", late),
        write_slice(tmp_path / "mpd.slice.0-9.json", early),
    )


def test_edges_have_first_position_and_count(two_slices):
    edges = tables_of(*two_slices).edges
    assert edges.schema == {
        "pid": pl.Int64,
        "track_uri": pl.String,
        "position": pl.Int32,
        "count": pl.Int32,
    }
    assert edges.rows() == [
        (2, f"{URI}b", 0, 1),
        (3, f"{URI}c", 0, 3),
        (3, f"{URI}a", 1, 1),
        (12, f"{URI}b", 0, 1),
        (12, f"{URI}a", 1, 1),
    ]


def test_playlists_keep_every_field_and_name_their_slice(two_slices):
    playlists = tables_of(*two_slices).playlists
    whole = ["pid", "modified_at", "num_tracks", "num_albums", "num_artists", "num_followers", "num_edits"]
    assert list(playlists.schema.items()) == [
        ("pid", pl.Int64),
        ("name", pl.String),
        ("description", pl.String),
        ("collaborative", pl.Boolean),
        *((name, pl.Int64) for name in (*whole[1:], "duration_ms")),
        ("slice", pl.String),
    ]
    early, late = "mpd.slice.0-9.json", "mpd.slice.10-12.json"
    assert playlists.rows() == [
        (2, "", None, False, 1_400_000_000, 1, 1, 1, 75, 2, 200_000, early),
        (3, "Møn 🌙 夜", "drïve & 🚗", False, 1_500_000_000, 4, 2, 2, 1, 2, 800_000, early),
        (10, "List 10", None, True, 1_500_000_000, 0, 0, 0, 1, 2, 0, late),
        (12, "List 12", None, False, 1_500_000_000, 2, 2, 2, 1, 2, 200_007, late),
    ]


def test_tracks_are_as_the_first_slice_describes_them(two_slices):
    def row(key: str, name: str, owner: str, duration_ms: int) -> tuple:
        artist, album = f"spotify:artist:{owner:0>22}", f"spotify:album:{owner:0>22}"
        return f"{URI}{key}", name, artist, f"Artist {owner}", album, f"Album {owner}", duration_ms

    late, early = two_slices
    others = [row("b", "Song b", "b", 200_000), row("c", "Song c", "c", 200_000)]
    assert tables_of(late, early).tracks.rows() == [row("a", "Song a, live", "x", 7), *others]
    tracks = tables_of(early, late).tracks
    assert tracks.rows() == [row("a", "Song a", "a", 200_000), *others]
    assert list(tracks.schema.items()) == [
        *((f"{of}_{what}", pl.String) for of in ("track", "artist", "album") for what in ("uri", "name")),
        ("duration_ms", pl.Int64),
    ]


def test_the_first_position_is_the_smallest_wherever_it_stands_in_the_file(tmp_path, write_slice):
    entries = [
        {"track_uri": f"{URI}{key}", "pos": pos} for key, pos in zip("abab", [9, 5, 2, 5], strict=True)
    ]
    edges = tables_of(write_slice(tmp_path / "s.json", [{"pid": 0, "tracks": entries}])).edges
    assert edges.rows() == [(0, f"{URI}a", 2, 2), (0, f"{URI}b", 5, 2)]


def test_escaped_text_and_unknown_fields_are_read(tmp_path, write_slice):
    path = write_slice(tmp_path / "s.json", [{"pid": 0, "tracks": [{"mood": [1]}], "genre": {"a": 1}}])
    contents = json.loads(path.read_text(encoding="utf-8")) | {"licence": None}
    contents["playlists"][0]["name"] = "🌙 é"
    path.write_text(json.dumps(contents, ensure_ascii=True), encoding="ascii")
    assert "\\ud83c" in path.read_text(encoding="ascii")
    part = read_slice(path)
    assert part.playlists["name"].to_list() == ["🌙 é"]
    assert len(part.entries) == 1


def test_the_largest_numbers_fit(tmp_path, write_slice):
    track = {"pos": 2**31 - 1, "duration_ms": -(2**63)}
    path = write_slice(tmp_path / "s.json", [{"pid": 2**63 - 1, "tracks": [track], "modified_at": -1}])
    part = read_slice(path)
    assert part.entries.select("pid", "pos", "duration_ms").row(0) == (2**63 - 1, 2**31 - 1, -(2**63))
    assert part.playlists["modified_at"].item() == -1


def test_a_slice_is_let_go_before_the_next_but_one_is_read(tmp_path, write_slice):
    paths = [write_slice(tmp_path / f"{pid}.json", [{"pid": pid, "tracks": ["a"]}]) for pid in range(4)]
    seen: list[weakref.ref[Slice]] = []
    alive = []

    def read():
        for path in paths:
            part = read_slice(path)
            alive.append(sum(ref() is not None for ref in seen))
            seen.append(weakref.ref(part))
            yield part

    assert tables(read(), "abcd").playlists["slice"].to_list() == ["a", "b", "c", "d"]
    assert max(alive) == 1


def test_slices_and_names_go_together(two_slices):
    with pytest.raises(ValueError, match="zip"):
        tables(map(read_slice, two_slices), ["one"])


playlist_lists = st.dictionaries(
    st.integers(0, 2**63 - 1),
    st.lists(st.tuples(st.sampled_from("abcXYZ09"), st.integers(0, 50))),
    min_size=1,
)


@given(pairs=playlist_lists, cut=st.integers(0, 10))
def test_edges_count_what_the_playlists_hold(pairs, cut, write_slice, tmp_path_factory):
    folder = tmp_path_factory.mktemp("slices", numbered=True)
    playlists = [
        {"pid": pid, "tracks": [{"track_uri": f"{URI}{key}", "pos": pos} for key, pos in tracks]}
        for pid, tracks in pairs.items()
    ]
    halves = [half for half in (playlists[:cut], playlists[cut:]) if half]
    whole = tables_of(*(write_slice(folder / f"{i}.json", half) for i, half in enumerate(halves)))

    count = Counter((pid, f"{URI}{key}") for pid, tracks in pairs.items() for key, _ in tracks)
    first: dict[tuple[int, str], int] = {}
    for pid, tracks in pairs.items():
        for key, pos in tracks:
            first[pid, f"{URI}{key}"] = min(pos, first.get((pid, f"{URI}{key}"), pos))
    rows = whole.edges.rows()
    assert rows == sorted(rows, key=lambda row: (row[0], row[2], row[1]))
    assert {row[:2]: row[3] for row in rows} == count
    assert {row[:2]: row[2] for row in rows} == first
    assert len(rows) == len(count)
    assert whole.playlists["pid"].to_list() == sorted(pairs)
    assert whole.tracks["track_uri"].to_list() == sorted({uri for _, uri in count})


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
        (("playlists", 0, "collaborative"), True, "$.playlists[0].collaborative", "true", "str"),
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
    assert error["next step"].startswith("fetch the file again")


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
        ("track_uri", "spotify:local:Nobody:Nothing", "spotify:track: and 22 of the characters 0-9A-Za-z"),
        ("artist_uri", "spotify:album:0000", "spotify:artist: and characters 0-9A-Za-z"),
        ("album_uri", "", "spotify:album: and characters 0-9A-Za-z"),
    ],
)
def test_the_first_uri_of_a_wrong_form_is_named(slice_path, playlist, field, value, expected):
    edit(slice_path, ("playlists", 2, "tracks", 1, field), value)
    edit(slice_path, ("playlists", playlist, "tracks", 0, field), value)
    error = parts(read_slice, slice_path)
    assert error["what"] == f"A slice has a {field} of a wrong form (2 in all)."
    assert error["where"] == f"{slice_path}: $.playlists[{playlist}].tracks[0].{field}"
    assert error["found"] == json.dumps(value, ensure_ascii=False)
    assert error["expected"] == expected


def test_files_that_cannot_be_read(tmp_path):
    error = parts(read_slice, tmp_path / "mpd.slice.0-9.json")
    assert error["what"] == "A slice cannot be read."
    assert error["where"] == str(tmp_path / "mpd.slice.0-9.json")
    assert error["found"] == "No such file or directory"
    assert parts(read_slice, tmp_path)["found"] == "Is a directory"
