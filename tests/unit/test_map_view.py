"""From where maps are seen, and what their playlists are grouped by."""

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segue.analysis.groups import LOOKS, alike, by_artist, by_genre, genres_of
from segue.analysis.view import frames, seen, side_of, window

POINTS = hnp.arrays(np.float64, (6, 3), elements=st.floats(-10, 10).map(lambda value: round(value, 3)))


def distances(points):
    return np.linalg.norm(points[:, None] - points[None], axis=-1)


@given(POINTS)
def test_a_side_is_a_rotation_that_shows_the_widest_first(points):
    side = side_of(points)
    assert side @ side.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(side) == pytest.approx(1)
    spread = ((points - points.mean(axis=0)) @ side.T).std(axis=0)
    assert spread[0] >= spread[1] - 1e-6
    assert spread[1] >= spread[2] - 1e-6


def test_a_plane_is_seen_from_above():
    points = np.array([[0, 0, 0], [9, 0, 0], [9, 4, 0], [0, 4, 0]], dtype=float)
    assert side_of(points) == pytest.approx(np.eye(3))


@given(POINTS, st.floats(0.01, 100), st.floats(-50, 50))
def test_what_is_seen_does_not_depend_on_scale_and_place(points, scale, shift):
    assume(distances(points).max() > 0.1)
    once, again = (seen(part, np.eye(3)) for part in (points, scale * points + shift))
    assert again == pytest.approx(once, abs=1e-4)
    assert np.median(once, axis=0) == pytest.approx(0, abs=1e-5)
    assert (once.astype(float) ** 2).sum(axis=1).mean() == pytest.approx(1, abs=1e-4)


def test_points_without_spread_are_in_the_middle():
    assert seen(np.ones((4, 3)), np.eye(3)).tolist() == [[0, 0, 0]] * 4


def test_artists_turn_and_scale_with_the_playlists():
    plane = {"x": [0.0, 9.0, 9.0, 0.0, 4.5], "y": [0.0, 0.0, 4.0, 4.0, 2.0], "z": [0.0] * 5}
    columns = {axis: pl.Series(values, dtype=pl.Float32) for axis, values in plane.items()}
    epochs = pl.DataFrame({"epoch": [3] * 5, "playlist": [0, 1, 2, 3, None]} | columns)
    artist = frames(epochs)[3][4].select("x", "y", "near").row(0)
    assert artist == pytest.approx((0, 0, 0))
    alone = frames(epochs[:4])[3]
    assert frames(epochs)[3][:4].equals(alone)


def test_all_epochs_are_seen_from_the_side_of_the_last():
    plane = {"x": [0.0, 9.0, 9.0, 0.0], "y": [0.0, 0.0, 4.0, 4.0], "z": [0.0] * 4}
    turned = {"x": plane["z"], "y": plane["x"], "z": plane["y"]}
    parts = [pl.DataFrame(part).with_columns(epoch=epoch) for epoch, part in ((2, plane), (1, turned))]
    found = frames(pl.concat(parts))
    assert list(found) == [1, 2]
    assert found[2]["x"].to_list() == pytest.approx([-0.914, 0.914, 0.914, -0.914], abs=1e-3)
    assert found[1]["x"].to_list() == pytest.approx([0] * 4)


def test_the_window_holds_all_maps():
    maps = [pl.DataFrame({"x": [0.0, 2.0], "y": [1.0, 1.0]}), pl.DataFrame({"x": [1.0], "y": [5.0]})]
    assert window(maps) == pytest.approx((1.0, 3.0, 2 * 1.04))
    assert window(maps[1:])[2] > 0


def maps(epochs=(1,)):
    return pl.DataFrame(
        {"epoch": [e for e in epochs for _ in range(8)], "playlist": [*range(8)] * len(epochs)}
    )


def test_the_most_frequent_genres_have_colours_and_the_rest_says_what_it_is():
    genres = pl.DataFrame(
        {"playlist": range(7), "genre": ["rock", "folk", "folk", "rock", "jazz", "folk", "jazz"]}
    )
    grouped, groups = by_genre(maps(), genres)
    assert [group.name for group in groups] == ["no genre known", "folk", "jazz", "rock"]
    assert grouped["group"].to_list() == [3, 1, 1, 3, 2, 1, 2, 0]
    assert grouped["genre"].to_list() == [*genres["genre"], None]
    assert len({(group.colour, group.marker) for group in groups}) == 4
    many = pl.DataFrame({"playlist": range(8), "genre": list("abcdefgh")})
    grouped, groups = by_genre(maps(), many)
    assert [group.name for group in groups] == ["1 rarer genre", *"abcdefg"]
    assert grouped["group"].to_list() == [1, 2, 3, 4, 5, 6, 7, 0]
    assert len(LOOKS) == 7


def test_genres_come_from_themes_by_pid(tmp_path):
    for number, pids in enumerate(([10, 11], [12])):
        part = pl.DataFrame({"pid": pids, "genre": [f"genre {pid}" for pid in pids]})
        part.write_parquet(tmp_path / f"{number}.parquet")
    core = pl.DataFrame({"playlist": [0, 1], "pid": [12, 10]})
    themes = [str(tmp_path / f"{number}.parquet") for number in (0, 1)]
    assert genres_of(core, themes).sort("playlist").rows() == [(0, "genre 12"), (1, "genre 10")]


def test_artists_and_no_knowledge_at_all():
    members = pl.DataFrame({"playlist": [0, 2, 5], "group": ["both", "a", "b"]})
    grouped, groups = by_artist(maps((1, 2)), members, "Ulné", "Wim")
    assert [group.name for group in groups] == ["neither", "Ulné only", "Wim only", "both"]
    assert grouped["group"].to_list() == [3, 0, 1, 0, 0, 2, 0, 0] * 2
    grouped, groups = alike(maps((1, 2)))
    assert [group.name for group in groups] == ["playlists"]
    assert set(grouped["group"]) == {0}
