"""The picture of what a core is: its graph against networkx, its outlines against its nodes."""

import networkx as nx
import numpy as np
import pytest
from figure_cases import assert_texts_apart, png
from matplotlib import rc_context
from matplotlib.path import Path

from segue.figures.kcore_idea import (
    EDGES,
    HUB,
    LABELS,
    PADDING,
    PLAYLISTS,
    SHADES,
    TRACKS,
    core_places,
    example_corenesses,
    kcore_idea,
    outline,
)

PLACES = np.concatenate([PLAYLISTS, TRACKS])


def graph():
    return nx.Graph([(playlist, len(PLAYLISTS) + track) for playlist, track in EDGES.tolist()])


def test_corenesses_are_those_of_networkx():
    cores = example_corenesses()
    expected = nx.core_number(graph())
    assert [*cores.playlists, *cores.tracks] == [expected[node] for node in range(len(PLACES))]
    assert sorted(expected.values()) == 11 * [1] + 8 * [2] + 8 * [3]
    assert nx.is_connected(graph())


def test_the_note_is_true():
    hub = len(PLAYLISTS) + HUB
    neighbours = [graph().degree[node] for node in graph()[hub]]
    assert len(neighbours) == 4
    assert neighbours.count(1) == 3
    assert example_corenesses().tracks[HUB] == 1
    # As many lines are drawn as there are edges, and none leads to the track besides.
    figure = kcore_idea()
    (ax,) = figure.axes
    assert len(ax.get_lines()) == len(EDGES)
    at = [line for line in ax.get_lines() if tuple(TRACKS[HUB]) in zip(*line.get_data(), strict=True)]
    assert len(at) == 4
    assert not [text for text in ax.texts if text.arrow_patch is not None]
    (ring,) = (points for points in ax.collections if points.get_label() == "hub")
    np.testing.assert_array_equal(ring.get_offsets(), [TRACKS[HUB]])


@pytest.mark.parametrize("k", SHADES)
def test_an_outline_holds_the_nodes_of_its_core_and_no_other(k):
    cores = example_corenesses()
    coreness = np.concatenate([cores.playlists, cores.tracks])
    path = Path(outline(core_places(cores, k), PADDING[k]))
    inside = path.contains_points(PLACES, radius=0)
    np.testing.assert_array_equal(inside, coreness >= k)
    # Its name stands between it and the next.
    assert path.contains_point(LABELS[k])
    if k + 1 in SHADES:
        inner = outline(core_places(cores, k + 1), PADDING[k + 1])
        assert path.contains_points(inner).all()
        assert not Path(inner).contains_point(LABELS[k])


def test_an_outline_of_one_node_is_a_circle():
    corners = outline(np.array([[3.0, 4.0]]), 2.0)
    np.testing.assert_allclose(np.linalg.norm(corners - (3, 4), axis=1), 2.0)
    assert len(corners) == 72


def test_edges_do_not_cross():
    def turn(a, b, c):
        return np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    lines = [(PLAYLISTS[playlist], TRACKS[track]) for playlist, track in EDGES]
    for number, (a, b) in enumerate(lines):
        for c, d in lines[:number]:
            crosses = turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0
            assert not crosses, (a, b, c, d)


def test_shades_darken_inwards_and_texts_are_apart():
    figure = kcore_idea()
    (ax,) = figure.axes
    grey = [np.dot(patch.get_facecolor()[:3], (0.2126, 0.7152, 0.0722)) for patch in ax.patches]
    assert grey == sorted(grey, reverse=True)
    assert len(set(grey)) == 3
    assert_texts_apart(figure)
    width = ax.bbox.width / np.diff(ax.get_xlim())[0]
    assert width == pytest.approx(ax.bbox.height / np.diff(ax.get_ylim())[0], rel=1e-6)


def test_equal_bytes(tmp_path):
    first = png(kcore_idea(), tmp_path)
    with rc_context({"font.size": 21, "lines.linewidth": 9}):
        assert png(kcore_idea(), tmp_path) == first
