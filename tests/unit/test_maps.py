import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.analysis.maps import (
    NEIGHBOURS,
    align_maps,
    choose_points,
    purity,
    shuffled_purity,
    trust,
    unit_rows,
)
from segue.errors import SegueError

LABELS = pl.Series(np.repeat(["folk", "rock", "jazz", "soul"], 30))


@pytest.fixture(scope="module")
def snapshots():
    """Four tastes of 30 playlists: all mixed in epoch 1, apart in epochs 2 and 3, which are nearly equal."""
    rng = np.random.default_rng(0)
    centres = np.repeat(unit_rows(rng.normal(size=(4, 16))), 30, axis=0)
    noise = rng.normal(size=(3, 120, 16))
    return {
        1: unit_rows(noise[0]).astype(np.float32),
        2: unit_rows(centres + 0.05 * noise[1]).astype(np.float32),
        3: unit_rows(centres + 0.05 * noise[1] + 0.001 * noise[2]).astype(np.float32),
    }


@pytest.fixture(scope="module")
def maps(snapshots):
    return align_maps(snapshots, neighbours=10, min_dist=0.1, seed=1)


def test_tastes_are_apart_where_the_embeddings_know_them(maps):
    assert list(maps) == [1, 2, 3]
    assert all(places.shape == (120, 3) for places in maps.values())
    assert purity(maps[1], LABELS) < 0.5
    assert purity(maps[2], LABELS) > 0.95
    assert purity(maps[3], LABELS) > 0.95
    assert 0.2 < shuffled_purity(maps[3], LABELS, seed=1) < 0.3  # 29 of 119 have the label


def test_trust_is_high_where_near_is_near(snapshots, maps):
    assert trust(snapshots[3], snapshots[3]) == 1
    assert trust(snapshots[3], maps[3]) > 0.9
    rng = np.random.default_rng(0)
    assert trust(snapshots[3], rng.normal(size=(120, 3))) == pytest.approx(0.5, abs=0.1)


def test_a_playlist_keeps_its_place_where_little_changes(maps):
    moved = np.linalg.norm(maps[3] - maps[2], axis=1)
    spread = np.linalg.norm(maps[3] - maps[3].mean(axis=0), axis=1)
    assert np.median(moved) < 0.5 * np.median(spread)


def test_equal_seeds_make_equal_maps(snapshots, maps):
    again = align_maps(snapshots, neighbours=10, min_dist=0.1, seed=1)
    assert all(np.array_equal(again[epoch], maps[epoch]) for epoch in maps)
    other = align_maps({3: snapshots[3]}, neighbours=10, min_dist=0.1, seed=2)
    assert not np.array_equal(other[3], maps[3])


def test_too_few_playlists_are_an_error():
    with pytest.raises(
        SegueError, match=r"too few playlists(.|\n)*10 neighbours, 10 playlists(.|\n)*at most 9"
    ):
        align_maps({1: np.eye(10, dtype=np.float32)}, neighbours=10, min_dist=0.1, seed=1)


def test_purity_counts_nearest_points():
    # On a line: two labels of 11 points each, far apart, so that 10 nearest are all others of the label.
    places = np.zeros((22, 3))
    places[:, 0] = [*range(11), *range(1000, 1011)]
    labels = pl.Series(["a"] * 11 + ["b"] * 11)
    assert NEIGHBOURS == 10
    assert purity(places, labels) == 1
    assert purity(places, pl.Series(["a", "b"] * 11)) == pytest.approx((6 * 5 + 5 * 4) / 110)


@given(st.integers(1, 50), st.one_of(st.none(), st.integers(1, 60)), st.integers(0, 5))
def test_points_are_drawn_without_repetition(count, at_most, seed):
    points = choose_points(count, at_most, seed)
    assert len(points) == min(count, at_most or count)
    assert (np.diff(points) > 0).all()
    assert points.min() >= 0
    assert points.max() < count
    assert np.array_equal(points, choose_points(count, at_most, seed))
