import numpy as np
import pytest
from figure_cases import summary
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from segue.figures import style
from segue.figures.looks import conv_look
from segue.figures.metrics import final_metrics
from segue.run.registry import CONVOLUTIONS, SPARE_COLOURS, SPARE_MARKERS


def test_convolutions_differ_without_colour():
    looks = [entry.look for entry in CONVOLUTIONS.values()]
    assert len({look.marker for look in looks} | set(SPARE_MARKERS)) == len(looks) + len(SPARE_MARKERS)
    assert len({look.colour for look in looks} | set(SPARE_COLOURS)) == len(looks) + len(SPARE_COLOURS)
    # Triangles are for peaks off the axis, a cross and a star for the ends of paths.
    assert not {"^", "x", "*"} & {look.marker for look in looks} | {"^", "x", "*"} & set(SPARE_MARKERS)


def test_a_convolution_of_the_configuration_alone_looks_the_same_everywhere():
    look = conv_look("GraphConv")
    assert look == conv_look("GraphConv")
    assert (look.label, look.colour in SPARE_COLOURS, look.marker in SPARE_MARKERS) == (
        "GraphConv",
        True,
        True,
    )
    assert len({conv_look(f"conv{i}").colour for i in range(40)}) == len(SPARE_COLOURS)
    assert len({conv_look(f"conv{i}").marker for i in range(40)}) == len(SPARE_MARKERS)


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [
        ([1, 5, 9], [1, 5, 9]),
        ([5, 5], [4, 6]),
        ([6, 4.5], [6.25, 4.25]),
        ([1, 1, 1], [0, 2, 4]),
        ([10, 3, 10], [8, 3, 10]),
        ([0, 0, 10, 10], [0, 2, 8, 10]),
    ],
)
def test_spread_by_hand(wanted, placed):
    np.testing.assert_allclose(style.spread(np.array(wanted, dtype=float), 2, 0, 10), placed)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_spread_keeps_order_distance_and_bounds(wanted):
    wanted = np.array(wanted)
    placed = style.spread(wanted, 11, 0, 100)
    order = np.argsort(wanted, kind="stable")
    assert np.all(np.diff(placed[order]) >= 11 - 1e-9)
    assert placed.min() >= -1e-9
    assert placed.max() <= 100 + 1e-9


def test_spread_starts_at_the_bottom_where_there_is_no_room():
    np.testing.assert_allclose(style.spread(np.array([1.0, 2.0, 3.0]), 2, 0, 3), [0, 2, 4])


@pytest.mark.parametrize(
    ("low", "high", "limits"),
    [
        (1.0, 2.5, (0.94, 2.56)),
        (7.0, 7.3, (6.988, 7.312)),  # a narrow range far from 0 fills its axis
        (0.5, 0.5, (0.49, 0.51)),  # and one that is a point is widened
        (0.0, 0.0, (-0.01, 0.01)),
    ],
)
def test_limits_are_a_little_wider_than_the_values(low, high, limits):
    assert style.padded(low, high) == pytest.approx(limits)


def test_a_file_is_small_and_no_colour_in_it_is_far_from_the_drawn_one(tmp_path):
    figure = final_metrics(summary(), 300)
    style.save_png(figure, tmp_path / "few.png")
    figure.savefig(tmp_path / "all.png", dpi=style.DPI)
    with Image.open(tmp_path / "few.png") as few, Image.open(tmp_path / "all.png") as drawn:
        assert few.info["dpi"] == pytest.approx((style.DPI, style.DPI), abs=0.02)
        pixels = [np.asarray(image.convert("RGB")).astype(int) for image in (few, drawn)]
    assert np.abs(pixels[0] - pixels[1]).max() <= 16
    assert (pixels[0][0, 0] == 255).all()
    sizes = [(tmp_path / name).stat().st_size for name in ("few.png", "all.png")]
    assert sizes[0] < 0.5 * sizes[1]
