"""The figure of the degrees: how they are distributed before and after the k-core."""

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from segue.errors import SegueError
from segue.figures.style import INK, SMALL, STYLE, Sheet, check_columns

STAGES = {"before": ("#9A9A9A", 3.0), "after": ("#111111", 1.3)}
SIDES = {
    "playlist": ("Playlists", "Degree d (tracks on the playlist)"),
    "track": ("Tracks", "Degree d (playlists with the track)"),
}


@matplotlib.style.context(STYLE)
def degree_distribution(degrees: pl.DataFrame, k: int) -> Figure:
    """Share of playlists, and of tracks, with at least d edges, before and after the k-core; log-log.

    ``degrees``: stage (before, after), side (playlist, track; String), degree (integer, from 1) and nodes
    (integer, how many have that degree). ``k``: the K of the core, marked by a line. Raises SegueError
    when a column is missing, or a stage or side has no nodes.
    """
    check_columns(degrees, "degrees", ["stage", "side", "degree", "nodes"])
    sheet = Sheet(rows=1, columns=2, width=4.1, height=3.1, left=0.95, right=0.4, top=1.15)
    figure = sheet.figure(f"Degrees before and after the {k}-core")
    for column, (side, (title, label)) in enumerate(SIDES.items()):
        ax = sheet.add(figure, 0, column)
        ax.set(xscale="log", yscale="log", xlabel=label)
        for stage, (colour, width) in STAGES.items():
            table = degrees.filter(pl.col("stage") == stage, pl.col("side") == side)
            if not table["nodes"].sum():
                raise SegueError(
                    "The degree table has no nodes of a kind.",
                    where=f"stage {stage}, side {side}",
                    found="0 nodes",
                    expected="1 or more",
                )
            degree, share, mean = _distribution(table)
            ax.plot(
                degree,
                share,
                color=colour,
                linewidth=width,
                drawstyle="steps-pre",
                label=f"{stage}: {table['nodes'].sum():,} {title.lower()}, mean degree {mean:,.1f}",
            )
        ax.set_title(title, pad=36)
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.3, handlelength=1.6, borderpad=0)
        _finish_log_axes(ax, k)
    lowest = min(ax.get_ylim()[0] for ax in figure.axes)
    for ax in figure.axes:
        ax.set_ylim(lowest, 1.3)
    figure.axes[0].set_ylabel("Share of nodes with degree ≥ d")
    figure.axes[1].tick_params(labelleft=False)
    return figure


def _distribution(table: pl.DataFrame) -> tuple[np.ndarray, np.ndarray, float]:
    """Degrees in rising order, the share of nodes with at least each of them, and the mean degree."""
    degree, nodes = table.sort("degree").select(pl.col("degree", "nodes").cast(pl.Float64)).to_numpy().T
    return degree, nodes[::-1].cumsum()[::-1] / nodes.sum(), float(degree @ nodes / nodes.sum())


def _finish_log_axes(ax: Axes, k: int) -> None:
    """Plain numbers on the axes, and a line at ``k`` that is named where no curve can run, at the bottom."""
    low, high = ax.dataLim.intervalx
    ax.set_xlim(min(low, k) / 1.25, max(high, k) * 1.25)
    low, high = np.log10(ax.get_xlim())
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high - low < 2.6 else (1,)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:,.10g}%"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
    ax.axvline(k, color=INK, linewidth=1, linestyle=":", label="k")
    right = np.log10(k) - low < 0.15 * (high - low)
    ax.annotate(
        f"K = {k}",
        xy=(k, 0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(4 if right else -4, 5),
        textcoords="offset points",
        ha="left" if right else "right",
        size=SMALL,
    )
