"""The figures over the epochs with a line a model: validation loss, Recall@K and ROC-AUC."""

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from segue.figures.looks import ALPHAS, Model, conv_look, fill, short_label
from segue.figures.panels import (
    Panel,
    by_alpha,
    draw_curve,
    lay_out_epochs,
    models_title,
    note_highest_loss,
)
from segue.figures.rows import check_finite, check_history, each_model, loss_limits, measured_recall, present
from segue.figures.style import STYLE, label_ends, padded, room_for
from segue.run.registry import LOSSES


@matplotlib.style.context(STYLE)
def loss_curves(history: pl.DataFrame, loss: str) -> Figure:
    """Validation loss by epoch: on the left random negatives alone, on the right random and hard ones.

    One row of panels an alpha, the same axes everywhere, which end where ``loss_limits`` says. Peaks above it
    are marked at the edge, and a note names the highest.

    ``history``: conv, sampler, alpha (String), epoch (integer, from 1) and validation_loss (Float64), rows
    of one or more models. ``loss``: its name, for the label. Raises SegueError when a column is
    missing, the table is empty, a model is unknown or a loss is no number.
    """
    check_history(history, "validation_loss")
    check_finite(history, "validation_loss", "A loss")
    panels = []
    for row, alpha in enumerate(present(history, "alpha", ALPHAS)):
        table = history.filter(pl.col("alpha") == alpha)
        random = table.filter(pl.col("sampler") == "random")
        if random.height:
            panels.append(Panel(row, 0, models_title(random), random))
        if random.height < table.height:
            panels.append(Panel(row, 1, models_title(table), table))
    limits = loss_limits(history)
    label = f"Validation {LOSSES[loss].label} loss\n({LOSSES[loss].unit})"
    figure = _curves("Validation loss", panels, "validation_loss", label, limits)
    _mark_peaks(figure, panels, limits[1])
    return figure


@matplotlib.style.context(STYLE)
def recall_curves(history: pl.DataFrame) -> Figure:
    """Validation Recall@K by epoch, where it was measured: the panels of ``by_alpha``, the same axes.

    ``history``: conv, sampler, alpha (String), epoch (integer, from 1), validation_recall (Float64, null
    where not measured) and recall_k (integer, the same everywhere), rows of one or more models. Raises
    SegueError when a column is missing, a model is unknown or has no recall, or there are several K.
    """
    measured, k = measured_recall(history)
    return _curves(
        f"Validation Recall@{k}",
        by_alpha(measured),
        "validation_recall",
        f"Validation Recall@{k}\n(share of held-out tracks found)",
        padded(measured["validation_recall"].min(), measured["validation_recall"].max()),
    )


@matplotlib.style.context(STYLE)
def auc_curves(history: pl.DataFrame) -> Figure:
    """Validation ROC-AUC by epoch: the panels of ``by_alpha``, the same axes.

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
        by_alpha(history),
        "validation_auc",
        "Validation ROC-AUC\n(share of edges above a negative)",
        padded(min(values.min(), 0.5), values.max()),
    )


def _curves(title: str, panels: list[Panel], y: str, label: str, limits: tuple[float, float]) -> Figure:
    """A line a model, named at its end."""
    names = (short_label(model, panel.table) for panel in panels for model, _ in each_model(panel.table))
    figure = lay_out_epochs(title, panels, label, limits, right=room_for(names))
    for ax, panel in zip(figure.axes, panels, strict=True):
        ends = []
        for model, table in each_model(panel.table):
            table = table.sort("epoch")
            draw_curve(ax, model, table, y)
            ends.append((model, table["epoch"][-1], table[y][-1]))
        _name_ends(ax, ends, panel.table)
    return figure


def _name_ends(ax: Axes, ends: list[tuple[Model, float, float]], table: pl.DataFrame) -> None:
    """The models' names at the ``ends`` (model, x, y) of their lines."""
    names = [(short_label(model, table), conv_look(model[0]).colour) for model, *_ in ends]
    label_ends(ax, names, [(x, y) for _, x, y in ends])


def _mark_peaks(figure: Figure, panels: list[Panel], top: float) -> None:
    """A triangle at the upper edge for each peak above ``top``, and a note that names the highest."""
    above = pl.concat(panel.table for panel in panels).filter(pl.col("validation_loss") > top)
    if above.is_empty():
        return
    epochs = max(panel.table["epoch"].max() for panel in panels)
    near = max(1, epochs // 100)  # epochs; marks closer than this would run together
    for ax, panel in zip(figure.axes, panels, strict=True):
        for model, table in each_model(panel.table.filter(pl.col("validation_loss") > top)):
            run = (pl.col("epoch").diff() > near).fill_null(False).cum_sum()
            runs = table.sort("epoch").group_by(run.alias("run"), maintain_order=True)
            peaks = runs.agg(pl.col("epoch").sort_by("validation_loss").last())
            ax.plot(
                peaks["epoch"],
                np.ones(peaks.height),
                transform=ax.get_xaxis_transform(),
                clip_on=False,
                linestyle="",
                marker="^",
                color=conv_look(model[0]).colour,
                markerfacecolor=fill(model),
                label="peaks",
            )
    note_highest_loss(figure, above, "▲ peak above the end of the axis")
