"""Panels in a grid that share their axes: laid out, and labelled at the edges of the grid only."""

from dataclasses import dataclass

import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from segue.style import STEPS, Sheet

WIDTHS = {1: 5.6, 2: 3.5, 3: 2.45}  # inches of a panel, by the number of columns


@dataclass(frozen=True)
class Panel:
    """What is drawn in one panel: rows of a table, and the panel's place in the grid."""

    row: int
    column: int
    title: str
    table: pl.DataFrame


def lay_out(
    title: str,
    panels: list[Panel],
    labels: tuple[str, str],
    limits: tuple[tuple[float, float], tuple[float, float]],
    right: float = 1.12,
) -> Figure:
    """A figure with a panel each of ``panels``: panel i is axes i of the figure.

    ``labels`` and ``limits``: of x and of y, the same everywhere. ``right``: inches right of each panel, for
    the names of the lines. A column to the left of all panels takes no room.
    """
    first, last = min(p.column for p in panels), max(p.column for p in panels)
    rows, columns = 1 + max(p.row for p in panels), 1 + last - first
    height = 2.0 if rows > 1 else 3.2
    sheet = Sheet(rows, columns, WIDTHS[columns], height, left=0.95, right=right, bottom=0.75)
    figure = sheet.figure(title)
    for panel in panels:
        ax = sheet.add(figure, panel.row, panel.column - first)
        ax.set_title(panel.title)
        ax.set(xlim=limits[0], ylim=limits[1])
        ax.yaxis.set_major_locator(MaxNLocator(7, steps=STEPS))
        if not any(p.column == panel.column and p.row > panel.row for p in panels):
            ax.set_xlabel(labels[0])
        else:
            ax.tick_params(labelbottom=False)
        if not any(p.row == panel.row and p.column < panel.column for p in panels):
            ax.set_ylabel(labels[1])
        else:
            ax.tick_params(labelleft=False)
    return figure


def lay_out_epochs(
    title: str, panels: list[Panel], label: str, limits: tuple[float, float], right: float = 1.12
) -> Figure:
    """``lay_out`` with the epochs, from 1, on the x axis; ``label`` and ``limits`` are those of y."""
    last = max(panel.table["epoch"].max() for panel in panels)
    figure = lay_out(title, panels, ("Epoch", label), ((0, 1.02 * last + 0.1), limits), right)
    for ax in figure.axes:
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=STEPS, integer=True))
    return figure
