import itertools

import numpy as np
import polars as pl
import pytest

from segue.analysis.likeness import ARTISTS, artist_members, draw_artists, likeness
from segue.analysis.maps import unit_rows
from segue.errors import SegueError

PAIRS = pl.DataFrame(
    {"artist_uri": ["p", "p", "p", "q", "q", "r"], "playlist": [0, 1, 2, 2, 3, 0]},
    schema_overrides={"playlist": pl.Int32},
)


def slow_likeness(vectors, groups):
    pairs = [[vectors[i] @ vectors[j] for i, j in itertools.combinations(group, 2)] for group in groups]
    return np.mean([np.mean(cosines) for cosines in pairs])


def test_mean_cosines_are_those_of_all_pairs():
    vectors = unit_rows(np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32))
    measured = likeness(vectors, artist_members(PAIRS, ["p", "q"], 6), seed=1)
    assert measured["mean_cosine"] == pytest.approx(slow_likeness(vectors, [(0, 1, 2), (2, 3)]), abs=1e-6)
    assert measured["random_cosine"] == pytest.approx(slow_likeness(vectors, [range(6)]), abs=1e-6)


def test_equal_playlists_of_an_artist_stand_out_and_chance_does_not():
    rng = np.random.default_rng(0)
    centres = unit_rows(rng.normal(size=(10, 16)))
    taste = np.repeat(np.arange(10), 20)
    vectors = unit_rows(centres[taste] + 0.1 * rng.normal(size=(200, 16))).astype(np.float32)
    pairs = pl.DataFrame({"artist_uri": taste.astype(str), "playlist": range(200)})
    measured = likeness(vectors, artist_members(pairs, [str(i) for i in range(10)], 200), seed=1)
    assert measured["mean_cosine"] > 0.8
    assert measured["low"] < measured["random_cosine"] < measured["high"] < 0.2

    shuffled = pairs.with_columns(pl.Series("playlist", rng.permutation(200)))
    chance = likeness(vectors, artist_members(shuffled, [str(i) for i in range(10)], 200), seed=1)
    assert abs(chance["mean_cosine"] - chance["random_cosine"]) < 2 * (measured["high"] - measured["low"])


def test_the_interval_depends_on_the_seed_alone():
    vectors = unit_rows(np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32))
    members = artist_members(PAIRS, ["p", "q"], 6)
    assert likeness(vectors, members, 1) == likeness(vectors, members, 1)
    assert likeness(vectors, members, 1)["low"] != likeness(vectors, members, 2)["low"]


def test_artists_on_one_playlist_or_on_too_many_are_not_drawn():
    assert draw_artists(PAIRS, 30, seed=1) == ["p", "q"]
    assert draw_artists(PAIRS, 20, seed=1) == ["q"]
    many = pl.DataFrame(
        [(f"{a:04}", p) for a in range(ARTISTS + 9) for p in range(2)],
        schema=["artist_uri", "playlist"],
        orient="row",
    )
    drawn = draw_artists(many, 100, seed=1)
    assert len(set(drawn)) == ARTISTS
    assert drawn == sorted(drawn) == draw_artists(many, 100, seed=1) != draw_artists(many, 100, seed=2)


def test_no_artist_is_an_error():
    with pytest.raises(SegueError, match="no artist to measure likeness by"):
        likeness(np.eye(3, dtype=np.float32), artist_members(PAIRS, [], 3), seed=1)
