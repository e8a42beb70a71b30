import numpy as np
import polars as pl
import pytest
from figure_cases import assert_texts_apart, degrees, layout

from segue.errors import SegueError
from segue.figures.degrees import degree_distribution


def test_degrees_are_a_complementary_cumulative_distribution():
    figure = degree_distribution(degrees(), 3)
    playlists, tracks = figure.axes
    before, after, core = playlists.get_lines()
    np.testing.assert_array_equal(before.get_xdata(), [2, 4, 20])
    np.testing.assert_allclose(before.get_ydata(), [1, 0.4, 0.1], rtol=1e-15)
    np.testing.assert_array_equal(after.get_xdata(), [3, 10])
    np.testing.assert_array_equal(after.get_ydata(), [1, 0.5])
    np.testing.assert_array_equal(core.get_xdata(), [3, 3])
    np.testing.assert_allclose(tracks.get_lines()[0].get_ydata(), [1, 0.3, 0.05], rtol=1e-15)
    # The share of nodes of degree >= d falls after d, not at d.
    assert before.get_drawstyle() == "steps-pre"
    assert (playlists.get_xscale(), playlists.get_yscale()) == ("log", "log")
    assert playlists.get_ylim() == tracks.get_ylim()


def test_degree_labels():
    playlists, tracks = degree_distribution(degrees(), 3).axes
    # (6 * 2 + 3 * 4 + 20) / 10 = 4.4 and (70 + 25 * 5 + 5 * 60) / 100 = 4.95
    assert [text.get_text() for text in playlists.get_legend().get_texts()] == [
        "before: 10 playlists, mean degree 4.4",
        "after: 4 playlists, mean degree 6.5",
    ]
    assert [text.get_text() for text in tracks.get_legend().get_texts()] == [
        "before: 100 tracks, mean degree 5.0",
        "after: 4 tracks, mean degree 4.5",
    ]
    assert [text.get_text() for text in playlists.texts] == ["K = 3"]
    assert playlists.get_xlabel() == "Degree d (tracks on the playlist)"
    assert playlists.get_ylabel() == "Share of nodes with degree ≥ d"


def test_legends_of_degrees_lie_outside_the_axes():
    figure = degree_distribution(degrees(), 3)
    renderer = layout(figure)
    for ax in figure.axes:
        assert ax.get_legend().get_window_extent(renderer).y0 >= ax.bbox.y1


@pytest.mark.parametrize("k", [1, 3, 20])
def test_degree_texts_are_apart(k):
    assert_texts_apart(degree_distribution(degrees(), k))
    # The whole MPD's size.
    wide = degrees().with_columns(
        pl.col("degree").replace(60, 46_600), pl.col("nodes").replace(70, 2_262_292)
    )
    assert_texts_apart(degree_distribution(wide, k))


def test_degrees_without_a_stage_are_refused():
    with pytest.raises(SegueError, match="stage after, side playlist"):
        degree_distribution(degrees().filter(pl.col("stage") == "before"), 3)
