"""The picture of a part of the core."""

import numpy as np
import polars as pl
import pytest
from figure_cases import assert_texts_apart, png
from matplotlib import rc_context
from matplotlib.collections import LineCollection

from segue.errors import SegueError
from segue.figures.subgraph import DOT, LEAST, subgraph

NODES = pl.DataFrame(
    {
        "kind": ["playlist", "playlist", "track", "track", "track"],
        "index": [0, 2, 0, 1, 2],
        "degree": [2, 2, 2, 1, 1],
        "community": [0, 1, 0, 0, 1],
        "x": [0.0, 1.0, 0.5, -0.5, 1.5],
        "y": [0.0, 0.0, 0.25, 0.5, -0.5],
    }
)
EDGES = pl.DataFrame(
    {"playlist": [0, 0, 2, 2, 2], "track": [0, 1, 0, 2, 1], "drawn": [True, True, True, True, False]}
)

PLAYLISTS = pl.DataFrame({"playlist": [0, 1, 2], "name": ["Folk", "not drawn", "Soul 🎶"]})


def star(tracks):
    """One playlist and its tracks, in a circle."""
    angles = np.linspace(0, 2 * np.pi, tracks, endpoint=False)
    nodes = pl.DataFrame(
        {
            "kind": ["playlist"] + tracks * ["track"],
            "index": [0, *range(tracks)],
            "degree": [tracks] + tracks * [1],
            "community": (tracks + 1) * [0],
            "x": [0.0, *np.cos(angles)],
            "y": [0.0, *np.sin(angles)],
        }
    )
    edges = pl.DataFrame({"playlist": tracks * [0], "track": range(tracks), "drawn": tracks * [True]})
    return nodes, edges


def points(ax):
    return {c.get_label(): c for c in ax.collections if not isinstance(c, LineCollection)}


def title(figure):
    return figure.texts[0].get_text()


def test_edges_within_a_community_are_lines_and_those_between_two_are_a_band():
    (ax,) = subgraph(NODES, EDGES, PLAYLISTS, 3, 70).axes
    (lines,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert [line.tolist() for line in lines.get_segments()] == [
        [[0, 0], [0.5, 0.25]],
        [[0, 0], [-0.5, 0.5]],
        [[1, 0], [1.5, -0.5]],
    ]
    (band,) = ax.get_lines()
    assert band.get_xydata().tolist() == [[0, 0.25], [1.25, -0.25]]  # between the middles of the discs
    assert [disc.center for disc in ax.patches] == [(0, 0.25), (1.25, -0.25)]
    wider = EDGES.with_columns(drawn=True)  # and another edge between them
    (again,) = subgraph(NODES, wider, PLAYLISTS, 3, 70).axes[0].get_lines()
    assert again.get_linewidth() == 2 * band.get_linewidth()
    assert [text.get_text() for text in ax.texts] == ["Folk", "Soul"]


def test_nodes_are_in_their_places_and_their_area_grows_by_the_edge():
    (ax,) = subgraph(*star(50), PLAYLISTS, 3, 9000).axes
    drawn = points(ax)
    assert drawn["playlist"].get_offsets().tolist() == [[0, 0]]
    np.testing.assert_allclose(np.linalg.norm(drawn["track"].get_offsets(), axis=1), 1)
    one, fifty = drawn["track"].get_sizes()[0], drawn["playlist"].get_sizes()[0]
    assert fifty / one == pytest.approx((LEAST + 50 * DOT) / (LEAST + DOT))
    # Told apart without colour.
    assert len(drawn["track"].get_paths()[0].vertices) != len(drawn["playlist"].get_paths()[0].vertices)


def test_names_of_communities_at_the_sides_are_whole():
    long = PLAYLISTS.with_columns(name=pl.Series(["best of The Royul", "", "songs of the summer"]))
    apart = NODES.with_columns(x=pl.col("x") + 50 * pl.col("community"))
    figure = subgraph(apart, EDGES, long, 3, 70)
    (ax,) = figure.axes
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 2
    assert min(box.x0 for box in boxes) >= ax.bbox.x0 - 0.5
    assert max(box.x1 for box in boxes) <= ax.bbox.x1 + 0.5


def test_the_title_counts_what_is_drawn():
    assert title(subgraph(NODES, EDGES, PLAYLISTS, 3, 70)) == (
        "3-core: 5 of the 70 nodes, 4 of the 5 edges between them"
    )
    whole = EDGES.with_columns(drawn=True)
    assert title(subgraph(NODES, whole, PLAYLISTS, 3, 5)) == "3-core: all 5 nodes, all 5 edges between them"


def test_few_nodes_are_larger():
    sizes = [
        points(subgraph(*star(n), PLAYLISTS, 3, 9000).axes[0])["track"].get_sizes()[0]
        for n in (3, 99, 999, 2000)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] == pytest.approx(10 * sizes[2])
    assert sizes[2] == sizes[3]


@pytest.mark.parametrize("tracks", [1, 2, 40, 2500])
def test_texts_are_apart_and_inside(tracks):
    figure = subgraph(*star(tracks), PLAYLISTS, 3, 9000)
    assert_texts_apart(figure)
    labels = [text.get_text() for legend in figure.axes[0].get_children() for text in texts_of(legend)]
    one = "" if tracks == 1 else "s"
    assert labels[:3] == ["1 playlist", f"{tracks:,} track{one}", f"{tracks:,} edge{one} within 1 community"]
    assert [int(text) for text in labels[4:]] == [n for n in (1, 3, 10, 30, 100, 300) if n <= tracks][-4:]


def texts_of(artist):
    return artist.get_texts() if hasattr(artist, "get_texts") else []


def test_the_order_of_rows_does_not_matter(tmp_path):
    first = png(subgraph(NODES, EDGES, PLAYLISTS, 3, 70), tmp_path)
    with rc_context({"font.size": 21, "lines.linewidth": 9}):
        again = subgraph(NODES.sample(fraction=1, shuffle=True, seed=4), EDGES, PLAYLISTS, 3, 70)
    assert png(again, tmp_path) == first


def test_a_table_that_cannot_be_drawn_is_refused():
    with pytest.raises(SegueError, match=r"nodes, track 2\n.*no row"):
        subgraph(NODES[:4], EDGES, PLAYLISTS, 3, 70)
    with pytest.raises(SegueError, match="A drawing lacks nodes"):
        subgraph(NODES.clear(), EDGES.clear(), PLAYLISTS, 3, 70)
    with pytest.raises(SegueError, match="no column drawn"):
        subgraph(NODES, EDGES.drop("drawn"), PLAYLISTS, 3, 70)
