import gc
import json
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.data import ingest
from segue.data.entries import Parts
from segue.data.ingest import Batch, Tables, edge_columns
from segue.data.quarantine import SCHEMA
from segue.errors import SegueError
from segue.sample.catalogue import SampleSettings, make_catalogue
from segue.sample.slices import make_slice

URI = "spotify:track:000000000000000000000"  # and the key of a track: one letter


def tables_of(*paths: Path, quarantine: bool = False) -> Tables:
    batch = Batch(quarantine)
    for path in paths:
        batch.add(path.read_bytes(), path.name, str(path))
    return batch.tables()


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
    assert edges.schema == dict.fromkeys(("playlist", "track", "position", "count"), pl.Int32)
    # Playlists 12, 10, 3, 2 are 0 to 3; tracks b, a, c are 0 to 2.
    assert edges.rows() == [(0, 0, 0, 1), (0, 1, 1, 1), (2, 2, 0, 3), (2, 1, 1, 1), (3, 0, 0, 1)]


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
        (12, "List 12", None, False, 1_500_000_000, 2, 2, 2, 1, 2, 200_007, late),
        (10, "List 10", None, True, 1_500_000_000, 0, 0, 0, 1, 2, 0, late),
        (3, "Møn 🌙 夜", "drïve & 🚗", False, 1_500_000_000, 4, 2, 2, 1, 2, 800_000, early),
        (2, "", None, False, 1_400_000_000, 1, 1, 1, 75, 2, 200_000, early),
    ]


def test_tracks_are_as_the_first_slice_describes_them(two_slices):
    def row(key: str, name: str, owner: str, duration_ms: int) -> tuple:
        artist, album = f"spotify:artist:{owner:0>22}", f"spotify:album:{owner:0>22}"
        return f"{URI}{key}", name, artist, f"Artist {owner}", album, f"Album {owner}", duration_ms

    late, early = two_slices
    b, c = row("b", "Song b", "b", 200_000), row("c", "Song c", "c", 200_000)
    assert tables_of(late, early).tracks.rows() == [b, row("a", "Song a, live", "x", 7), c]
    tracks = tables_of(early, late).tracks
    assert tracks.rows() == [c, row("a", "Song a", "a", 200_000), b]
    assert list(tracks.schema.items()) == [
        *((f"{of}_{what}", pl.String) for of in ("track", "artist", "album") for what in ("uri", "name")),
        ("duration_ms", pl.Int64),
    ]


def test_the_first_position_is_the_smallest_wherever_it_stands_in_the_file(tmp_path, write_slice):
    entries = [
        {"track_uri": f"{URI}{key}", "pos": pos} for key, pos in zip("abab", [9, 5, 2, 5], strict=True)
    ]
    edges = tables_of(write_slice(tmp_path / "s.json", [{"pid": 0, "tracks": entries}])).edges
    assert edges.rows() == [(0, 0, 2, 2), (0, 1, 5, 2)]


def test_entries_become_edges():
    columns = ([0, 0, 0, 1, 1, 1], [5, 2, 5, 9, 0, 2], [1, 0, 7, 4, 4, 2**31 - 1])
    edges = edge_columns(*(np.array(column, np.int32) for column in columns))
    assert [column.tolist() for column in edges] == [
        [0, 0, 1, 1, 1],
        [2, 5, 0, 9, 2],
        [0, 1, 4, 4, 2**31 - 1],
        [1, 2, 1, 1, 1],
    ]
    assert {column.dtype for column in edges} == {np.dtype("int32")}
    assert [column.tolist() for column in edge_columns(*(np.array([], np.int32),) * 3)] == [[], [], [], []]


def test_records_of_a_slice_are_let_go(tmp_path, write_slice, monkeypatch):
    """Entries cannot be counted (they are no part of the garbage collection), playlists can."""
    monkeypatch.setattr(ingest, "take_apart", lambda text: None)
    batch = Batch(quarantine=False)
    for pid in range(3):
        path = write_slice(tmp_path / f"{pid}.json", [{"pid": pid, "tracks": ["a"], "name": "Let go"}])
        batch.add(path.read_bytes(), path.name, str(path))
        playlists = [one for one in gc.get_objects() if type(one) is ingest.SlicePlaylist]
        assert "Let go" not in [playlist.name for playlist in playlists]


def test_a_batch_of_nothing_has_its_schema():
    empty = Batch(quarantine=True).tables()
    assert [table.height for table in empty] == [0, 0, 0, 0]
    assert empty.edges.schema == dict.fromkeys(("playlist", "track", "position", "count"), pl.Int32)
    assert empty.playlists.schema["collaborative"] == pl.Boolean
    assert dict(empty.quarantine.schema) == SCHEMA


