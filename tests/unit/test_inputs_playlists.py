"""Playlists as people have them: the files of tests/inputs/playlists, and mixes of good and bad rows."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs.cases import load_cases

from segue.errors import SegueError
from segue.serve.forms import LeftOut, NamedTrack, ReadPlaylists
from segue.serve.ids import IdColumns
from segue.serve.read import read_playlists

URI = "spotify:track:{:022d}".format


def words(row):
    """A row as the descriptions write it: ``track:001`` for the uri that ends so."""
    return f"{row.artist} - {row.title}" if isinstance(row, NamedTrack) else short(row)


def short(uri):
    return uri.replace("spotify:track:" + 19 * "0", "track:")


def told(read: ReadPlaylists):
    """All that is said of what was read, as a terminal shows it, but for its headings."""
    return "\n".join([*read.notes, *map(str, read.skipped), *map(str, read.left_out)])


@pytest.mark.parametrize("case", load_cases("playlists"), ids=str)
def test_each_file(case):
    ids = IdColumns(**case.expected["ids"]) if "ids" in case.expected else None
    arguments = (case.path, case.expected.get("skip_bad", False), ids)
    if case.outcome == "refused":
        with pytest.raises(SegueError) as error:
            read_playlists(*arguments)
        assert str(error.value).replace(f"{case.path.parent}/", "") == case.message.rstrip("\n")
        return
    read = read_playlists(*arguments)
    assert case.outcome == ("listed" if read.left_out or read.skipped else "read")
    assert told(read) == case.message.rstrip("\n")
    kept = [[row for row in one.rows if not isinstance(row, LeftOut)] for one in read.listed]
    assert [[words(row) for row in rows] for rows in kept] == case.expected["playlists"]
    titles = case.expected.get("titles", [None] * len(kept))
    assert [one.title for one in read.listed] == titles
    assert [one.pid for one in read.listed] == case.expected.get("pids", [None] * len(kept))
    assert [short(uri) for one in read.playlists for uri in one.tracks] == [
        word for rows in case.expected["playlists"] for word in rows if " - " not in word or ids
    ]


# What a row is, as (artist, title, uri) that stand in it; good where it names a track.
NAMES = st.text(st.characters(categories=("L", "N"), include_characters=" ,;|'&#."), min_size=1, max_size=12)
NAMES = NAMES.map(str.strip).filter(lambda name: name.strip("#., ;|'&"))
URIS = st.integers(0, 999).map(URI)
GOOD = st.one_of(
    URIS.map(lambda uri: ("", "", uri)),
    st.tuples(NAMES, NAMES).map(lambda names: (*names, "")),
    st.tuples(NAMES, NAMES, URIS),
)
NO_URIS = st.sampled_from(
    [
        "spotify:local:Some+Body::A+Song:215",
        "spotify:episode:0000000000000000000009",
        "https://open.spotify.com/album/0000000000000000000008",
        "spotify:user:me:playlist:0000000000000000000007",
    ]
)
BAD = st.one_of(
    NO_URIS.map(lambda uri: ("", "", uri)),
    st.tuples(NAMES, NAMES, NO_URIS),
    NAMES.map(lambda name: (name, "", "")),
    NAMES.map(lambda name: ("", name, "")),
)
MIXES = st.lists(st.one_of(GOOD.map(lambda row: (True, row)), BAD.map(lambda row: (False, row))), max_size=9)
MIXES = MIXES.map(lambda rows: [(True, ("", "", URI(1))), *rows])  # of nothing but bad ones see above


def expected(rows):
    """The rows that are good, and the places, from 0, of the others."""
    good = [uri or f"{artist} - {title}" for is_good, (artist, title, uri) in rows if is_good]
    return good, [place for place, (is_good, _) in enumerate(rows) if not is_good]


def found(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("mix", numbered=True) / name
    path.write_text(content, encoding="utf-8", newline="")
    read = read_playlists(path)
    (listed,) = read.listed
    kept = [row for row in listed.rows if not isinstance(row, LeftOut)]
    good = [row if isinstance(row, str) else f"{row.artist} - {row.title}" for row in kept]
    return good, [one.place for one in read.left_out]


@given(MIXES)
def test_any_mix_of_rows_of_a_table(tmp_path_factory, rows):
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["Artist", "Title", "URI"])
    writer.writerows(row for _, row in rows)
    good, bad = expected(rows)
    assert found(tmp_path_factory, file.getvalue(), "mix.csv") == (good, [f"line {at + 2}" for at in bad])


@given(MIXES)
def test_any_mix_of_rows_of_a_list(tmp_path_factory, rows):
    lines = [uri or " - ".join(filter(None, (artist, title))) for _, (artist, title, uri) in rows]
    good, bad = expected(rows)
    assert found(tmp_path_factory, "\n".join(lines), "mix.txt") == (good, [f"line {at + 1}" for at in bad])


@given(MIXES)
def test_any_mix_of_rows_of_json(tmp_path_factory, rows):
    keys = ("artist", "title", "uri")
    tracks = [{key: text for key, text in zip(keys, row, strict=True) if text} for _, row in rows]
    good, bad = expected(rows)
    for content, path in ((tracks, "$"), ({"tracks": {"items": tracks}}, "$.tracks.items")):
        places = [f"{path}[{at}]" for at in bad]
        assert found(tmp_path_factory, json.dumps(content), "mix.json") == (good, places)
