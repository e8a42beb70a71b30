import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from segue.errors import SegueError
from segue.figures.maps import (
    FRAMES_PER_EPOCH,
    LAST_FRAMES,
    OTHERS,
    Group,
    alike,
    by_artist,
    by_genre,
    map_panels,
    project,
    save_animation,
)
from segue.figures.style import save_png

GROUPS = [OTHERS, Group("folk", "#E69F00", "s", 2.0)]
POINTS = hnp.arrays(np.float64, (5, 3), elements=st.floats(-10, 10))


def table(epochs=(1, 20, 40)):
    rng = np.random.default_rng(0)
    maps = []
    for epoch in epochs:
        places = dict(zip("xyz", rng.normal(size=(3, 8)).astype(np.float32), strict=True))
        maps.append(pl.DataFrame({"playlist": range(8)} | places).with_columns(epoch=pl.lit(epoch, pl.Int32)))
    return pl.concat(maps).with_columns(group=pl.col("playlist") % 2)


@given(POINTS, st.floats(0, 360), st.floats(-90, 90))
def test_a_projection_is_a_rotation(points, azimuth, elevation):
    seen = project(points, azimuth, elevation)
    distances = [np.linalg.norm(p[:, None] - p[None], axis=-1) for p in (points, seen)]
    assert distances[0] == pytest.approx(distances[1], abs=1e-9)


def test_where_axes_go():
    axes = np.eye(3)
    assert project(axes, 0, 0) == pytest.approx(np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]))
    assert project(axes, 90, 0) == pytest.approx(np.array([[0, 0, -1], [-1, 0, 0], [0, 1, 0]]))
    # From above, z comes towards the eye and y points up.
    assert project(axes, 0, 90) == pytest.approx(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]]))


def test_a_panel_an_epoch_with_every_point_in_its_frame():
    figure = map_panels(table(), GROUPS, "Title")
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["Epoch 1", "Epoch 20", "Epoch 40"]
    for ax in figure.axes:
        assert [points.get_label() for points in ax.collections] == ["others", "folk"]
        assert [len(points.get_offsets()) for points in ax.collections] == [4, 4]
        low, high = ax.get_xlim()
        offsets = np.concatenate([points.get_offsets() for points in ax.collections])
        assert (np.abs(offsets) < high).all()
        assert low == -high
        assert ax.get_xlim() == figure.axes[0].get_xlim() == ax.get_ylim()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["folk", "others"]


def test_one_epoch_and_many(tmp_path):
    for count in (1, 2, 16):
        figure = map_panels(table(range(1, count + 1)), GROUPS, "Title")
        save_png(figure, tmp_path / f"{count}.png")
        boxes = [ax.get_window_extent() for ax in figure.axes]
        assert len(boxes) == count
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_equal_tables_make_equal_files_and_the_animation_ends_in_the_last_map(tmp_path):
    for name in ("a", "b"):
        save_animation(table(), GROUPS, "Title", tmp_path / f"{name}.gif")
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()
    with Image.open(tmp_path / "a.gif") as animation:
        assert animation.n_frames == 2 * FRAMES_PER_EPOCH + LAST_FRAMES
        assert animation.info["loop"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "b.gif"]


def test_a_table_without_groups_is_an_error():
    with pytest.raises(SegueError, match="no column group"):
        map_panels(table().drop("group"), GROUPS, "Title")


def test_the_most_frequent_genres_are_drawn_and_the_others_are_background():
    maps = table((1,)).drop("group")
    genres = pl.DataFrame(
        {"playlist": range(7), "genre": ["rock", "folk", "folk", "rock", "jazz", "folk", "jazz"]}
    )
    grouped, groups = by_genre(maps, genres)
    assert [group.name for group in groups] == ["others", "folk", "jazz", "rock"]
    assert grouped["group"].to_list() == [3, 1, 1, 3, 2, 1, 2, 0]
    assert len({(group.colour, group.marker) for group in groups}) == 4
    many = pl.DataFrame({"playlist": range(8), "genre": list("abcdefgh")})
    grouped, groups = by_genre(maps, many)
    assert [group.name for group in groups][1:] == list("abcdefg")
    assert grouped["group"].to_list() == [1, 2, 3, 4, 5, 6, 7, 0]


def test_artists_and_no_knowledge_at_all():
    maps = table((1, 2)).drop("group")
    members = pl.DataFrame({"playlist": [0, 2, 5], "group": ["both", "a", "b"]})
    grouped, groups = by_artist(maps, members, "Ulné", "Wim")
    assert [group.name for group in groups] == ["others", "Ulné only", "Wim only", "both"]
    assert grouped["group"].to_list() == [3, 0, 1, 0, 0, 2, 0, 0] * 2
    grouped, groups = alike(maps)
    assert [group.name for group in groups] == ["playlists"]
    assert set(grouped["group"]) == {0}