def test_a_bad_slice_leaves_no_trace_in_the_batch(two_slices, tmp_path, write_slice):
    late, early = two_slices
    bad = write_slice(
        tmp_path / "mpd.slice.20-29.json", [{"pid": 20, "tracks": "xyz"}, {"pid": 21, "tracks": "z"}]
    )
    whole = json.loads(bad.read_text())
    for indent in (None, 4):
        bad.write_text(json.dumps(whole, indent=indent)[:-9])
        batch = Batch(quarantine=True)
        batch.add(late.read_bytes(), late.name, str(late))
        with pytest.raises(SegueError, match="cut off"):
            batch.add(bad.read_bytes(), bad.name, str(bad))
        batch.add(early.read_bytes(), early.name, str(early))
        for table, expected in zip(batch.tables(), tables_of(late, early), strict=True):
            assert table.equals(expected)


def test_bad_playlists_are_put_aside_and_the_others_kept(tmp_path, write_slice):
    playlists = [
        {"pid": 0, "tracks": ["a", "b"]},
        {"pid": 1, "tracks": ["c", {"track_uri": "spotify:track:x"}]},
        {"pid": 2, "tracks": ["b"], "collaborative": "no"},
        {"pid": 3, "tracks": ["d"], "num_edits": -1},
        {"pid": 0, "tracks": ["e"]},
        {"pid": 3, "tracks": ["b", "f"]},
        {"pid": -4, "tracks": []},
    ]
    path = write_slice(tmp_path / "mpd.slice.0-9.json", playlists)
    tables = tables_of(path, quarantine=True)
    assert tables.playlists["pid"].to_list() == [0, 3]
    assert tables.tracks["track_name"].to_list() == ["Song a", "Song b", "Song f"]
    assert tables.edges.rows() == [(0, 0, 0, 1), (0, 1, 1, 1), (1, 1, 0, 1), (1, 2, 1, 1)]
    # The pids 0 and 3 have an accepted playlist in this slice, so their rows do not name it.
    columns = ("slice", "pid", "playlists", "where", "found")
    assert tables.quarantine.select(columns).rows() == [
        (path.name, 1, 1, f"{path}: $.playlists[1].tracks[1].track_uri", '"spotify:track:x"'),
        (path.name, 2, 1, f"{path}: $.playlists[2].collaborative", '"no"'),
        (path.name, None, 1, f"{path}: $.playlists[3].num_edits", "-1"),
        (path.name, None, 1, f"{path}: $.playlists[4].pid", "0, which is also $.playlists[0].pid"),
        (path.name, None, 1, f"{path}: $.playlists[6].pid", "-4"),
    ]


def test_an_entry_that_is_no_track_is_put_aside_alone(tmp_path, write_slice):
    local, episode = {"track_uri": "spotify:local:x"}, {"track_uri": "spotify:episode:0"}
    playlists = [
        {"pid": 0, "tracks": ["a", local, "b"]},
        {"pid": 1, "tracks": [episode, "b", "a", local], "collaborative": True},
        {"pid": 0, "tracks": [local, "c"]},  # the playlist as a whole is bad
    ]
    path = write_slice(tmp_path / "mpd.slice.0-9.json", playlists)
    tables = tables_of(path, quarantine=True)
    assert tables.edges.rows() == [(0, 0, 0, 1), (0, 1, 2, 1), (1, 1, 1, 1), (1, 0, 2, 1)]
    assert tables.playlists.select("pid", "num_tracks", "collaborative").rows() == [
        (0, 3, False),
        (1, 4, True),
    ]
    assert tables.tracks["track_name"].to_list() == ["Song a", "Song b"]
    assert tables.quarantine.select("pid", "playlists", "entries", "where").rows() == [
        (None, 0, 1, f"{path}: $.playlists[0].tracks[1].track_uri"),
        (None, 0, 1, f"{path}: $.playlists[1].tracks[0].track_uri"),
        (None, 0, 1, f"{path}: $.playlists[1].tracks[3].track_uri"),
        (None, 1, 0, f"{path}: $.playlists[2].pid"),
    ]
    with pytest.raises(SegueError, match="no track of Spotify's"):
        tables_of(path)


def test_a_playlist_number_in_two_slices_of_a_batch(tmp_path, write_slice):
    paths = [
        write_slice(tmp_path / f"mpd.slice.{i}-{i}.json", [{"pid": 7, "tracks": [str(i)]}]) for i in range(2)
    ]
    with pytest.raises(SegueError, match="Two slices have the same playlist number") as caught:
        tables_of(*paths)
    assert (caught.value.where, caught.value.found) == (
        f"{paths[1]}: $.playlists[0].pid",
        f"7, which is also {paths[0]}: $.playlists[0].pid",
    )
    tables = tables_of(*paths, quarantine=True)
    assert tables.quarantine.select("slice", "pid").rows() == [(paths[1].name, 7)]
    assert tables.tracks["track_name"].to_list() == ["Song 0"]


