"""Panels of a family each: convolutions that differ in their relations, their marks side by side."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from segue.errors import SegueError
from segue.figures.looks import conv_look, convs_in, family_of
from segue.figures.rows import each_model
from segue.figures.style import GREY, INK, Sheet, label_ends, legend_below_title

Family = tuple[str, str, str]  # like, sampler, alpha

# Of the distance between two places on the x axis: from a model's mark to the next one's, and all at most.
STEP, SPREAD = 0.17, 0.8
LINE, IN_A_LINE = 0.19, 4  # of the legend: inches, and names
MARK = 6.5  # points


def families_in(models: pl.DataFrame) -> dict[Family, pl.DataFrame]:
    """The rows of each family that was trained alike, in the order of the figures.

    Raises SegueError where a model has no family.
    """
    nameless = models.filter(pl.col("like").is_null())
    if nameless.height:
        raise SegueError(
            "A model has no family to be drawn with.",
            where="column like",
            found=f"null, of {nameless['model'][0]}",
            expected="the convolution that it is like, its own where it is like no other",
        )
    found: dict[Family, list[pl.DataFrame]] = {}
    for (_, sampler, alpha), rows in each_model(models):
        found.setdefault((rows["like"][0], sampler, alpha), []).append(rows)
    return {family: pl.concat(tables) for family, tables in found.items()}


def lay_out_families(
    title: str, models: pl.DataFrame, rows: int, columns: int, right: float
) -> tuple[Sheet, Figure]:
    """A sheet of ``columns`` families and its figure, with a legend of all convolutions below the title, a
    line a family.

    ``right``: inches beside a panel.
    """
    families: dict[str, list[Line2D]] = {}
    for conv in convs_in(models):
        look = conv_look(conv)
        mark = {"linestyle": "", "marker": look.marker, "markersize": MARK, "color": look.colour}
        families.setdefault(family_of(conv), []).append(Line2D([], [], label=look.label, **mark))
    lines = [
        each[first : first + IN_A_LINE]
        for each in families.values()
        for first in range(0, len(each), IN_A_LINE)
    ]
    width, top = (3.6 if columns < 3 else 3.0), 0.95 + LINE * len(lines)
    sheet = Sheet(rows, columns, width, 2.3, left=0.95, right=right, top=top, bottom=0.75, gap=0.85)
    figure = sheet.figure(title)
    # A legend is filled by columns; where a line is shorter than others, nothing stands.
    by_column = [*zip_longest(*lines, fillvalue=Line2D([], [], linestyle="", label=""))]
    handles = [handle for column in by_column for handle in column]
    legend_below_title(figure, handles, len(by_column), handletextpad=0.3)
    return sheet, figure


def draw_side_by_side(
    ax: Axes, rows: pl.DataFrame, x: str, y: str, interval: tuple[str, str] | None = None
) -> None:
    """A mark a model of ``rows`` and value of column ``x``, at the height ``y``, with a line from the first
    to the second of ``interval``. What has no ``y`` is left out, its place stays free."""
    models = [*each_model(rows)]
    step = min(STEP, SPREAD / len(models))
    for place, (model, table) in enumerate(models):
        look, table = conv_look(model[0]), table.drop_nulls(y)
        at = table[x] + step * (place - (len(models) - 1) / 2)
        if interval:
            ax.vlines(at, *(table[end] for end in interval), color=look.colour, label="interval")
        ax.plot(
            at,
            table[y],
            linestyle="",
            marker=look.marker,
            markersize=MARK,
            color=look.colour,
            label="-".join(model),
            zorder=3,
        )


def draw_references(
    ax: Axes, rows: pl.DataFrame, x: str, looks: Mapping[str, tuple[str, dict[str, Any]]]
) -> None:
    """A line a model of ``looks`` that ``rows`` has, recall by column ``x``, with its name at the end; looks:
    of each the name, and matplotlib's properties of the line."""
    names, ends = [], []
    for model, (name, look) in looks.items():
        table = rows.filter(pl.col("model") == model)
        if table.height:
            ax.plot(table[x], table["recall"], label=model, color=GREY, markersize=7, zorder=2, **look)
            names.append((name, GREY))
            ends.append((table[x][-1], table["recall"][-1]))
    if names:
        label_ends(ax, names, ends)


def name_places(ax: Axes, names: list[str], shown: bool) -> None:
    """An x axis of ``names``, from 1; where they are not ``shown``, those of a panel below count."""
    ax.set_xticks(range(1, 1 + len(names)), names if shown else [""] * len(names))
    ax.tick_params(axis="x", length=0, labelcolor=INK)
    ax.grid(visible=False, axis="x")
