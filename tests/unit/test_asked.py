"""What Python code may ask, and what is said of the rest."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import segue
from segue.errors import SegueError
from segue.serve.asked import checked_count, checked_playlists
from segue.serve.forms import Playlist

URI = "spotify:track:{:022d}".format
LISTS = [[URI(1)], (URI(1),), iter([URI(1)]), pl.Series([URI(1)]), np.array([URI(1)])]


def asked(playlists, raw_ids=False):
    return checked_playlists(playlists, raw_ids, {"known", URI(1)}.__contains__)


@pytest.mark.parametrize("tracks", LISTS)
def test_any_list_of_uris_is_a_playlist(tracks):
    assert asked([tracks]) == [Playlist((URI(1),))]


def test_tracks_as_the_command_takes_them():
    bare = URI(7).removeprefix("spotify:track:")
    tracks = [URI(7), f"https://open.spotify.com/track/{bare}?si=1", f" {bare} ", "known", URI(7)]
    mine = Playlist(tracks, "gym", np.int64(3))
    assert asked(iter([mine])) == [Playlist((URI(7),) * 3 + ("known", URI(7)), "gym", 3)]
    ids = ("007", " x", "spotify:album:1")
    assert asked([ids], raw_ids=True) == [Playlist(ids)]
    assert asked([]) == []


REFUSED = [
    (Playlist((URI(1),)), "Playlists come in a list", "continue_playlists", "Playlist(tracks=", "[playlist]"),
    (URI(1), "Playlists come in a list", "continue_playlists", "the text 'spotify:", "[playlist]"),
    (None, "Playlists come in a list", "continue_playlists", "None, a NoneType", "[playlist]"),
    ({"a": 1}, "Playlists come in a list", "continue_playlists", "a dict", "[playlist]"),
    ([URI(1), URI(2)], "A playlist is a list", "playlist number 1", "the text 'spotify:", "[[uri, uri]]"),
    ([[URI(1)], 5], "tracks of a playlist come in a list", "playlist number 2", "5, an int", "tracks=[uri]"),
    ([Playlist(URI(1))], "tracks of a playlist come in a list", "number 1", "the text 'spot", "tracks=[uri]"),
    ([Playlist(None, "gym")], "tracks of a playlist come in a list", "number 1", "None", "tracks=[uri]"),
    ([pl.DataFrame({"track_uri": []})], "is no table", "number 1", "a DataFrame", '["track_uri"]'),
    ([["nonsense"]], "named by no uri", "number 1, track number 1", "the text 'nonsense'", "leave it out"),
    ([[URI(1), "spotify:episode:1"]], "named by no uri", "track number 2", "an episode", "leave it out"),
    ([[URI(1), 5]], "named by no uri", "track number 2", "5, an int", "leave it out"),
    ([[None]], "named by no uri", "track number 1", "None", "leave it out"),
    ([Playlist((), 90)], "The title of a playlist is no text", "number 1", "90, an int", "title='90'"),
    ([Playlist((), "x", "5")], "pid of a playlist is no number", "number 1", "the text '5'", "leave it out"),
    ([Playlist((), "x", True)], "pid of a playlist is no number", "number 1", "True, a bool", "leave it out"),
]  # fmt: skip


@pytest.mark.parametrize(("playlists", "what", "where", "found", "fix"), REFUSED)
def test_what_is_no_list_of_playlists(playlists, what, where, found, fix):
    with pytest.raises(SegueError) as error:
        asked(playlists)
    assert what in error.value.what
    assert error.value.where.endswith(where)
    assert found in error.value.found
    assert fix in error.value.fix


def test_ids_of_edge_lists_are_text():
    with pytest.raises(SegueError) as error:
        asked([["5", 5]], raw_ids=True)
    assert (error.value.found, error.value.fix) == ("5, an int", "give it as text: '5'")
    with pytest.raises(SegueError, match="the text ''"):
        asked([[""]], raw_ids=True)


def test_counts():
    assert [checked_count(n) for n in (1, 500, np.int32(7))] == [1, 500, 7]
    for n in (0, -1, "abc", "5", True, 2.5, 2.0, None, np.float32(3), [5]):
        with pytest.raises(SegueError) as error:
            checked_count(n)
        assert error.value.where == "continue_playlists, n"
        assert error.value.expected == "a whole number from 1 on"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(URI(1)) | st.floats(),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.text(max_size=2), below, max_size=2)
        | st.builds(Playlist, below, below, below)
    ),
)


@given(ANYTHING, st.booleans())
def test_whatever_is_asked_is_playlists_or_an_error_with_a_next_step(playlists, raw_ids):
    found, said = [], None
    try:
        found = asked(playlists, raw_ids)
    except SegueError as error:
        said = error
    assert said is None or all((said.where, said.found, said.expected, said.fix))
    assert all(type(track) is str for one in found for track in one.tracks)
    assert all(isinstance(one.title, str | None) for one in found)


def test_a_model_that_is_none():
    with pytest.raises(SegueError, match=r"(?s)'results', a str.*segue\.load"):
        segue.continue_playlists("results", [[URI(1)]])