playlist_lists = st.dictionaries(
    st.integers(0, 2**63 - 1),
    st.lists(st.tuples(st.sampled_from("abcXYZ09"), st.integers(0, 50))),
    min_size=1,
)


@given(pairs=playlist_lists, cut=st.integers(0, 10), indent=st.sampled_from([None, 4]))
def test_edges_count_what_the_playlists_hold(pairs, cut, indent, write_slice, tmp_path_factory):
    folder = tmp_path_factory.mktemp("slices", numbered=True)
    playlists = [
        {"pid": pid, "tracks": [{"track_uri": f"{URI}{key}", "pos": pos} for key, pos in tracks]}
        for pid, tracks in pairs.items()
    ]
    halves = [half for half in (playlists[:cut], playlists[cut:]) if half]
    paths = [write_slice(folder / f"{i}.json", half) for i, half in enumerate(halves)]
    for path in paths:
        path.write_text(json.dumps(json.loads(path.read_text()), indent=indent))
    whole = tables_of(*paths)

    count = Counter((pid, f"{URI}{key}") for pid, tracks in pairs.items() for key, _ in tracks)
    first: dict[tuple[int, str], int] = {}
    for pid, tracks in pairs.items():
        for key, pos in tracks:
            first[pid, f"{URI}{key}"] = min(pos, first.get((pid, f"{URI}{key}"), pos))
    rows = whole.edges.rows()
    assert rows == sorted(rows, key=lambda row: (row[0], row[2], row[1]))
    pids, uris = whole.playlists["pid"].to_list(), whole.tracks["track_uri"].to_list()
    named = [(pids[playlist], uris[track], *rest) for playlist, track, *rest in rows]
    assert {row[:2]: row[3] for row in named} == count
    assert {row[:2]: row[2] for row in named} == first
    assert len(rows) == len(count)
    assert pids == list(pairs)
    assert uris == list(dict.fromkeys(f"{URI}{key}" for tracks in pairs.values() for key, _ in tracks))


def test_the_quick_way_and_the_parser_s_give_the_same_tables(monkeypatch):
    """Three slices of the sample, whose entries mostly repeat; and the quick way is taken."""
    settings = SampleSettings(seed=3, playlists_per_slice=40, mean_tracks=20.0, tracks=300, genres=3)
    catalogue = make_catalogue(settings)
    texts = [
        msgspec.json.format(msgspec.json.encode(make_slice(catalogue, settings, index)), indent=4)
        for index in range(3)
    ]

    def tables():
        batch = Batch(quarantine=False)
        for index, text in enumerate(texts):
            batch.add(text, f"{index}.json", f"{index}.json")
        return batch.tables()

    monkeypatch.setattr(Batch, "_read_as_a_whole", None)
    quick = tables()
    monkeypatch.undo()
    monkeypatch.setattr(ingest, "take_apart", lambda text: None)
    for table, other in zip(quick, tables(), strict=True):
        assert table.equals(other)
    assert quick.edges.height > 2000


def test_texts_with_one_hash_in_common_are_not_taken_for_the_same(tmp_path, write_slice, monkeypatch):
    lists = [{"pid": 1, "tracks": ["a", "b"]}]
    text = indented(write_slice(tmp_path / "x.json", lists))
    constant = np.zeros(2, np.uint64)
    monkeypatch.setattr(Parts, "hashes", lambda parts, text: (constant, np.arange(2, dtype=np.uint64)))
    batch = Batch(quarantine=False)
    batch.add(text, "x.json", "x.json")
    assert batch.tables().tracks["track_name"].to_list() == ["Song a", "Song b"]


def test_an_entry_with_two_positions_has_the_second(tmp_path, write_slice):
    text = indented(write_slice(tmp_path / "x.json", [{"pid": 1, "tracks": ["a", "b"]}]))
    batch = Batch(quarantine=False)
    batch.add(text.replace(b'"pos": 1,', b'"pos": 1, "pos": 9,'), "x.json", "x.json")
    assert batch.tables().edges["position"].to_list() == [0, 9]


@pytest.mark.parametrize("column", ["artist_uri", "track_uri"])
def test_a_uri_of_another_kind_is_none_even_where_it_is_known(tmp_path, write_slice, column):
    tracks = ["a", {"track_uri": f"{URI}b", column: f"spotify:album:{'a':0>22}"}]
    text = indented(write_slice(tmp_path / "x.json", [{"pid": 1, "tracks": tracks}]))
    with pytest.raises(SegueError, match=rf"tracks\[1\]\.{column}"):
        Batch(quarantine=False).add(text, "x.json", "x.json")


def indented(path):
    return msgspec.json.format(path.read_bytes(), indent=4)
