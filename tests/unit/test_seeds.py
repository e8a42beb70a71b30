from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.serve.tracks import USES, TrackIndex

TRACKS = pl.DataFrame(
    {
        "track_uri": ["a", "b", "c", "x", "y", "z"],
        "track": [0, 1, 2, None, None, None],
        "stand_in": [None, None, None, 1, 2, None],
        "stand_in_by": [None, None, None, "album", "artist", None],
    },
    schema_overrides={"track": pl.Int32, "stand_in": pl.Int32},
)


@pytest.fixture(scope="module")
def index():
    return TrackIndex(TRACKS)


def lists(pattern):
    """The tracks of each row."""
    starts = pattern.rowptr.tolist()
    return [pattern.cols.tolist()[first:last] for first, last in pairwise(starts)]


def test_known_tracks_and_what_stands_for_others(index):
    given = index.find([["c", "a"], ["x", "z", "nobody's"], [], ["y", "x", "b"]])
    assert lists(given.known) == [[0, 2], [], [], [1]]
    assert lists(given.attached) == [[0, 2], [1], [], [1, 2]]
    assert given.known.shape == given.attached.shape == (4, 3)
    assert given.uses.columns == list(USES)
    assert given.uses.rows() == [(2, 0, 0, 0), (0, 1, 0, 2), (0, 0, 0, 0), (1, 1, 1, 0)]


def test_a_track_that_repeats_counts_once(index):
    given = index.find([["a", "a", "x", "x"]])
    assert lists(given.attached) == [[0, 1]]
    assert given.uses.rows() == [(1, 1, 0, 0)]


@given(st.lists(st.lists(st.sampled_from("abcxyzq")), min_size=1))
def test_every_distinct_track_has_one_use_and_no_pair_is_there_twice(index, playlists):
    given = index.find(playlists)
    assert given.uses.sum_horizontal().to_list() == [len(set(playlist)) for playlist in playlists]
    for known, all_given, playlist in zip(lists(given.known), lists(given.attached), playlists, strict=True):
        assert known == sorted({"abc".index(uri) for uri in playlist if uri in "abc"})
        assert set(known) <= set(all_given)
        assert len(set(all_given)) == len(all_given)
