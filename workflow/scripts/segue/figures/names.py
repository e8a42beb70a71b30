"""Names that fit: on one line, and beside points, as many as stand clear of each other."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from unicodedata import category

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patheffects import withStroke
from matplotlib.textpath import text_to_path

from segue.figures.style import POINTS, SMALL

# Sides of a point, the first that is free is taken: where its text stands, from right (1) and up (1).
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
FONT = "DejaVu Sans"  # matplotlib's own
PICTURES = ("So", "Sk")  # categories of emoji and skin tones
JOINERS = "\ufe0f\u200d"  # what makes one emoji of several
GAP = 3.5  # points, from a point to its name
WIDTH, HEIGHT = 0.62, 1.25  # of a letter, in the size of the text


def shortened(text: str, width: float, size: float = SMALL, weight: str = "normal") -> str:
    """``text`` on one line of at most ``width`` points, as matplotlib can set it.

    Of characters that its font lacks emoji are left out, unless there is nothing else, and others are
    squares; a dollar sign opens no formula.
    """
    font = FontProperties(family=FONT, size=size, weight=weight)
    whole = _set(_without_pictures(text)) or _set(text) or "untitled"

    def width_of(line: str) -> float:
        return text_to_path.get_text_width_height_descent(line, font, ismath=False)[0]

    def cut(letters: int) -> str:
        return f"{whole[:letters].rstrip()}…"

    if width_of(whole) > width:
        fitting = bisect_right(range(len(whole)), width, key=lambda letters: width_of(cut(letters)))
        whole = cut(max(0, fitting - 1))
    return whole.replace("$", r"\$")


def _without_pictures(text: str) -> str:
    """Without emoji that the font lacks, and what joins and colours them."""
    return "".join(
        letter
        for letter in text
        if letter not in JOINERS and (ord(letter) in _glyphs() or category(letter) not in PICTURES)
    )


def _set(text: str) -> str:
    return "".join(letter if ord(letter) in _glyphs() else "□" for letter in " ".join(text.split()))


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FONT)).get_charmap())


def name_points(
    ax: Axes, points: np.ndarray, names: Sequence[str], size: float, looks: Sequence[dict[str, str]]
) -> list[str]:
    """Writes each of ``names`` beside its point of ``points`` [n, 2], in text of ``size`` points.

    A name takes the first side where it lies within the axes and off names and points before it, and is left
    out where there is none. The limits of the axes are to be set before. ``looks``: of each the text's
    properties. Returns the names that are written.
    """
    scale = POINTS / ax.figure.dpi
    places = (ax.transData.transform(points) - (ax.bbox.x0, ax.bbox.y0)) * scale
    room = ax.bbox.size * scale
    taken: list[Box] = []
    written = []
    for number, (place, name) in enumerate(zip(places, names, strict=True)):
        extent = WIDTH * size * len(name), HEIGHT * size
        boxes = {side: _beside(place, side, extent) for side in SIDES}
        free = (side for side in SIDES if _within(boxes[side], room) and not _hits(boxes[side], taken))
        side = next(free, None)
        if side is not None:
            taken.append(boxes[side])
            _write(ax, points[number], name, size, side, looks[number])
            written.append(name)
        taken.append(_box(place, (2 * GAP, 2 * GAP)))
    return written


Box = tuple[float, float, float, float]  # left, bottom, right, top


def _box(middle: Sequence[float], extent: tuple[float, float]) -> Box:
    (x, y), (width, height) = middle, extent
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _beside(place: np.ndarray, side: tuple[int, int], extent: tuple[float, float]) -> Box:
    shift = [step * (GAP + length / 2) for step, length in zip(side, extent, strict=True)]
    return _box(place + np.array(shift), extent)


def _within(box: Box, room: np.ndarray) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= room[0] and box[3] <= room[1]


def _hits(box: Box, others: Sequence[Box]) -> bool:
    return any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in others
    )


def _write(
    ax: Axes, point: np.ndarray, name: str, size: float, side: tuple[int, int], look: dict[str, str]
) -> None:
    right, up = side
    ax.annotate(
        name,
        xy=point,
        xytext=(GAP * right, GAP * up),
        textcoords="offset points",
        ha={1: "left", 0: "center", -1: "right"}[right],
        va={1: "bottom", 0: "center", -1: "top"}[up],
        size=size,
        path_effects=[withStroke(linewidth=1.6, foreground="white")],
        zorder=6,
        **look,
    )
