"""The figure of how alike playlists that share an artist are, over the epochs."""

import matplotlib.style
import polars as pl
from matplotlib.figure import Figure

from segue.figures.looks import conv_look, short_label
from segue.figures.panels import by_alpha, draw_curve, lay_out_epochs
from segue.figures.rows import check_models, each_model
from segue.figures.style import GREY, SMALL, STYLE, check_columns, label_ends, padded, room_for

COLUMNS = ["conv", "sampler", "alpha", "epoch", "mean_cosine", "random_cosine", "low", "high"]


@matplotlib.style.context(STYLE)
def likeness_curves(table: pl.DataFrame) -> Figure:
    """Mean cosine of playlists that share an artist, less that of any two, by epoch: the panels of
    ``by_alpha``.

    A shade about 0, of the colour of its line, is what chance makes of the same (the interval of the
    permutations, less random_cosine).

    ``table``: conv, sampler, alpha (String), epoch (integer), mean_cosine, random_cosine, low and high
    (Float64), a row a model and epoch. Raises SegueError when a column is missing, there is no row, or a
    model is unknown.
    """
    check_columns(table, "likeness", COLUMNS)
    check_models(table, "likeness")
    table = table.with_columns(pl.col("mean_cosine", "low", "high") - pl.col("random_cosine"))
    panels = by_alpha(table)
    limits = padded(table["low"].min(), max(table["mean_cosine"].max(), table["high"].max()))
    figure = lay_out_epochs(
        "Playlists that share an artist",
        panels,
        "Mean cosine of playlists that share an artist,\nless that of any two",
        limits,
        right=room_for(
            short_label(model, panel.table) for panel in panels for model, _ in each_model(panel.table)
        ),
    )
    for ax, panel in zip(figure.axes, panels, strict=True):
        names, ends = [], []
        for model, rows in each_model(panel.table):
            conv, rows = conv_look(model[0]), rows.sort("epoch")
            ax.fill_between(
                rows["epoch"], rows["low"], rows["high"], color=conv.colour, alpha=0.25, linewidth=0
            )
            draw_curve(ax, model, rows, "mean_cosine")
            names.append((short_label(model, panel.table), conv.colour))
            ends.append((rows["epoch"][-1], rows["mean_cosine"][-1]))
        label_ends(ax, names, ends)
        ax.annotate(
            "shade: chance",
            xy=(1, 0),
            xycoords=ax.get_yaxis_transform(),
            xytext=(-2, 5),
            textcoords="offset points",
            ha="right",
            size=SMALL,
            color=GREY,
        )
    return figure
