from itertools import combinations

import numpy as np
from figure_cases import overlaps, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib.figure import Figure

from segue.figures.names import SIDES, name_points


def axes():
    ax = Figure(figsize=(3, 3), dpi=100).add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    return ax


def test_a_lone_name_stands_on_the_right_or_where_there_is_room():
    assert name_points(axes(), np.array([[0.5, 0.5]]), ["name"], 8) == [SIDES.index((1, 0))]
    assert name_points(axes(), np.array([[0.98, 0.5]]), ["name"], 8) == [SIDES.index((-1, 0))]
    assert name_points(axes(), np.array([[0.5, 0.5]]), ["no room at all " * 9], 8) == [None]


def test_a_name_stays_on_its_side_while_that_is_free():
    below = SIDES.index((0, -1))
    assert name_points(axes(), np.array([[0.5, 0.5]]), ["name"], 8, [below]) == [below]
    assert name_points(axes(), np.array([[0.5, 0.0]]), ["name"], 8, [below]) != [below]
    assert name_points(axes(), np.array([[0.5, 0.5]]), ["name"], 8, [None]) == [SIDES.index((1, 0))]


def test_of_two_at_one_place_the_first_has_its_side():
    ax = axes()
    sides = name_points(ax, np.array([[0.5, 0.5], [0.5, 0.52]]), ["first", "second"], 8)
    assert sides[0] is not None
    assert sides[0] != sides[1]


@settings(max_examples=30)
@given(hnp.arrays(np.float64, (8, 2), elements=st.floats(0, 1)))
def test_names_lie_within_the_axes_and_off_each_other(points):
    ax = axes()
    names = [f"Name of {number}" for number in range(len(points))]
    sides = name_points(ax, points, names, 7)
    written = texts(ax.figure)
    assert [text for text, _ in written] == [
        name for name, side in zip(names, sides, strict=True) if side is not None
    ]
    for _, box in written:
        assert box.x0 >= -1
        assert box.y0 >= -1
        assert box.x1 <= ax.figure.bbox.x1 + 1
        assert box.y1 <= ax.figure.bbox.y1 + 1
    assert not any(overlaps(a, b) for (_, a), (_, b) in combinations(written, 2))
