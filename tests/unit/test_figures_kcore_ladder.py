import numpy as np
import polars as pl
import pytest
from figure_cases import assert_texts_apart, png
from matplotlib import rc_context
from matplotlib.colors import to_rgb

from segue.errors import SegueError
from segue.figures.kcore_ladder import COUNTS, MEANS, core_sizes


def ladder(ks=range(2, 43), scale=1):
    """Sizes that fall to nothing at K = 45, and means that rise."""
    left = [1 - (k / 45) ** 2 for k in ks]
    table = pl.DataFrame(
        {
            "k": list(ks),
            "playlists": [round(50_000 * scale * share) for share in left],
            "tracks": [round(60_000 * scale * share**2) for share in left],
            "edges": [round(3_000_000 * scale * share**1.5) for share in left],
        }
    )
    return table.with_columns(
        mean_degree=2 * pl.col("edges") / (pl.col("playlists") + pl.col("tracks")),
        mean_degree_playlists=pl.col("edges") / pl.col("playlists"),
        mean_degree_tracks=pl.col("edges") / pl.col("tracks"),
    )


def test_lines_are_the_table():
    table = ladder()
    for ax, columns in zip(core_sizes(table, 30).axes, (COUNTS, MEANS), strict=True):
        *lines, chosen = ax.get_lines()
        for line, (column, (name, *_)) in zip(lines, columns.items(), strict=True):
            assert line.get_label() == name
            np.testing.assert_array_equal(line.get_xdata(), table["k"])
            np.testing.assert_array_equal(line.get_ydata(), table[column])
            # The dot is at the chosen K.
            assert [table["k"][at] for at in line.get_markevery()] == [30]
        assert chosen.get_xdata() == [30, 30]
    assert [ax.get_yscale() for ax in core_sizes(table, 30).axes] == ["log", "linear"]


def test_values_of_the_chosen_core_are_written():
    row = ladder().row(28, named=True)
    counts, means = core_sizes(ladder(), 30).axes
    assert [text.get_text() for text in counts.texts] == [
        "edges",
        "playlists",
        "tracks",
        f"K = 30: {row['playlists']:,} playlists, {row['tracks']:,} tracks, {row['edges']:,} edges",
    ]
    assert means.texts[-1].get_text() == (
        f"K = 30: all nodes {row['mean_degree']:.1f}, playlists {row['mean_degree_playlists']:.1f}, "
        f"tracks {row['mean_degree_tracks']:.1f}"
    )
    assert counts.get_title(loc="left") == "Size"
    assert counts.get_xlabel() == means.get_xlabel() == "K (least degree in the core)"
    assert (counts.get_ylabel(), means.get_ylabel()) == ("Count", "Mean degree")


@pytest.mark.parametrize("k", [2, 17, 42])
@pytest.mark.parametrize("scale", [1e-2, 1, 40])
def test_texts_are_apart(scale, k):
    assert_texts_apart(core_sizes(ladder(scale=scale), k))


@pytest.mark.parametrize("ks", [[42], [1, 2], [*range(2, 41), 44]])
def test_any_ladder_is_drawn_with_whole_k(ks):
    figure = core_sizes(ladder(ks), ks[-1])
    assert_texts_apart(figure)
    low, high = figure.axes[0].get_xlim()
    ticks = [tick for tick in figure.axes[0].get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == round(tick) for tick in ticks)


def test_lines_differ_without_colour():
    for lines in (COUNTS, MEANS):
        grey = [np.dot(to_rgb(colour), (0.2126, 0.7152, 0.0722)) for _, (colour, *_) in lines.values()]
        looks = [(dashes, width) for _, (_, dashes, width) in lines.values()]
        assert len(set(looks)) == len(looks) == len(set(grey))


def test_a_ladder_without_the_chosen_k_is_refused():
    with pytest.raises(SegueError, match=r"ladder, column k\n.*2, 3\n.*one row with K = 7"):
        core_sizes(ladder([2, 3]), 7)
    with pytest.raises(SegueError, match="no column mean_degree_tracks"):
        core_sizes(ladder().drop("mean_degree_tracks"), 30)


def test_equal_tables_make_equal_bytes(tmp_path):
    first = png(core_sizes(ladder(), 30), tmp_path)
    with rc_context({"font.size": 21, "lines.linewidth": 9}):
        assert png(core_sizes(ladder().sample(fraction=1, shuffle=True, seed=1), 30), tmp_path) == first
