import hashlib

import numpy as np
import polars as pl
import pytest

from segue.graph.tables import core_digest
from segue.serve.tracks import known_tracks

CORE = pl.DataFrame(
    [
        (0, "uri:a", "A", "art:1", "One", "alb:1"),
        (1, "uri:b", "B", "art:1", "One", "alb:1"),
        (2, "uri:c", "C", "art:1", "One", "alb:2"),
        (3, "uri:d", "D", "art:2", "Two", "alb:3"),
    ],
    schema={
        "track": pl.Int32,
        **dict.fromkeys(
            ["track_uri", "track_name", "artist_uri", "artist_name", "album_uri"],
            pl.String,
        ),
    },
    orient="row",
)


@pytest.fixture
def batches(tmp_path):
    """Two batches; the second describes a track of the first otherwise."""
    rows = CORE.drop("track").rows()
    first = [rows[3], ("uri:x", "X", "art:1", "One", "alb:2"), rows[0], rows[1]]
    second = [
        ("uri:x", "X again", "art:9", "Nine", "alb:9"),
        ("uri:y", "Y", "art:1", "One", "alb:8"),
        ("uri:z", "Z", "art:3", "Three", "alb:7"),
        rows[2],
        ("uri:n", "N", None, None, None),
    ]
    paths = []
    for name, part in (("0", first), ("1", second)):
        paths.append(tmp_path / f"{name}.parquet")
        pl.DataFrame(part, schema=CORE.drop("track").schema, orient="row").write_parquet(paths[-1])
    return paths


def test_every_track_once_with_its_place_or_what_stands_for_it(batches):
    table = known_tracks(batches, CORE, np.array([5, 7, 6, 1]))
    assert table.columns == [
        *("track_uri", "track_name", "artist_uri", "artist_name"),
        *("track", "stand_in", "stand_in_by", "degree"),
    ]
    assert table.select("track_uri", "track_name", "track", "stand_in", "stand_in_by").rows() == [
        ("uri:a", "A", 0, None, None),
        ("uri:b", "B", 1, None, None),
        ("uri:c", "C", 2, None, None),
        ("uri:d", "D", 3, None, None),
        ("uri:n", "N", None, None, None),  # no artist is not an artist in common
        ("uri:x", "X", None, 2, "album"),  # its album's, though the artist has a more popular one
        ("uri:y", "Y", None, 1, "artist"),  # the artist's most popular
        ("uri:z", "Z", None, None, None),
    ]
    assert table["degree"].to_list() == [5, 7, 6, 1, None, None, None, None]
    assert table.schema["track"] == table.schema["stand_in"] == table.schema["degree"] == pl.Int32


def test_in_a_graph_with_artists_and_albums_each_track_has_its_nodes(batches):
    artists = pl.DataFrame({"artist": [0, 1], "artist_uri": ["art:1", "art:2"], "tracks": [3, 1]})
    albums = pl.DataFrame({"album": [0], "album_uri": ["alb:1"], "tracks": [2]})
    nodes = {"artist": artists.cast({"artist": pl.Int32}), "album": albums.cast({"album": pl.Int32})}
    table = known_tracks(batches, CORE, np.array([5, 7, 6, 1]), nodes)
    plain = known_tracks(batches, CORE, np.array([5, 7, 6, 1]))
    assert table.select(plain.columns).equals(plain)
    assert table.columns == [*plain.columns, "album_uri", "artist", "album"]
    assert {uri: nodes for uri, *nodes in table.select("track_uri", "artist", "album").rows()} == {
        "uri:a": [0, 0],
        "uri:b": [0, 0],
        "uri:c": [0, None],
        "uri:d": [1, None],
        "uri:n": [None, None],
        "uri:x": [0, None],
        "uri:y": [0, None],
        "uri:z": [None, None],
    }


def test_of_equally_popular_tracks_the_first_stands_in(batches):
    table = known_tracks(batches, CORE, np.array([4, 4, 4, 4]))
    assert dict(table.select("track_uri", "stand_in").rows())["uri:y"] == 0


def test_null_artists_in_the_core_stand_for_nobody(batches):
    bare = CORE.with_columns(artist_uri=pl.lit(None, pl.String), album_uri=pl.lit(None, pl.String))
    assert known_tracks(batches, bare, np.ones(4))["stand_in"].null_count() == 8


def test_the_digest_says_which_tracks_in_which_order():
    uris = CORE["track_uri"]
    assert core_digest(uris) == hashlib.sha256(b"uri:a\nuri:b\nuri:c\nuri:d").hexdigest()
    assert core_digest(uris.reverse()) != core_digest(uris)
