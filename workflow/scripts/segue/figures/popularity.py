"""The figure of where artists and albums help: recall of rare and of popular tracks, with and without."""

import matplotlib.style
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from segue.figures.families import (
    draw_references,
    draw_side_by_side,
    families_in,
    lay_out_families,
    name_places,
)
from segue.figures.looks import model_label, scorer_label, stroke
from segue.figures.rows import baselines, check_models, trained_models
from segue.figures.style import INK, STEPS, STYLE, check_columns, padded, room_for

COLUMNS = ["model", "conv", "sampler", "alpha", "like", "quarter", "k", "recall", "gain", "low", "high"]
QUARTERS = ["rarest\nquarter", "second", "third", "most popular\nquarter"]


@matplotlib.style.context(STYLE)
def recall_by_popularity(table: pl.DataFrame, k: int) -> Figure:
    """A column of panels a family: Recall@``k`` by quarter of the tracks, and below what relations add to it.

    A quarter's marks stand in the order of the legend; a gain is the difference to the model without
    relations, with its 95% interval. Dotted lines are baselines.

    ``table``: COLUMNS, a row a model, quarter (1 to 4, the rarest tracks first) and k; conv, sampler, alpha
    and like are null of baselines, gain, low and high of what has nothing to be compared with. Raises
    SegueError when a column is missing, there is no model at ``k``, or one is unknown.
    """
    check_columns(table, "popularity.parquet", COLUMNS)
    table = table.filter(pl.col("k") == k).sort("quarter", maintain_order=True)
    models, others = trained_models(table), baselines(table)
    check_models(models, f"popularity.parquet, k {k}")
    families = families_in(models)
    lines = {
        name: (scorer_label(name), {"marker": stroke(name), "linestyle": ":", "linewidth": 0.8})
        for name in others["model"].unique(maintain_order=True)
    }
    right = room_for(name for name, _ in lines.values()) if lines else 0.3
    sheet, figure = lay_out_families(
        f"Recall@{k} by popularity of the track", models, 2, len(families), right
    )
    recalls = padded(min(0, table["recall"].min()), table["recall"].max())
    gains = padded(min(0, table["low"].min() or 0), max(0, table["high"].max() or 0), 0.08)
    for column, (family, rows) in enumerate(families.items()):
        top, bottom = (sheet.add(figure, row, column) for row in range(2))
        top.set_title(model_label(family))
        bottom.set_title("Gain by artists and albums")
        bottom.axhline(0, color=INK, linewidth=0.8, zorder=1)
        for ax, limits in ((top, recalls), (bottom, gains)):
            ax.set(xlim=(0.5, 4.5), ylim=limits)
            ax.yaxis.set_major_locator(MaxNLocator(6, steps=STEPS))
            name_places(ax, QUARTERS, shown=ax is bottom)
            ax.tick_params(labelleft=column == 0)
        draw_side_by_side(top, rows, "quarter", "recall")
        draw_side_by_side(bottom, rows, "quarter", "gain", ("low", "high"))
        draw_references(top, others, "quarter", lines)
        bottom.set_xlabel("Tracks of the core, by how many playlists they are on")
        if column == 0:
            top.set_ylabel(f"Recall@{k}\n(share of held-out tracks)")
            bottom.set_ylabel(f"Gain in Recall@{k}\n(95% interval)")
    return figure
