"""The figure from which to choose K: how large the cores are."""

import matplotlib.style
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from segue.errors import SegueError
from segue.figures.style import INK, SMALL, STEPS, STYLE, Sheet, check_columns, label_ends

# Colour, dashes and width of each line: told apart in grey as well.
PLAYLISTS, TRACKS, BOTH = ("#0072B2", "-", 1.3), ("#D55E00", (0, (3.5, 1.5)), 1.3), ("#111111", "-", 2.6)
COUNTS = {
    "edges": ("edges", BOTH),
    "playlists": ("playlists", PLAYLISTS),
    "tracks": ("tracks", TRACKS),
}
MEANS = {
    "mean_degree": ("all nodes", BOTH),
    "mean_degree_playlists": ("playlists", PLAYLISTS),
    "mean_degree_tracks": ("tracks", TRACKS),
}


@matplotlib.style.context(STYLE)
def core_sizes(ladder: pl.DataFrame, k: int) -> Figure:
    """Left the playlists, tracks and edges of the K-core by K, on a log scale; right its mean degrees.

    ``ladder``: k (integer), COUNTS (integer) and MEANS (Float64), a row a core that is not empty. ``k``: the
    chosen K, marked by a line and dots, its values written above. Raises SegueError when a column or ``k`` is
    missing.
    """
    check_columns(ladder, "ladder", ["k", *COUNTS, *MEANS])
    ladder = ladder.sort("k")
    chosen = ladder.filter(pl.col("k") == k)
    if chosen.height != 1:
        raise SegueError(
            "The ladder lacks the chosen core.",
            where="ladder, column k",
            found=", ".join(map(str, ladder["k"])) or "no row",
            expected=f"one row with K = {k}",
            fix="build the core again with this graph.k_core",
        )
    row = chosen.row(0, named=True)
    sheet = Sheet(rows=1, columns=2, width=3.9, height=3.1, left=1.1, right=1.35, top=0.95)
    figure = sheet.figure("Sizes of the K-cores")
    counts, means = (sheet.add(figure, 0, column) for column in range(2))
    _draw(counts, ladder, COUNTS, k)
    _log_limits(counts)
    _name(counts, ladder, COUNTS)
    _draw(means, ladder, MEANS, k)
    means.set_ylim(0, 1.1 * means.dataLim.y1)
    _name(means, ladder, MEANS)
    counts.set_ylabel("Count")
    means.set_ylabel("Mean degree")
    _title(
        counts,
        "Size",
        f"K = {k}: {row['playlists']:,} playlists, {row['tracks']:,} tracks, {row['edges']:,} edges",
    )
    shown = f"all nodes {row['mean_degree']:,.1f}, playlists {row['mean_degree_playlists']:,.1f}"
    _title(means, "Mean degree", f"K = {k}: {shown}, tracks {row['mean_degree_tracks']:,.1f}")
    return figure


def _draw(ax: Axes, ladder: pl.DataFrame, lines: dict, k: int) -> None:
    for column, (name, (colour, dashes, width)) in lines.items():
        dot = [ladder["k"].index_of(k)]
        ax.plot(
            ladder["k"],
            ladder[column],
            label=name,
            color=colour,
            linestyle=dashes,
            linewidth=width,
            marker="o",
            markevery=dot,
        )
    low, high = ladder["k"].min(), ladder["k"].max()
    pad = 0.02 * (high - low) + 0.1 if high > low else 0.6  # so that all ticks are whole numbers
    ax.set_xlim(low - pad, high + pad)
    ax.xaxis.set_major_locator(MaxNLocator(10, steps=STEPS, integer=True, min_n_ticks=1))
    ax.set_xlabel("K (least degree in the core)")
    ax.axvline(k, color=INK, linewidth=1, linestyle=":", zorder=1, label="k")


def _log_limits(ax: Axes) -> None:
    """Plain numbers, and enough of them where the sizes differ little."""
    low, high = ax.dataLim.intervaly
    ax.set(yscale="log", ylim=(low / 1.3, 1.3 * high))
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 100 * low else (1,)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def _name(ax: Axes, ladder: pl.DataFrame, lines: dict) -> None:
    last = ladder.row(-1, named=True)
    names = [(name, colour) for name, (colour, *_) in lines.values()]
    label_ends(ax, names, [(last["k"], last[column]) for column in lines])


def _title(ax: Axes, title: str, values: str) -> None:
    ax.set_title(title, pad=20)
    ax.annotate(
        values, xy=(0, 1), xycoords="axes fraction", xytext=(0, 6), textcoords="offset points", size=SMALL
    )
