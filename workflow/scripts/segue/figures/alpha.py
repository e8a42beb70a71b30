"""The figures of the layer weights alpha: what learning them changes, and what was learned."""

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from segue.errors import SegueError
from segue.figures.looks import ALPHAS, conv_look, convs_in, trained_with
from segue.figures.panels import Panel, draw_curve, lay_out_epochs, overhang, place, short
from segue.figures.rows import check_finite, check_history, each_model, measured_recall, present
from segue.figures.style import GREY, INK, SMALL, STYLE, label_ends, padded, room_for
from segue.run.registry import SAMPLERS

# Dark and thin, pale and thick: told apart in grey, and where one lies on the other.
LOOKS = {
    "fixed": {"zorder": 3},
    "learnable": {"linewidth": 3.6, "alpha": 0.45, "zorder": 2, "markersize": 7, "markevery": [-1]},
}
FREE = "Weights are free, no shares of 1: to grow alike changes no ranking, what counts is their ratio."


@matplotlib.style.context(STYLE)
def alpha_curves(history: pl.DataFrame) -> Figure:
    """Validation Recall@K by epoch with fixed and with learnable alpha: a panel a convolution and sampler.

    ``history``: as for ``recall_curves``. Convolutions and samplers with one alpha only are left out. Raises
    SegueError where none is left, and where ``recall_curves`` does.
    """
    measured, k = measured_recall(history)
    both = measured.filter(pl.col("alpha").n_unique().over("conv", "sampler") == len(ALPHAS))
    if both.is_empty():
        raise SegueError(
            "There is no model with both fixed and learnable alpha to compare.",
            where="history, column alpha",
            found=", ".join("-".join(model) for model, _ in each_model(measured)),
            expected="both, for one convolution and sampler or more",
            fix="set sweep.alpha to [fixed, learnable]",
        )
    panels = _by_conv_and_sampler(both)
    figure = lay_out_epochs(
        f"Fixed and learnable layer weights α: validation Recall@{k}",
        panels,
        f"Validation Recall@{k}\n(share of held-out tracks)",
        padded(both["validation_recall"].min(), both["validation_recall"].max()),
        right=max(room_for(f"{short(0)} {alpha}" for alpha in LOOKS), overhang(panels)),
    )
    for ax, panel in zip(figure.axes, panels, strict=True):
        names, ends = [], []
        for model, table in each_model(panel.table):
            draw_curve(ax, model, table, "validation_recall", **LOOKS[model[2]])
            last = table.sort("epoch").row(-1, named=True)
            value = short(last["validation_recall"])
            names.append((f"{value} {model[2]}", conv_look(model[0]).colour))
            ends.append((last["epoch"], last["validation_recall"]))
        label_ends(ax, names, ends)
    return figure


@matplotlib.style.context(STYLE)
def layer_weight_curves(history: pl.DataFrame) -> Figure:
    r"""The learned alpha of each layer by epoch: a panel a model with learnable alpha, the same axes.

    The final embedding is :math:`\sum_{l=0}^{L} \alpha_l h_l`, with h_0 the input embedding. A dotted line
    is at 1/(L + 1), where they start, and where fixed ones stay. They are free: they may be negative, and
    their sum is not held at 1.

    ``history``: conv, sampler, alpha (String), epoch (integer, from 1) and layer_weights (list of L + 1
    Float64, input first). Raises SegueError when a column is missing, no model has learnable alpha, one is
    unknown or a weight is no number.
    """
    check_history(history, "layer_weights")
    learnable = history.filter(pl.col("alpha") == "learnable")
    if learnable.is_empty():
        raise SegueError(
            "There is no model with learnable layer weights.",
            where="history, column alpha",
            found="fixed",
            expected="learnable",
            fix="set sweep.alpha to [learnable] or [fixed, learnable]",
        )
    weights = learnable.explode("layer_weights")
    check_finite(weights, "layer_weights", "A layer weight")
    panels = _by_conv_and_sampler(learnable)
    low, high = weights["layer_weights"].min(), weights["layer_weights"].max()
    fixed = [_fixed(panel.table) for panel in panels]
    limits = padded(min(low, *fixed), max(high, *fixed))
    figure = lay_out_epochs(
        "Learned layer weights α",
        panels,
        "Weight α of the layer",
        limits,
        right=max(1.2, overhang(panels)),
        note=True,
    )
    for ax, panel in zip(figure.axes, panels, strict=True):
        table = panel.table.sort("epoch")
        colours = _shades(conv_look(table["conv"][0]).colour, len(table["layer_weights"][0]))
        values = np.array(table["layer_weights"].to_list())
        epochs = table["epoch"]
        ax.axhline(_fixed(table), color=INK, linewidth=1, linestyle=":", zorder=1, label="fixed")
        names, ends = [(f"fixed 1/{len(colours)}", INK)], [(epochs[-1], _fixed(table))]
        for layer, colour in enumerate(colours):
            name = f"layer {layer}{'' if layer else ' (input)'}"
            line = SAMPLERS[table["sampler"][0]].line
            ax.plot(
                epochs, values[:, layer], color=colour, linestyle=line, marker=".", markevery=[-1], label=name
            )
            names.append((name, colour))
            ends.append((epochs[-1], values[-1, layer]))
        label_ends(ax, names, ends)
    width, height = figure.get_size_inches()
    figure.text(0.15 / width, 0.1 / height, FREE, size=SMALL, color=GREY)
    return figure


def _by_conv_and_sampler(history: pl.DataFrame) -> list[Panel]:
    """A row a sampler, or several, and a column a convolution."""
    panels, convs = [], convs_in(history)
    for row, sampler in enumerate(present(history, "sampler", SAMPLERS)):
        for column, conv in enumerate(convs):
            table = history.filter(pl.col("sampler") == sampler, pl.col("conv") == conv)
            if table.height:
                title = f"{conv_look(conv).label}, {trained_with(sampler)}"
                panels.append(Panel(*place(row, column, len(convs)), title, table))
    return panels


def _fixed(table: pl.DataFrame) -> float:
    return 1 / len(table["layer_weights"][0])


def _shades(colour: str, count: int) -> list[tuple[float, ...]]:
    """``colour`` for the input, and darker the later the layer."""
    shares = np.linspace(1, 0.3, count)
    return [tuple(share * np.array(to_rgb(colour))) for share in shares]
