"""Artists and albums as nodes."""

import logging

import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.graph.nodes import nodes_of, report

COLUMNS = ("artist_uri", "artist_name", "album_uri", "album_name")


def tracks(*rows):
    """Of the core; a row is "artist album", by their names, with - for none; uris are ar:name and al:name."""
    columns = {column: [] for column in COLUMNS}
    for row in rows:
        for kind, name in zip(("artist", "album"), row.split(), strict=True):
            columns[f"{kind}_uri"].append(None if name == "-" else f"{kind[:2]}:{name}")
            columns[f"{kind}_name"].append(None if name == "-" else name)
    table = pl.DataFrame(columns, dict.fromkeys(COLUMNS, pl.String))
    return table.select(pl.int_range(pl.len(), dtype=pl.Int32).alias("track"), pl.all())


EXAMPLE = tracks("b x", "a x", "a y", "b x", "c z", "- z", "a -")


def test_nodes_are_in_the_order_of_their_uris_and_have_enough_tracks():
    nodes = nodes_of(EXAMPLE, ["album", "artist"], 2)
    artists, albums = nodes.tables["artist"], nodes.tables["album"]
    assert artists.rows() == [(0, "ar:a", "a", 3), (1, "ar:b", "b", 2)]
    assert albums.rows() == [(0, "al:x", "x", 3), (1, "al:z", "z", 2)]
    assert artists.columns == ["artist", "artist_uri", "artist_name", "tracks"]
    assert artists.dtypes == [pl.Int32, pl.String, pl.String, pl.Int32]


def test_edges_are_those_of_tracks_whose_artist_or_album_is_a_node():
    edges = nodes_of(EXAMPLE, ["artist", "album"], 2).relations.edges
    assert list(edges) == [("track", "artist"), ("track", "album"), ("album", "artist")]
    assert edges["track", "artist"].tolist() == [[0, 1, 2, 3, 6], [1, 0, 0, 1, 0]]
    assert edges["track", "album"].tolist() == [[0, 1, 3, 4, 5], [0, 0, 0, 1, 1]]
    assert edges["album", "artist"].tolist() == [[0, 0], [0, 1]]  # of x alone: z's artist is no node
    assert all(pairs.dtype == torch.int64 for pairs in edges.values())


def test_of_one_kind_there_is_one_relation():
    nodes = nodes_of(EXAMPLE, ["album"], 1)
    assert list(nodes.tables) == ["album"]
    assert list(nodes.relations.edges) == [("track", "album")]
    assert nodes.tables["album"]["album_uri"].to_list() == ["al:x", "al:y", "al:z"]


def test_a_uri_with_several_names_has_that_of_most_tracks(caplog):
    table = tracks(*["a x"] * 5, *["b x"] * 3).with_columns(
        artist_name=pl.Series(["Old", "New", "New", "Older", None, "Zed", "Abe", None])
    )
    nodes = nodes_of(table, ["artist"], 1)
    assert nodes.tables["artist"]["artist_name"].to_list() == ["New", "Abe"]  # of equally many the first
    with caplog.at_level("INFO", "segue"):
        report(nodes, table, raw_ids=False)
    assert "artists of several names: 2" in caplog.text
    assert "'ar:a' 'New', not 'Old'" in caplog.text
    assert "artists: 2, with 8 of 8 tracks" in caplog.text


@pytest.mark.parametrize(("raw_ids", "level"), [(True, logging.WARNING), (False, logging.INFO)])
def test_albums_of_several_artists_are_counted(caplog, raw_ids, level):
    """As names they are a reason to look: the artists need not be nodes, nor asked for."""
    table = tracks("a hits", "b hits", "c hits", "d own", "d own")
    with caplog.at_level("INFO", "segue"):
        report(nodes_of(table, ["album"], 2), table, raw_ids)
    (line,) = [record for record in caplog.records if "several artists" in record.message]
    assert line.message.startswith("albums of several artists: 1, as 'hits' of 3")
    assert line.levelno == level
    assert ("next step" in line.message) == raw_ids


@pytest.mark.parametrize(
    ("rows", "kinds", "parts"),
    [
        (["a x", "b x"], ["artist"], ["No artist is", "2 artists of at most 1 tracks", "with 2 tracks"]),
        (["a x", "a y"], ["artist", "album"], ["No album is", "2 albums", "lower graph.min_degree"]),
        (["a -", "a -"], ["album"], ["no track of 2 has an album", "data.edges.columns.album"]),
        (["a u", "a v", "b x", "c x"], ["artist", "album"], ["No album of the graph has an artist"]),
    ],
)
def test_a_relation_without_edges_is_refused(rows, kinds, parts):
    with pytest.raises(SegueError) as error:
        nodes_of(tracks(*rows), kinds, 2)
    for part in (*parts, "where: graph.relations, graph.min_degree", "found", "expected", "next step"):
        assert part in str(error.value)


NAMES = st.sampled_from("abcde-")


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=30), st.integers(1, 3))
def test_edges_say_what_the_table_says(rows, least):
    table = tracks(*map(" ".join, rows))
    try:
        nodes = nodes_of(table, ["artist", "album"], least)
    except SegueError:
        return
    for (first, second), edges in nodes.relations.edges.items():
        names = [
            table["track"].to_list() if end == "track" else nodes.tables[end][f"{end}_name"].to_list()
            for end in (first, second)
        ]
        found = [tuple(name[at] for name, at in zip(names, pair, strict=True)) for pair in edges.T.tolist()]
        kept = {"track": {*table["track"]}} | {
            kind: {name for name in "abcde" if [row[place] for row in rows].count(name) >= least}
            for place, kind in enumerate(("artist", "album"))
        }
        ends = ({"track": index, "artist": row[0], "album": row[1]} for index, row in enumerate(rows))
        expected = {(end[first], end[second]) for end in ends}
        assert found == sorted(
            pair for pair in expected if pair[0] in kept[first] and pair[1] in kept[second]
        )
