from itertools import combinations

import numpy as np
from figure_cases import overlaps, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib.figure import Figure

from segue.figures.names import name_points

LOOKS = [{"color": "black"}]  # of one name


def axes():
    ax = Figure(figsize=(3, 3), dpi=100).add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    return ax


def boxes(ax):
    return dict(texts(ax.figure))


def test_a_lone_name_stands_on_the_right_or_where_there_is_room():
    ax = axes()
    assert name_points(ax, np.array([[0.5, 0.5]]), ["name"], 8, LOOKS) == ["name"]
    assert boxes(ax)["name"].x0 > 150  # the point's, in pixels
    ax = axes()
    assert name_points(ax, np.array([[0.98, 0.5]]), ["name"], 8, LOOKS) == ["name"]
    assert boxes(ax)["name"].x1 < 0.98 * 300
    assert name_points(axes(), np.array([[0.5, 0.5]]), ["no room at all " * 9], 8, LOOKS) == []


def test_of_two_at_one_place_the_first_has_its_side():
    ax = axes()
    assert name_points(ax, np.array([[0.5, 0.5], [0.5, 0.52]]), ["first", "second"], 8, LOOKS * 2) == [
        "first",
        "second",
    ]
    found = boxes(ax)
    assert found["first"].x0 > 150
    assert found["second"].x1 < 150


@settings(max_examples=30)
@given(hnp.arrays(np.float64, (8, 2), elements=st.floats(0, 1)))
def test_names_lie_within_the_axes_and_off_each_other(points):
    ax = axes()
    names = [f"Name of {number}" for number in range(len(points))]
    named = name_points(ax, points, names, 7, LOOKS * len(names))
    written = texts(ax.figure)
    assert [text for text, _ in written] == named
    for _, box in written:
        assert box.x0 >= -1
        assert box.y0 >= -1
        assert box.x1 <= ax.figure.bbox.x1 + 1
        assert box.y1 <= ax.figure.bbox.y1 + 1
    assert not any(overlaps(a, b) for (_, a), (_, b) in combinations(written, 2))
