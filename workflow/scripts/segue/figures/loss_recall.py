"""The figure of the article's puzzle: with hard negatives the loss rises late, and yet recall rises too."""

import matplotlib.style
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from segue.figures.looks import Model, conv_look, convs_in, fill
from segue.figures.panels import by_training, lay_out, note_highest_loss
from segue.figures.rows import check_finite, check_history, each_model, loss_limits, measured_recall
from segue.figures.style import (
    GREY,
    INK,
    STEPS,
    STYLE,
    legend_below_title,
    padded,
)
from segue.run.registry import LOSSES, SAMPLERS

START, END = ("x", 6.0), ("*", 9.0)  # marker, points
# Of the legend: letters of one line, names in each of several, inches of each.
LONG, IN_A_LINE, LINE = 60, 3, 0.19


@matplotlib.style.context(STYLE)
def loss_recall_paths(history: pl.DataFrame, loss: str) -> Figure:
    """Recall@K (y) against loss (x), both of validation: a model's path through the epochs with a recall.

    The panels of ``by_training``, the same axes everywhere; the first point of a path is a cross, the last a
    star. The loss axis ends where ``loss_limits`` says; a note names the highest loss
    beyond it.

    ``history``: conv, sampler, alpha (String), epoch (integer, from 1), validation_loss (Float64),
    validation_recall (Float64, null where not measured) and recall_k (integer, the same everywhere), rows of
    one or more models. ``loss``: its name, for the label. Raises SegueError when a column is missing, a
    model is unknown or has no recall, there are several K, or a loss is no number.
    """
    check_history(history, "validation_loss")
    measured, k = measured_recall(history)
    check_finite(measured, "validation_loss", "A loss")
    panels = by_training(measured)
    handles = _handles(measured)
    columns = IN_A_LINE if sum(len(each.get_label()) for each in handles) > LONG else len(handles)
    limits = loss_limits(measured)
    recall = measured["validation_recall"]
    beyond = measured.filter(pl.col("validation_loss") > limits[1])
    figure = lay_out(
        "Loss against recall over the epochs",
        panels,
        (
            f"Validation {LOSSES[loss].label} loss ({LOSSES[loss].unit})",
            f"Validation Recall@{k}\n(share of held-out tracks)",
        ),
        (limits, padded(recall.min(), recall.max())),
        right=0.35,
        top=1.05 + LINE * (-(-len(handles) // columns) - 1),
        note=beyond.height > 0,
    )
    for ax, panel in zip(figure.axes, panels, strict=True):
        ax.xaxis.set_major_locator(MaxNLocator(7, steps=STEPS))
        for model, table in each_model(panel.table):
            _draw_path(ax, model, table.sort("epoch"))
    legend_below_title(figure, handles, columns, columnspacing=1.4)
    if beyond.height:
        note_highest_loss(figure, beyond, "Paths go on beyond the end of the axis")
    return figure


def _draw_path(ax: Axes, model: Model, table: pl.DataFrame) -> None:
    conv, points = conv_look(model[0]), (table["validation_loss"], table["validation_recall"])
    ax.plot(
        *points,
        label="-".join(model),
        color=conv.colour,
        linestyle=SAMPLERS[model[1]].line,
        marker=conv.marker,
        markersize=3,
        markerfacecolor=fill(model),
    )
    for name, at, (marker, size) in (("start", 0, START), ("end", -1, END)):
        ax.plot(
            *([values[at]] for values in points),
            label=name,
            linestyle="",
            marker=marker,
            markersize=size,
            color=conv.colour,
            markeredgecolor=INK if name == "end" else conv.colour,
            markeredgewidth=0.6 if name == "end" else 1.8,
            zorder=4,
        )


def _handles(measured: pl.DataFrame) -> list[Line2D]:
    """Of the legend: the convolutions, and the ends of the paths."""
    handles = [
        Line2D([], [], color=look.colour, marker=look.marker, label=look.label)
        for look in map(conv_look, convs_in(measured))
    ]
    ends = (START, measured["epoch"].min()), (END, measured["epoch"].max())
    return handles + [
        Line2D([], [], linestyle="", color=GREY, marker=marker, markersize=size, label=f"epoch {epoch}")
        for (marker, size), epoch in ends
    ]
