"""The joint neighbours against their formula, worked out by hand and with dense matrices."""

import math

import numpy as np
import pytest
from catalogue_cases import make_catalogue, uris
from hypothesis import given
from hypothesis import strategies as st

from segue.channels.joint import Joint
from segue.channels.neighbours import by_tracks, nearest, ranges

PLAYLISTS = [("Rock", "abc"), ("rock", "ab"), ("Indie", "acd"), ("Pop", "e"), ("Pop", "ef")]
SETTINGS = {"shrinkage": 20.0, "title": 0.2, "neighbours": 1000, "power": 2.0, "position": 0.0}


@pytest.fixture
def catalogue(tmp_path):
    return make_catalogue(tmp_path, PLAYLISTS)


def scores(catalogue, tracks, title, **settings):
    joint = Joint(catalogue, **SETTINGS | settings)
    row = joint.scores(catalogue.queries([uris(tracks)], [title]))[0].tolist()
    return {name: value for name, value in zip(catalogue.tracks["track_name"], row, strict=True) if value}


def test_tracks_alone(catalogue):
    # d is on the third playlist only, which is therefore the largest, 1.
    assert scores(catalogue, "d", None) == {"a": 1, "c": 1, "d": 1}


def test_a_title_alone(catalogue):
    assert scores(catalogue, "", "POP") == pytest.approx({"e": 2 * 0.2**2, "f": 0.2**2})
    assert scores(catalogue, "", "nobody says this") == {}


def test_both_by_hand(catalogue):
    b = 1 / math.sqrt(2 + 20)
    first, second = b / math.sqrt(3), b / math.sqrt(2)
    y = {"first": first / second + 0.2, "second": 1 + 0.2}
    expected = {"a": y["first"] ** 2 + y["second"] ** 2, "c": y["first"] ** 2}
    assert scores(catalogue, "b", "rock") == pytest.approx(expected | {"b": expected["a"]})


def test_the_last_tracks_count_more_by_position(catalogue):
    by_first = by_tracks(catalogue, catalogue.rows(uris("ea")), 0.0, position=1.0)
    # e, one place before the last, counts half: 0.5 / sqrt(2) alone on a playlist of one track.
    raw = [1 / math.sqrt(3) / math.sqrt(3), 1 / math.sqrt(3 * 2), 1 / 3, 0.5 / math.sqrt(2), 0.5 / 2]
    np.testing.assert_allclose(by_first, np.array(raw) / max(raw))


def test_neighbours_at_the_cut_that_are_alike_all_count():
    similarity = np.array([0.1, 0.5, 0.2, 0.2, 0.0])
    assert nearest(similarity, 2).tolist() == [1, 2, 3]
    assert nearest(similarity, 1).tolist() == [1]
    assert nearest(similarity, 9).tolist() == [0, 1, 2, 3]


def test_ranges():
    assert ranges(np.array([3, 0, 7]), np.array([5, 0, 8])).tolist() == [3, 4, 7]


LISTS = st.lists(st.sets(st.sampled_from("abcdefgh"), min_size=1), min_size=1, max_size=8)


@given(LISTS, st.sets(st.sampled_from("abcdefgh")), st.sampled_from(["x y", "y", None]), st.integers(1, 4))
def test_against_dense_matrices(tmp_path_factory, lists, tracks, title, min_degree):
    titles = ["x", "y", "x y", None]
    playlists = [(titles[row % 4], "".join(sorted(one))) for row, one in enumerate(lists)]
    catalogue = make_catalogue(tmp_path_factory.mktemp("catalogue"), playlists, min_degree)
    letters = catalogue.tracks["track_name"].to_list()
    dense = np.array([[letter in one for letter in letters] for _, one in playlists], float)
    given_tracks = [letter for letter in sorted(tracks) if letter in letters]
    weight = np.array([letter in given_tracks for letter in letters]) / np.sqrt(dense.sum(0) + 20)
    y = dense @ weight / np.sqrt(dense.sum(1))
    y = y / y.max() if y.any() else y
    cosine = np.zeros(len(playlists))
    if title:
        found, values = catalogue.titles.cosines(title)
        cosine[found] = values
    expected = ((y + 0.2 * cosine) ** 2 @ dense)[: catalogue.num_candidates]
    row = Joint(catalogue, **SETTINGS).scores(catalogue.queries([uris(given_tracks)], [title]))[0]
    np.testing.assert_allclose(row, expected, rtol=1e-6)


def test_a_row_does_not_depend_on_the_others(catalogue):
    joint = Joint(catalogue, **SETTINGS)
    lists, titles = [uris("ab"), [], uris("e")], ["Pop", "rock", None]
    together = joint.scores(catalogue.queries(lists, titles))
    for row, (tracks, title) in enumerate(zip(lists, titles, strict=True)):
        assert (joint.scores(catalogue.queries([tracks], [title]))[0] == together[row]).all()
