"""Tracks found by what people type."""

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import segue
from segue.catalogue.titles import TitleIndex
from segue.graph.tables import core_digest
from segue.scorers.baselines import EASE
from segue.serve.from_core import FromCore
from segue.serve.search import TrackSearch

# By name, artist, whether in the graph, and playlists.
NAMED = [
    ("Velvet Morning", "The Brackles", 0, 40),
    ("Velvet Evening", "The Brackles", 1, 90),
    ("Brackles", "Ølvar Sønn", 2, 3),
    ("Don't Wait (feat. Mirrel)", "Tivra & Jonsk", 3, 8),
    ("Déjà Lumière", "Éloïse Quenpel", 4, 15),
    ("Velvet Morning", "Nobody Else", None, None),
    ("Morning", "Falgri", 5, 20),
    ("🔥", "Falgri", 6, 2),
]
TRACKS = pl.DataFrame(
    [(f"spotify:track:{number:022d}", *row) for number, row in enumerate(NAMED)],
    schema={
        "track_uri": pl.String,
        "track_name": pl.String,
        "artist_name": pl.String,
        "track": pl.Int32,
        "degree": pl.Int32,
    },
    orient="row",
)
SEARCH = TrackSearch(TRACKS)
KNOWN = pl.DataFrame(
    {
        "track_uri": ["uri:a", "uri:b"],
        "track_name": ["Tune A", "Tune B"],
        "artist_name": "One",
        "track": [0, 1],
        "stand_in": None,
        "stand_in_by": None,
    },
    schema_overrides={"track": pl.Int32, "stand_in": pl.Int32, "stand_in_by": pl.String},
)
FACTS = {"catalogue": core_digest(KNOWN["track_uri"]), "model": "ease"}


def found(text, n=20, search=SEARCH):
    return [NAMED[int(uri[-3:])][:2] for uri in search.find(text, n)["track_uri"]]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("bracles velvet mornin", 0),
        ("velvet morning the brackles", 0),
        ("THE BRACKLES VELVET MORNING", 0),
        ("morning nobody", 5),
        ("olvar sonn", 2),
        ("olver son brakles", 2),
        ("dont wait", 3),
        ("wiat", 3),
        ("don’t wait jonsk", 3),
        ("deja lumi", 4),
        ("eloise kwenpel", 4),
        ("🔥", 7),
        (TRACKS["track_uri"][5], 5),
        (f"https://open.spotify.com/track/{6:022d}?si=1", 6),
    ],
)
def test_the_first_is_what_was_meant(typed, place):
    assert found(typed)[0] == NAMED[place][:2]


def test_of_equal_answers_whole_names_come_first_then_those_of_more_playlists():
    assert found("brackles", 3) == [NAMED[place][:2] for place in (2, 1, 0)]
    assert found("velvet", 3) == [NAMED[place][:2] for place in (1, 0, 5)]
    assert found("morning", 3) == [NAMED[place][:2] for place in (6, 0, 5)]
    without = TrackSearch(TRACKS.drop("degree"))
    assert found("velvet", 3, without) == [NAMED[place][:2] for place in (0, 1, 5)]


def test_columns_and_how_many():
    table = SEARCH.find("velvet morning", 2)
    assert table.schema == {
        "track_uri": pl.String,
        "track_name": pl.String,
        "artist_name": pl.String,
        "in_graph": pl.Boolean,
    }
    assert table["in_graph"].to_list() == [True, False]
    for nothing in ("", "  ", "xqzzt", "spotify:track:" + "9" * 22):
        assert SEARCH.find(nothing).rows() == []
        assert SEARCH.find(nothing).schema == table.schema


@settings(max_examples=30)
@given(st.text(max_size=80), st.integers(1, 9))
def test_whatever_is_typed_there_is_an_answer(text, n):
    table = SEARCH.find(text, n)
    assert table.height <= n
    assert table["track_uri"].is_unique().all()


@settings(max_examples=60)
@given(st.integers(0, 6), st.data())
def test_names_in_any_order_cut_short_find_their_track(place, data):
    typed = data.draw(st.permutations(" ".join(NAMED[place][:2]).split()))
    end = data.draw(st.integers(1, len(typed[-1])))
    assert NAMED[place][:2] in found(" ".join([*typed[:-1], typed[-1][:end]]), 3)


def test_what_is_no_question():
    model = FromCore(EASE(torch.eye(2), FACTS), KNOWN, TitleIndex.of([None]), lambda: None)
    assert segue.find_tracks(model, "tune b")["track_uri"].to_list() == ["uri:b", "uri:a"]
    assert segue.find_tracks(model, "tune", n=1)["track_uri"].to_list() == ["uri:a"]
    for text in (None, 5, ["tune"]):
        with pytest.raises(segue.SegueError, match="Tracks are found by a text"):
            segue.find_tracks(model, text)
    for n in (0, -1, "a", 1.5):
        with pytest.raises(segue.SegueError, match="number of tracks is none"):
            segue.find_tracks(model, "tune", n=n)
    with pytest.raises(segue.SegueError, match="no model to find tracks of"):
        segue.find_tracks("results", "tune")


def test_an_index_without_any_track():
    assert TrackSearch(TRACKS.clear()).find("velvet").rows() == []
