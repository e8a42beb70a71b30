"""What all figures share: colours, sizes and type, panels on a sheet, names at the ends of lines, PNG files.

Where nodes are drawn, playlists are circles, tracks squares, artists triangles and albums pentagons. Layout
is in inches and text in points, as printed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from segue.errors import SegueError
from segue.files import atomic


@dataclass(frozen=True)
class Node:
    """How the nodes of one kind are named and drawn."""

    name: str
    colour: str
    marker: str


NODES = {
    "playlist": Node("playlist", "#0072B2", "o"),
    "track": Node("track", "#D55E00", "s"),
}
# Nodes that a graph may have besides.
RELATED = {
    "artist": Node("artist", "#222222", "^"),
    "album": Node("album", "#CC79A7", "p"),
}
INK, GREY = "#222222", "#555555"
SMALL, NORMAL, LARGE = 8.5, 9.5, 12.5  # points
POINTS = 72  # an inch
DPI = 180
COLOURS = 256  # of a file: a byte a pixel
STEPS = [1, 2, 5, 10]  # of ticks

# On top of matplotlib's own defaults, so that a user's matplotlibrc changes nothing.
STYLE = [
    "default",
    {
        "font.size": NORMAL,
        "axes.titlesize": NORMAL,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 7,
        "axes.labelsize": NORMAL,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "text.color": INK,
        "grid.color": "#E4E4E4",
        "grid.linewidth": 0.6,
        "lines.linewidth": 1.3,
        "lines.markersize": 4,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "legend.fontsize": SMALL,
        "legend.frameon": False,
    },
]


@matplotlib.style.context(STYLE)
def save_png(figure: Figure, path: str | Path) -> None:
    """Writes ``figure`` as PNG at DPI, whole or not at all; no version or date goes in: equal bytes.

    It has COLOURS at most, which are chosen so that none is far from its own: no difference is seen, and a
    file takes a third of the bytes.
    """
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    # A round of k-means moves the chosen colours to those that are drawn most: two that are alike stay apart.
    few = drawn.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    with atomic(path) as temporary:
        few.save(temporary, format="PNG", dpi=(DPI, DPI), optimize=True)


@dataclass(frozen=True)
class Sheet:
    """Equal panels in a grid, in inches. ``right`` is the margin of each panel, ``gap`` lies between rows."""

    rows: int
    columns: int
    width: float
    height: float
    left: float
    right: float
    top: float = 0.7
    bottom: float = 0.62
    gap: float = 0.5

    def figure(self, title: str) -> Figure:
        width = self.left + self.columns * (self.width + self.right)
        height = self.top + self.rows * (self.height + self.gap) - self.gap + self.bottom
        figure = Figure(figsize=(width, height), dpi=DPI)
        figure.text(0.15 / width, 1 - 0.13 / height, title, size=LARGE, weight="bold", va="top")
        return figure

    def add(self, figure: Figure, row: int, column: int) -> Axes:
        width, height = figure.get_size_inches()
        left = self.left + column * (self.width + self.right)
        bottom = height - self.top - row * (self.height + self.gap) - self.height
        return figure.add_axes((left / width, bottom / height, self.width / width, self.height / height))


def label_ends(ax: Axes, names: list[tuple[str, str]], ends: list[tuple[float, float]]) -> None:
    """Names (text, colour of the line) right of the axes, as level with the lines' ends (x, y) as they fit.

    What joins them is thinner than any line, and no part of one. The limits of the axes are to be set before.
    """
    points = np.array(ends, dtype=float)
    points[:, 1] = np.clip(points[:, 1], *ax.get_ylim())
    width, height = ax.bbox.size * POINTS / ax.figure.dpi
    wanted = (ax.transData.transform(points)[:, 1] - ax.bbox.y0) * POINTS / ax.figure.dpi
    places = spread(wanted, 1.3 * SMALL, 0, height)
    for (name, colour), point, place in zip(names, points, places, strict=True):
        ax.annotate(
            name,
            xy=point,
            xytext=(width + 12, place),
            textcoords="axes points",
            va="center",
            size=SMALL,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.5,
                "alpha": 0.7,
                "relpos": (0, 0.5),
                "shrinkA": 1,
                "shrinkB": 2,
            },
        )


def room_for(names: Iterable[str]) -> float:
    """Inches that ``names`` need beside a panel: at the ends of its lines, or at its ticks."""
    return (26 + 0.62 * SMALL * max(map(len, names))) / POINTS


def spread(wanted: np.ndarray, gap: float, low: float, high: float) -> np.ndarray:
    r"""Positions [n] at least ``gap`` apart, in the order of ``wanted`` and as near to it as that allows.

    .. math:: \min_z \sum_i (z_i - w_i)^2 \quad\text{where}\quad z_{i+1} \ge z_i + g, \quad l \le z_i \le h

    for w in rising order: isotonic regression of :math:`w_i - i g` by pooling adjacent violators. Where n
    positions do not fit between ``low`` and ``high``, they start at ``low``.
    """
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    pools: list[list[float]] = []
    for value in wanted[order] - steps:
        pools.append([value])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    level = np.concatenate([np.full(len(pool), np.mean(pool)) for pool in pools])
    placed = np.empty(len(wanted))
    placed[order] = np.clip(level, low, max(low, high - steps[-1])) + steps
    return placed


def legend_below_title(
    figure: Figure, handles: list[Line2D], columns: int | None = None, **spacing: float
) -> None:
    """``handles`` below a sheet's title, ``columns`` in a line, or all; ``spacing`` goes to matplotlib."""
    width, height = figure.get_size_inches()
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.15 / width, 1 - 0.42 / height),
        ncols=columns or len(handles),
        borderpad=0,
        borderaxespad=0,
        **spacing,
    )


def padded(low: float, high: float, share: float = 0.04) -> tuple[float, float]:
    """Limits a little wider than the values, and not so close that tick labels take many decimals."""
    pad = max(share * (high - low), 0.02 * abs(high) - (high - low) / 2) or 0.01
    return low - pad, high + pad


def check_columns(table: pl.DataFrame, name: str, columns: list[str]) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise SegueError(
            "A table lacks what the figure shows.",
            where=name,
            found=f"no column {', '.join(missing)}; columns: {', '.join(table.columns)}",
            expected=", ".join(columns),
        )
