"""The figures over the epochs with a line a model: validation loss, Recall@K and ROC-AUC."""

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from segue.figures.looks import conv_look, fill
from segue.figures.panels import (
    Panel,
    by_training,
    draw_named_curves,
    lay_out_epochs,
    note_highest_loss,
    room_for_names,
)
from segue.figures.rows import check_finite, check_history, each_model, loss_limits, measured_recall
from segue.figures.style import STYLE, padded
from segue.run.registry import LOSSES


@matplotlib.style.context(STYLE)
def loss_curves(history: pl.DataFrame, loss: str) -> Figure:
    """Validation loss by epoch: the panels of ``by_training``, the same axes, which end where ``loss_limits``
    says. Peaks above it are marked at the edge, and a note names the highest.

    ``history``: conv, sampler, alpha (String), epoch (integer, from 1) and validation_loss (Float64), rows
    of one or more models. ``loss``: its name, for the label. Raises SegueError when a column is
    missing, the table is empty, a model is unknown or a loss is no number.
    """
    check_history(history, "validation_loss")
    check_finite(history, "validation_loss", "A loss")
    panels, limits = by_training(history), loss_limits(history)
    title = f"Validation {LOSSES[loss].label} loss"
    label = f"{title}\n({LOSSES[loss].unit})"
    beyond = history["validation_loss"].max() > limits[1]
    figure = _curves(title, panels, "validation_loss", label, limits, note=beyond)
    _mark_peaks(figure, panels, limits[1])
    return figure


@matplotlib.style.context(STYLE)
def recall_curves(history: pl.DataFrame) -> Figure:
    """Validation Recall@K by epoch, where it was measured: the panels of ``by_training``, the same axes.

    ``history``: conv, sampler, alpha (String), epoch (integer, from 1), validation_recall (Float64, null
    where not measured) and recall_k (integer, the same everywhere), rows of one or more models. Raises
    SegueError when a column is missing, a model is unknown or has no recall, or there are several K.
    """
    measured, k = measured_recall(history)
    return _curves(
        f"Validation Recall@{k}",
        by_training(measured),
        "validation_recall",
        f"Validation Recall@{k}\n(share of held-out tracks)",
        padded(measured["validation_recall"].min(), measured["validation_recall"].max()),
    )


@matplotlib.style.context(STYLE)
def auc_curves(history: pl.DataFrame) -> Figure:
    """Validation ROC-AUC by epoch: the panels of ``by_training``, the same axes.

    The share of all pairs of a validation edge and a random negative in which the edge scores higher: 0.5
    for scores that know nothing. The axis starts at 0.5, or below where a curve does.

    ``history``: conv, sampler, alpha (String), epoch (integer, from 1) and validation_auc (Float64), rows of
    one or more models. Raises SegueError when a column is missing, the table is empty, a model is unknown
    or a value is no number.
    """
    check_history(history, "validation_auc")
    check_finite(history, "validation_auc", "A ROC-AUC")
    values = history["validation_auc"]
    return _curves(
        "Validation ROC-AUC",
        by_training(history),
        "validation_auc",
        "Validation ROC-AUC\n(edges above a negative)",
        padded(min(values.min(), 0.5), values.max()),
    )


def _curves(
    title: str, panels: list[Panel], y: str, label: str, limits: tuple[float, float], note: bool = False
) -> Figure:
    """A line a model, named at its end."""
    figure = lay_out_epochs(title, panels, label, limits, room_for_names(panels), note)
    for ax, panel in zip(figure.axes, panels, strict=True):
        draw_named_curves(ax, panel, y)
    return figure


def _mark_peaks(figure: Figure, panels: list[Panel], top: float) -> None:
    """A triangle at the upper edge for each peak above ``top``, and a note that names the highest."""
    above = pl.concat(panel.table for panel in panels).filter(pl.col("validation_loss") > top)
    if above.is_empty():
        return
    epochs = max(panel.table["epoch"].max() for panel in panels)
    near = max(1, epochs // 100)  # epochs; marks closer than this would run together
    marked = False
    for ax, panel in zip(figure.axes, panels, strict=True):
        for model, table in each_model(panel.table):
            if len(peaks := _peaks(table, top, near)):
                marked = True
                ax.plot(
                    peaks,
                    np.ones(len(peaks)),
                    transform=ax.get_xaxis_transform(),
                    clip_on=False,
                    linestyle="",
                    marker="^",
                    color=conv_look(model[0]).colour,
                    markerfacecolor=fill(model),
                    label="peaks",
                )
    what = "▲ peak above the end of the axis" if marked else "Curves come from above the end of the axis"
    note_highest_loss(figure, above, what)


def _peaks(table: pl.DataFrame, top: float, near: int) -> pl.Series:
    """The epoch of the highest loss of each run of epochs above ``top``; those at most ``near`` apart are one
    run. Where a curve comes down from above at its start, it has no peak there."""
    epoch = pl.col("epoch")
    above = table.filter(pl.col("validation_loss") > top).sort("epoch")
    run = (epoch.diff() > near).fill_null(False).cum_sum()
    runs = above.group_by(run.alias("run"), maintain_order=True).agg(
        epoch.sort_by("validation_loss").last(), first=epoch.min(), last=epoch.max()
    )
    whole = pl.col("last") == table["epoch"].max()
    return runs.filter((pl.col("first") > table["epoch"].min()) | whole)["epoch"]
