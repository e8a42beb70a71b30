"""The figure of the ablation: what each channel of the second stage brings, in all and by category."""

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from segue.challenge.holdout import CATEGORIES
from segue.challenge.scores import ALL, METRICS, NOTHING, SURE
from segue.errors import SegueError
from segue.figures.looks import scorer_label
from segue.figures.style import (
    GREY,
    INK,
    SMALL,
    STEPS,
    STYLE,
    Sheet,
    check_columns,
    legend_below_title,
    padded,
    room_for,
)

COLUMNS = [
    *("without", "group", "category", "playlists"),
    *(f"{part}_{name}" for name in METRICS for part in ("difference", "error")),
]
GROUP, CHANNEL = "#D55E00", "#0072B2"
COLOURS = "RdBu"  # of gains: red where there is a loss
ROW, LEAST = 0.21, 1.2  # inches of a row, and of a panel
CELL = 7.5  # points
PALE = 1.6  # times the largest gain is the darkest colour: figures stay legible
NOTE = (
    "Of invented playlists, many tracks are by favourite artists and titles come from themes: what artists "
    "and titles bring is an upper bound."
)
HOW = (
    "Lines to both sides: ± a standard error. "
    f"By category, a number stands where the difference is {SURE} of it or more."
)


@matplotlib.style.context(STYLE)
def ablation_figure(table: pl.DataFrame, invented: bool = False) -> Figure:
    """A row each channel and group of channels: what is lost without it, with its standard error, and below
    the same by category. Groups come first; the rows are in the order of the NDCG that is lost.

    ``table``: COLUMNS, the differences those of a second stage without something to that with all, as
    `segue.challenge.second_stage.ablation` gives them. More is better, of clicks too: what is shown is how
    many are saved. ``invented``: whether the playlists are. Raises SegueError where a column is missing, or
    nothing is left out.
    """
    check_columns(table, "ablation.parquet", COLUMNS)
    gains = gains_of(table)
    if gains.is_empty():
        raise SegueError(
            "There is no channel to draw.",
            where="ablation.parquet",
            found="no row without a channel",
            expected="one or more",
        )
    everyone = gains.filter(pl.col("category") == ALL).sort(
        "group", "ndcg", "without", descending=[True, True, False]
    )
    order = list(everyone.select("group", "without").iter_rows())
    names = [name if group else scorer_label(name) for group, name in order]
    numbers = [number for number in CATEGORIES if str(number) in set(gains["category"])]
    sheet = Sheet(
        rows=2,
        columns=len(METRICS),
        width=2.9,
        height=max(LEAST, ROW * len(names)),
        left=room_for(names),
        right=0.3,
        top=1.0,
        bottom=1.75,
        gap=0.85,
    )
    figure = sheet.figure(f"What each channel brings ({everyone['playlists'][0]:,} validation playlists)")
    handles = [
        Line2D([], [], color=colour, marker="o", label=label)
        for label, colour in (("a group, left out", GROUP), ("a channel, left out", CHANNEL))
    ]
    legend_below_title(figure, handles)
    for column, (name, metric) in enumerate(METRICS.items()):
        top, bottom = (sheet.add(figure, row, column) for row in range(2))
        saved = ", saved" if metric.less_is_better else ""
        top.set_title(metric.title + saved)
        _draw_gains(top, everyone, name)
        factor, unit = (100, "hundredths") if metric.less_is_better else (1000, "thousandths")
        bottom.set_title(f"{metric.title}{saved}, in {unit}")
        _draw_categories(bottom, gains, order, numbers, name, factor)
        groups = int(everyone["group"].sum())
        for ax in (top, bottom):
            ax.set_yticks(range(len(names)), names if column == 0 else [])
            ax.set_ylim(len(names) - 0.5, -0.5)
            ax.tick_params(axis="y", length=0, labelcolor=INK)
            if 0 < groups < len(names):
                ax.axhline(groups - 0.5, color=GREY, linewidth=0.6)
    width, height = figure.get_size_inches()
    note = f"{HOW}\n{NOTE}" if invented else HOW
    figure.text(0.15 / width, 0.13 / height, note, size=SMALL, color=GREY)
    return figure


def gains_of(table: pl.DataFrame) -> pl.DataFrame:
    """without, group, category, playlists, and by metric what is lost without (more is better) and its
    standard error, ``error_*``; a row what is left out and category."""
    losses = {
        name: pl.col(f"difference_{name}") * (1 if metric.less_is_better else -1)
        for name, metric in METRICS.items()
    }
    rows = table.filter(pl.col("without") != NOTHING)
    errors = [f"error_{name}" for name in METRICS]
    return rows.select("without", "group", "category", "playlists", **losses).hstack(rows.select(errors))


def _draw_gains(ax: Axes, rows: pl.DataFrame, name: str) -> None:
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    ends = []
    values = rows.select(name, f"error_{name}", "group").iter_rows()
    for height, (gain, error, group) in enumerate(values):
        colour = GROUP if group else CHANNEL
        ax.plot([gain - error, gain + error], [height] * 2, color=colour, label="error")
        ax.plot(gain, height, marker="o", color=colour, label="gain")
        ends += [gain - error, gain + error]
    ax.set_xlim(padded(min(*ends, 0), max(*ends, 0), 0.06))
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=STEPS))
    ax.grid(visible=False, axis="y")


def _draw_categories(
    ax: Axes,
    gains: pl.DataFrame,
    order: list[tuple[bool, str]],
    numbers: list[int],
    name: str,
    factor: int,
) -> None:
    """A cell each row of ``order``, group and without, and category: its colour by the gain; its text, where
    the gain is sure, that times ``factor``."""
    keys = "group", "without", "category"
    cells = {
        tuple(key): (gain, error)
        for *key, gain, error in gains.select(*keys, name, f"error_{name}").iter_rows()
    }
    grid = np.array([[cells[*row, str(number)] for number in numbers] for row in order])
    most = PALE * np.abs(grid[..., 0]).max() or 1.0
    edges = np.arange(len(numbers) + 1) - 0.5, np.arange(len(order) + 1) - 0.5
    look = {"cmap": COLOURS, "vmin": -most, "vmax": most, "edgecolor": "white", "linewidth": 0.4}
    ax.pcolormesh(*edges, grid[..., 0], **look)
    for (row, column), gain in np.ndenumerate(grid[..., 0]):
        if gain and abs(gain) >= SURE * grid[row, column, 1]:
            ax.text(column, row, round(factor * gain), size=CELL, ha="center", va="center")
    ax.set_xticks(range(len(numbers)), [CATEGORIES[number].name for number in numbers], rotation=90)
    ax.tick_params(axis="x", length=0, labelcolor=INK)
    ax.grid(visible=False)
