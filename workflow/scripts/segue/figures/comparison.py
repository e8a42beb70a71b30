"""The test metrics of several runs side by side, after a check that they were tested alike."""

import math
from typing import Any

import matplotlib.style
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from segue.errors import SegueError
from segue.figures.looks import Model, conv_look, family_of, fill, model_label
from segue.figures.measures import check_metrics, metrics_at, set_metric_axis
from segue.figures.rows import check_models, each_model, trained_models
from segue.figures.style import (
    GREY,
    INK,
    SMALL,
    STYLE,
    Sheet,
    check_columns,
    legend_below_title,
    padded,
    room_for,
)


def compared_table(summaries: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """A row a run and model, for the models that two runs or more have; the run's name is column ``run``.

    ``summaries``: by the run's name, its table of test metrics: model, conv, sampler, alpha (String),
    playlists (integer) and metrics (Float64), the row of the baseline ``popularity`` included. Baselines are
    the same in runs of one split, and are left out. Models are in the order of the figures, a model's runs in
    that of ``summaries``. A metric that a run lacks is null. Raises
    SegueError when there is one run only, no model in common, or popularity scores differently in two runs,
    which were then tested on different edges.
    """
    if len(summaries) < 2:
        raise SegueError(
            "There is no other run to compare with.",
            where="compare.runs",
            found="no run",
            expected="name and results folder of one or more",
            fix="see config/bce.yaml for an example",
        )
    for name in summaries:
        check_models(trained_models(summaries[name]), f"summary of {name}")
        _check_same_test(summaries, next(iter(summaries)), name)
    runs = [table.select(pl.lit(name).alias("run"), pl.all()) for name, table in summaries.items()]
    shared = trained_models(pl.concat(runs, how="diagonal")).filter(pl.len().over("model") > 1)
    if shared.is_empty():
        held = (f"{name}: {', '.join(trained_models(table)['model'])}" for name, table in summaries.items())
        raise SegueError(
            "The runs have no model in common.",
            where="compare.runs",
            found="; ".join(held),
            expected="a model that two runs have",
            fix="make the runs with the same sweep",
        )
    return pl.concat(rows for _, rows in each_model(shared))


def _check_same_test(summaries: dict[str, pl.DataFrame], first: str, second: str) -> None:
    """Popularity ranks by the train and validation edges, and is scored by the test edges."""
    one, other = (_popularity(summaries[name], name) for name in (first, second))
    for column in sorted(one.keys() & other.keys()):
        if not math.isclose(one[column], other[column], rel_tol=1e-6):
            raise SegueError(
                "The runs were not tested on the same edges, so that their metrics cannot be compared.",
                where=f"{column} of the ranking by popularity",
                found=f"{first}: {one[column]:.6g}, {second}: {other[column]:.6g}",
                expected="the same value",
                fix="make the runs with the same data, graph, split and evaluate settings",
            )


def _popularity(summary: pl.DataFrame, name: str) -> dict[str, float]:
    rows = summary.filter(pl.col("model") == "popularity").select(pl.selectors.numeric())
    if rows.height != 1:
        raise SegueError(
            "A table of test metrics lacks the ranking by popularity.",
            where=f"summary of {name}",
            found=f"{rows.height} rows of model popularity",
            expected="1 row",
        )
    return {column: value for column, value in rows.row(0, named=True).items() if value is not None}


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
    left = room_for(map(model_label, rows))
    sheet = Sheet(rows=2, columns=3, width=2.7, height=height, left=left, right=0.45, top=0.95, gap=0.85)
    figure = sheet.figure("Test metrics of several runs")
    _legend(figure, looks)
    for position, (name, (title, unit)) in enumerate(metrics.items()):
        ax = sheet.add(figure, *divmod(position, 3))
        ax.set_title(title)
        ax.set_xlabel(unit, size=SMALL)
        ax.set_yticks(list(rows.values()), list(map(model_label, rows)) if position % 3 == 0 else [])
        for model, table in each_model(comparison):
            _draw_runs(ax, model, rows[model], dict(table.select("run", name).iter_rows()), looks)
        set_metric_axis(ax, *padded(comparison[name].min(), comparison[name].max(), 0.06))
        ax.set_ylim(max(rows.values()) + 0.7, -0.7)
        ax.tick_params(axis="y", length=0, labelcolor=INK)
        ax.grid(visible=False, axis="y")
    return figure


def _rows(comparison: pl.DataFrame) -> dict[Model, float]:
    """Height of each model's row, downwards from 0, with half a row between families of convolutions."""
    models = [model for model, _ in each_model(comparison)]
    families = list(dict.fromkeys(family_of(conv) for conv, *_ in models))
    return {model: row + 0.5 * families.index(family_of(model[0])) for row, model in enumerate(models)}


def _draw_runs(
    ax: Axes, model: Model, row: float, values: dict[str, float], looks: dict[str, dict[str, Any]]
) -> None:
    """A mark at the value of each run, and a line that joins them."""
    conv = conv_look(model[0])
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
