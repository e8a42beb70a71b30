import numpy as np
import polars as pl
import pytest

from segue.data.edge_checks import SPLIT
from segue.data.edge_tables import tables
from segue.data.ingest import EDGE_SCHEMA, Batch, edge_columns
from segue.data.mpd import PLAYLIST_SCHEMA, TRACK_SCHEMA
from segue.errors import SegueError


def part(*edges, position=None, split=None):
    """A list as ``read_edges`` returns it; an edge is written "playlist track"."""
    playlists, tracks = zip(*map(str.split, edges), strict=True)
    columns = [
        pl.int_range(1, len(edges) + 1, dtype=pl.UInt32, eager=True).alias("row"),
        pl.Series("playlist", playlists),
        pl.Series("track", tracks),
    ]
    if position:
        columns.append(pl.Series("position", position, dtype=pl.Int32))
    if split:
        columns.append(pl.Series("split", split, dtype=SPLIT))
    return pl.DataFrame(columns)


def test_the_form_is_that_of_slices():
    """Two readers, one kind of table, and entries that repeat become the same edges."""
    rng = np.random.default_rng(3)
    playlist = np.arange(400, dtype=np.int32) // 20
    track = np.concatenate([[0], rng.integers(0, 12, 399)]).astype(np.int32)
    made = tables([part(*(f"p{p} t{t}" for p, t in zip(playlist, track, strict=True)))], ["a.csv"])
    slices = Batch(quarantine=False).tables()
    for name in made._fields:
        assert getattr(made, name).schema == getattr(slices, name).schema
    numbers = [int(name[1:]) for name in made.tracks["track_uri"]]
    codes = np.argsort(numbers).astype(np.int32)[track]
    columns = edge_columns(playlist, codes, np.tile(np.arange(20, dtype=np.int32), 20))
    assert made.edges.equals(pl.DataFrame(dict(zip(EDGE_SCHEMA, columns, strict=True))))
    assert made.edges["count"].max() > 1


def test_local_ids_are_in_order_of_first_appearance():
    made = tables([part("z b", "a b"), part("m a", "z a", "a c")], ["one.csv", "two.csv"])
    assert made.playlists.select("pid", "name", "slice").rows() == [
        (0, "z", "one.csv"),
        (1, "a", "one.csv"),
        (2, "m", "two.csv"),
    ]
    assert made.tracks.select("track_uri", "track_name").rows() == [("b", "b"), ("a", "a"), ("c", "c")]
    # Without positions, the order of the rows of each playlist, over both lists.
    assert made.edges.columns == ["playlist", "track", "position", "count"]
    assert made.edges.rows() == [(0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 0, 1), (1, 2, 1, 1), (2, 1, 0, 1)]
    assert set(made.edges.dtypes) == {pl.Int32}


def test_a_repeated_pair_is_counted_and_keeps_its_first_place():
    made = tables([part("p a", "p b", "p a", "p c", "p a")], ["f"])
    assert made.edges.rows() == [(0, 0, 0, 3), (0, 1, 1, 1), (0, 2, 3, 1)]
    assert made.playlists["num_tracks"].to_list() == [5]


def test_given_positions():
    made = tables([part("p a", "p b", "p a", "q a", position=[9, 4, 2, 9])], ["f"])
    assert made.edges.rows() == [(0, 0, 2, 2), (0, 1, 4, 1), (1, 0, 9, 1)]


def test_equal_positions_are_ordered_by_track():
    made = tables([part("p b", "q a", "p a", "p c", position=[5, 0, 5, 1])], ["f"])
    assert made.edges.rows() == [(0, 2, 1, 1), (0, 0, 5, 1), (0, 1, 5, 1), (1, 1, 0, 1)]


def test_the_other_columns_are_those_of_slices():
    made = tables([part("p a")], ["f"])
    assert made.playlists.schema == PLAYLIST_SCHEMA | {"collaborative": pl.Boolean, "slice": pl.String}
    assert made.tracks.schema == TRACK_SCHEMA
    known = {"pid": 0, "name": "p", "num_tracks": 1, "slice": "f"}
    assert made.playlists.row(0, named=True) == dict.fromkeys(made.playlists.columns) | known
    assert made.tracks.row(0) == ("a", "a", None, None, None, None, None)


def test_the_assignment():
    one = part("p a", "p b", "q a", "p a", split=["train", "test", "train", "train"])
    two = part("q b", split=["validation"])
    made = tables([one, two], ["f", "g"])
    assert made.edges.schema["split"] == SPLIT
    assert made.edges.select("playlist", "track", "count", "split").rows() == [
        (0, 0, 2, "train"),
        (0, 1, 1, "test"),
        (1, 0, 1, "train"),
        (1, 1, 1, "validation"),
    ]


def test_a_pair_in_two_splits():
    one = part("p a", "q a", "q b", "q b", split=["train", "train", "train", "train"])
    two = part("p c", "q b", "p a", split=["test", "test", "validation"])
    with pytest.raises(SegueError) as error:
        tables([one, two], ["train.csv", "test.csv"])
    assert "more than one split (2 pairs in all)" in str(error.value)
    assert "where: train.csv: row 1 and test.csv: row 3" in str(error.value)
    assert "found: playlist 'p', track 'a' in train and validation" in str(error.value)


@pytest.mark.parametrize(
    ("given", "missing"), [("test", "train"), ("train", "test"), ("validation", "train")]
)
def test_an_assignment_without_train_or_test(given, missing):
    with pytest.raises(SegueError, match=rf"has no {missing} edge[\s\S]*{given} 2 rows"):
        tables([part("p a", "q a", split=[given] * 2)], ["f"])


def test_a_track_has_the_artist_and_album_of_any_of_its_rows():
    first = part("p b", "p a").with_columns(artist=pl.Series([None, "A"], dtype=pl.String))
    second = part("q b", "q c").with_columns(artist=pl.Series(["B", None]))
    tracks = tables([first, second], ["one.csv", "two.csv"]).tracks
    named = tracks.select("track_uri", "artist_uri", "artist_name", "album_uri", "album_name")
    assert named.rows() == [("b", *"BB", None, None), ("a", *"AA", None, None), ("c", *[None] * 4)]
    assert tracks.schema == TRACK_SCHEMA
