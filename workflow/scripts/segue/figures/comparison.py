"""The figure that sets runs beside each other: a panel a metric, a row a model, a mark a run."""

from typing import Any

import matplotlib.style
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from segue.errors import SegueError
from segue.figures.metrics import check_metrics, metrics_at, set_metric_axis
from segue.figures.model_rows import check_models, each_model
from segue.figures.style import (
    ALPHAS,
    CONVS,
    GREY,
    INK,
    SMALL,
    STYLE,
    Model,
    Sheet,
    check_columns,
    fill,
    legend_below_title,
    padded,
)

# Of the other runs, in their order. Longer than a dot, so that they are seen where two values are equal.
STROKES = [
    {"marker": marker, "markersize": size, "markeredgewidth": 1.4}
    for marker, size in (("|", 13.0), ("x", 9.0), ("+", 13.0), ("1", 13.0))
]


@matplotlib.style.context(STYLE)
def run_comparison(comparison: pl.DataFrame, runs: list[str], k: int) -> Figure:
    """Test metrics of several runs: this one, the last of ``runs``, is a dot, each other one a stroke.

    ``comparison``: run, model, conv, sampler, alpha (String) and METRICS at ``k`` (Float64), a row a run and
    model, as ``compared_table`` returns it. Raises SegueError when a column is missing, a model is unknown
    or lacks a metric, or there are more runs than kinds of strokes.
    """
    metrics = metrics_at(k)
    check_columns(comparison, "comparison", ["run", "model", "conv", "sampler", "alpha", *metrics])
    check_models(comparison, "comparison")
    check_metrics(comparison, "comparison", metrics)
    *others, this = runs
    if len(others) > len(STROKES):
        raise SegueError(
            "There are too many runs to tell apart in a figure.",
            where="compare.runs",
            found=f"{len(others)} runs",
            expected=f"at most {len(STROKES)}",
        )
    looks = dict(zip(others, STROKES, strict=False)) | {this: {"markersize": 6.0}}
    rows = _rows(comparison)
    height = 0.35 + 0.24 * (max(rows.values()) + 1)
    sheet = Sheet(rows=2, columns=3, width=2.7, height=height, left=1.8, right=0.45, top=0.95, gap=0.85)
    figure = sheet.figure("Test metrics of several runs")
    _legend(figure, looks)
    for position, (name, (title, unit)) in enumerate(metrics.items()):
        ax = sheet.add(figure, *divmod(position, 3))
        ax.set_title(title)
        ax.set_xlabel(unit, size=SMALL)
        ax.set_yticks(list(rows.values()), [_name(model) for model in rows] if position % 3 == 0 else [])
        for model, table in each_model(comparison):
            _draw_runs(ax, model, rows[model], dict(table.select("run", name).iter_rows()), looks)
        set_metric_axis(ax, *padded(comparison[name].min(), comparison[name].max(), 0.06))
        ax.set_ylim(max(rows.values()) + 0.7, -0.7)
        ax.tick_params(axis="y", length=0, labelcolor=INK)
        ax.grid(visible=False, axis="y")
    return figure


def _rows(comparison: pl.DataFrame) -> dict[Model, float]:
    """Height of each model's row, downwards from 0, with half a row between convolutions."""
    models = [model for model, _ in each_model(comparison)]
    convs = list(dict.fromkeys(conv for conv, *_ in models))
    return {model: row + 0.5 * convs.index(model[0]) for row, model in enumerate(models)}


def _name(model: Model) -> str:
    conv, sampler, alpha = model
    return f"{CONVS[conv].name} {sampler}, {ALPHAS[alpha]}"


def _draw_runs(
    ax: Axes, model: Model, row: float, values: dict[str, float], looks: dict[str, dict[str, Any]]
) -> None:
    """A mark at the value of each run, and a line that joins them."""
    conv = CONVS[model[0]]
    ax.plot(
        [min(values.values()), max(values.values())], [row, row], color=GREY, linewidth=0.8, label="range"
    )
    for run, look in looks.items():
        if run in values:
            dot = {"marker": conv.marker, "markerfacecolor": fill(model)}
            ax.plot(values[run], row, label=run, linestyle="", color=conv.colour, zorder=3, **(dot | look))


def _legend(figure: Figure, looks: dict[str, dict[str, Any]]) -> None:
    handles = [
        Line2D([], [], label=run, linestyle="", color=INK, **({"marker": "o"} | look))
        for run, look in looks.items()
    ]
    legend_below_title(figure, handles, handletextpad=0.2)
