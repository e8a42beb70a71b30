"""The picture of a model's maps: which epochs and names are drawn, and where."""

import numpy as np
import polars as pl
import pytest
from figure_cases import assert_texts_apart, png
from PIL import Image, ImageColor

from segue.analysis.groups import LOOKS, Group, alike, by_genre
from segue.analysis.view import frames
from segue.errors import SegueError
from segue.figures.maps import EARLIER, LARGE_SIDE, SMALL_SIDE, map_picture, names_of

GROUPS = [Group("2 rarer genres", "#C4C4C4", share=0.5), Group("folk", "#E69F00", "s")]
GENRES = ["jazz", "folk", "soul", "folk"]


def table(epochs=(1, 20, 40), playlists=8):
    """Points at random, one far off in epoch 20 alone; genres by turns."""
    rng = np.random.default_rng(0)
    maps = []
    for epoch in epochs:
        places = rng.normal(size=(3, playlists)).astype(np.float32)
        places[:, 0] += 9 * (epoch == 20)
        columns = {"playlist": range(playlists)} | dict(zip("xyz", places, strict=True))
        maps.append(pl.DataFrame(columns).with_columns(epoch=pl.lit(epoch, pl.Int32)))
    genre = pl.Series((GENRES * playlists)[:playlists] * len(epochs))
    return pl.concat(maps).with_columns(genre=genre, group=pl.Series(genre == "folk").cast(pl.Int32))


def titles(figure):
    return [ax.get_title(loc="left") for ax in figure.axes]


def points(ax):
    return {collection.get_label(): np.asarray(collection.get_offsets()) for collection in ax.collections}


def test_the_last_epoch_is_large_and_all_are_in_one_window():
    figure = map_picture(table(), GROUPS, "Title")
    assert titles(figure) == ["Epoch 1", "Epoch 20", "Epoch 40"]
    sides = [ax.bbox.width / figure.dpi for ax in figure.axes]
    assert sides == pytest.approx([SMALL_SIDE, SMALL_SIDE, LARGE_SIDE])
    for ax in figure.axes:
        assert {name: len(places) for name, places in points(ax).items()} == {"2 rarer genres": 4, "folk": 4}
        assert (ax.get_xlim(), ax.get_ylim()) == (figure.axes[0].get_xlim(), figure.axes[0].get_ylim())
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        assert right - left == pytest.approx(high - low)
        offsets = np.concatenate([*points(ax).values()])
        assert (np.abs(offsets - [(left + right) / 2, (low + high) / 2]) < (right - left) / 2).all()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["folk (4)", "2 rarer genres (4)"]


def test_what_is_drawn_are_the_frames_near_points_above_far_ones():
    last = frames(table())[40].filter(group=1).sort("near")
    drawn = points(map_picture(table(), GROUPS, "Title").axes[-1])["folk"]
    np.testing.assert_array_equal(drawn, last.select("x", "y").to_numpy())


def test_an_epoch_without_structure_fills_its_panel():
    """As one of an untrained model, which UMAP draws as a small ball."""
    small = table((1, 40)).with_columns(pl.col("x", "y", "z") / pl.when(epoch=1).then(100.0).otherwise(1.0))
    large = [points(ax) for ax in map_picture(table((1, 40)), GROUPS, "Title").axes]
    for drawn, expected in zip(map_picture(small, GROUPS, "Title").axes, large, strict=True):
        np.testing.assert_allclose(points(drawn)["folk"], expected["folk"], atol=1e-5)


@pytest.mark.parametrize("count", [1, 2, 7, 16])
def test_some_epochs_of_many(count, tmp_path):
    figure = map_picture(table(range(1, count + 1)), GROUPS, "Title")
    png(figure, tmp_path)
    assert len(figure.axes) == min(count, EARLIER + 1)
    assert titles(figure)[0] == "Epoch 1"
    assert titles(figure)[-1] == f"Epoch {count}"
    boxes = [ax.get_window_extent() for ax in figure.axes]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize("epochs", [(1,), (1, 2)])
@pytest.mark.parametrize("groups", [2, 10])
def test_a_long_title_and_many_groups_fit(epochs, groups):
    many = [Group(f"a group with a long name {number}", "#C4C4C4") for number in range(groups)]
    assert_texts_apart(map_picture(table(epochs), many, "A title that goes on " * 9))


def test_any_name_can_be_drawn(tmp_path):
    names = pl.Series(["A$AP $x_{$", "🎶", *[None] * 6] * 3)
    groups = [GROUPS[0], Group("Ke$ha \\frac{$ only", "#E69F00", "s")]
    png(map_picture(table().with_columns(name=names), groups, "$1 and $2"), tmp_path)


def test_genres_are_named_at_their_middle_the_coloured_ones_first():
    last = pl.DataFrame(
        {
            "genre": ["soul", "folk", "folk", "folk", "soul", None, "jazz"],
            "x": [0.0, 0.0, 4.0, 5.0, 1.0, 9.0, 7.0],
            "y": [0.0, 0.0, 0.0, 0.0, 0.0, 9.0, 7.0],
        }
    )
    assert names_of(last, GROUPS) == [(2, "folk", "group"), (0, "soul", "genre"), (6, "jazz", "genre")]
    artists = last.with_columns(name=pl.Series([None] * 5 + ["Wim", None]))
    assert names_of(artists, GROUPS)[1] == (5, "Wim", "artist")
    assert names_of(last.drop("genre"), GROUPS) == []


def test_names_stand_on_the_last_epoch_alone():
    grouped, groups = by_genre(
        table().drop("group", "genre"), table().filter(epoch=1).select("playlist", "genre")
    )
    figure = map_picture(grouped, groups, "Title")
    names = [[text.get_text() for text in ax.texts] for ax in figure.axes]
    assert names[:2] == [[], []]
    assert set(names[2]) == {"folk", "jazz", "soul"}
    alone = map_picture(*alike(table().drop("group", "genre")), "Title")
    assert [text.get_text() for text in alone.axes[-1].texts] == []


def test_equal_tables_make_equal_files(tmp_path):
    assert png(map_picture(table(), GROUPS, "Title"), tmp_path) == png(
        map_picture(table(), GROUPS, "Title"), tmp_path
    )


def test_colours_of_groups_are_in_the_file_as_they_are(tmp_path):
    """Though it has few: two that are alike stay apart."""
    groups = [Group("rest", "#C4C4C4"), *(Group(colour, colour, marker) for colour, marker in LOOKS)]
    many = table(range(1, 8), 400).with_columns(group=pl.col("playlist") % len(groups))
    (tmp_path / "map.png").write_bytes(png(map_picture(many, groups, "Title"), tmp_path))
    with Image.open(tmp_path / "map.png") as picture:
        found = {colour for _, colour in picture.convert("RGB").getcolors()}
    assert {ImageColor.getrgb(group.colour) for group in groups} <= found


def test_a_table_without_groups_is_an_error():
    with pytest.raises(SegueError, match="no column group"):
        map_picture(table().drop("group"), GROUPS, "Title")
