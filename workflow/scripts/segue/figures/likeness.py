"""The figure of how alike playlists that share an artist are, over the epochs."""

import matplotlib.style
import polars as pl
from matplotlib.figure import Figure

from segue.figures.panels import by_training, draw_named_curves, lay_out_epochs, room_for_names
from segue.figures.rows import check_models, each_model
from segue.figures.style import GREY, STYLE, check_columns, padded

COLUMNS = ["conv", "sampler", "alpha", "epoch", "mean_cosine", "random_cosine", "low", "high"]
CHANCE = "#C4C4C4"


@matplotlib.style.context(STYLE)
def likeness_curves(table: pl.DataFrame) -> Figure:
    """Mean cosine of playlists that share an artist, less that of any two, by epoch: the panels of
    ``by_training``.

    A grey shade about 0 is what chance makes of the same (the intervals of the permutations of all models of
    the panel, less random_cosine).

    ``table``: conv, sampler, alpha (String), epoch (integer), mean_cosine, random_cosine, low and high
    (Float64), a row a model and epoch. Raises SegueError when a column is missing, there is no row, or a
    model is unknown.
    """
    check_columns(table, "likeness", COLUMNS)
    check_models(table, "likeness")
    table = table.with_columns(pl.col("mean_cosine", "low", "high") - pl.col("random_cosine"))
    panels = by_training(table)
    limits = padded(table["low"].min(), max(table["mean_cosine"].max(), table["high"].max()))
    figure = lay_out_epochs(
        "How much more alike two playlists are when they share an artist",
        panels,
        "Mean cosine of the embeddings,\nsharing an artist less any two",
        limits,
        right=room_for_names(panels),
    )
    for ax, panel in zip(figure.axes, panels, strict=True):
        for _, rows in each_model(panel.table):
            rows = rows.sort("epoch")
            ax.fill_between(rows["epoch"], rows["low"], rows["high"], color=CHANCE, linewidth=0, zorder=1)
        draw_named_curves(ax, panel, "mean_cosine", [("by chance", GREY, 0.0)])
    return figure
