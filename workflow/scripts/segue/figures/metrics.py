"""The figure of the test: all metrics of all models at one cut-off."""

from collections.abc import Iterable

import matplotlib.style
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from segue.figures.looks import (
    ALPHAS,
    BASELINES,
    conv_look,
    convs_in,
    dot,
    family_of,
    scorer_label,
    stroke,
    trained_with,
)
from segue.figures.measures import check_metrics, metrics_at, set_metric_axis
from segue.figures.rows import baselines, check_models, each_model, present, trained_models
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
from segue.run.registry import CONVOLUTIONS, SAMPLERS

# The bars of means over playlists, and of seeds.
INTERVAL = {"linewidth": 5, "alpha": 0.3, "solid_capstyle": "butt", "label": "interval", "zorder": 2}
RANGE = {"linewidth": 0.9, "alpha": 0.5, "label": "range"}  # from one model of a row to another
OF_SEEDS = {"color": INK, "linewidth": 0.9, "marker": "|", "markersize": 6, "label": "seeds", "zorder": 5}
BEST_BASELINE = {"color": INK, "linewidth": 1, "linestyle": ":", "zorder": 1, "label": "best baseline"}
NOTE = "Right of a row is its highest value; bold is the highest of all, to three decimals."
Z = 1.96  # standard errors on either side of a mean: 95% of the normal law


@matplotlib.style.context(STYLE)
def final_metrics(
    summary: pl.DataFrame, k: int, errors: pl.DataFrame | None = None, seeds: pl.DataFrame | None = None
) -> Figure:
    """Test metrics of all models: a panel a metric, a row a convolution and alpha, a marker a sampler.

    Blends and baselines have a row each below, where they have the metric, and the best baseline a line
    across the panel. Right of each row stands its highest value, bold where none is higher, whoever has it.
    Pale bars are the 95% intervals of means over playlists, thin ones with ends reach from the least to the
    largest of several seeds.

    ``summary``: model, conv, sampler, alpha (String), playlists (integer) and METRICS at ``k`` (Float64),
    a row a model; rows of baselines have no conv, sampler and alpha and may lack a metric. ``errors``: what
    ``standard_errors`` returns; ``seeds``: what ``seeds_table`` does.
    Raises SegueError when a column is missing, there is no model, or one is unknown or lacks a metric.
    """
    metrics = metrics_at(k)
    check_columns(summary, "summary", ["model", "conv", "sampler", "alpha", "playlists", *metrics])
    models, others = trained_models(summary), baselines(summary)
    check_models(models, "summary")
    check_metrics(models, "summary", metrics)

    rows = _metric_rows(models)
    headings, below = _rows_below(others["model"], max(rows.values()))
    heights = [*rows.values(), *below.values(), *headings.values()]
    names = [*(f"{conv_look(c).label}, {ALPHAS[a]}" for c, a in rows), *map(scorer_label, below), *headings]
    sheet = Sheet(
        rows=2,
        columns=3,
        width=2.6,
        height=0.35 + 0.23 * (max(heights) + 1),
        left=room_for(names),
        right=0.65,
        top=1.0,
        bottom=0.85,
        gap=0.85,
    )
    counts = sorted({models["playlists"].min(), models["playlists"].max()})
    figure = sheet.figure(f"Test metrics ({' to '.join(f'{n:,}' for n in counts)} playlists)")
    bars = [_intervals(errors), _of_seeds(seeds)]
    there = [set(BASELINES) & set(below), *bars]
    _legend(figure, present(models, "sampler", SAMPLERS), [bool(each) for each in there])
    for position, (name, (title, unit)) in enumerate(metrics.items()):
        ax = sheet.add(figure, *divmod(position, 3))
        ax.set_title(title)
        ax.set_xlabel(unit, size=SMALL)
        ax.set_yticks(heights, names if position % 3 == 0 else [])
        ax.tick_params(axis="y", length=0, labelcolor=INK)
        for heading in ax.get_yticklabels()[len(rows) + len(below) :]:
            heading.set(weight="bold", color=GREY)
        held = dict(others.select("model", name).drop_nulls().iter_rows())
        places = {"-".join(model): rows[model[0], model[2]] for model, _ in each_model(models)} | below
        spans = [
            {
                model: (places[model], low, high)
                for (model, metric), (low, high) in each.items()
                if metric == name
            }
            for each in bars
        ]
        _draw_metric(ax, models, name, rows, held, below, *spans)
        _write_values(ax, models, name, rows, {below[scorer]: value for scorer, value in held.items()})
        ax.set_ylim(max(heights) + 0.7, -0.7)
        ax.grid(visible=False, axis="y")
    width, height = figure.get_size_inches()
    figure.text(0.15 / width, 0.13 / height, NOTE, size=SMALL, color=GREY)
    return figure


def _metric_rows(models: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Height of each row, downwards from 0, with half a row between families of convolutions."""
    convs, drawn = convs_in(models), models.select("conv", "alpha").rows()
    pairs = [(conv, alpha) for conv in convs for alpha in ALPHAS if (conv, alpha) in drawn]
    families = list(dict.fromkeys(map(family_of, convs)))
    return {
        (conv, alpha): row + 0.5 * families.index(family_of(conv)) for row, (conv, alpha) in enumerate(pairs)
    }


def _rows_below(scorers: Iterable[str], last: float) -> tuple[dict[str, float], dict[str, float]]:
    """Heights of the headings of blends and baselines, and of each of ``scorers``, below the row ``last``."""
    headings: dict[str, float] = {}
    below: dict[str, float] = {}
    for scorer in scorers:
        heading = "Baselines" if scorer in BASELINES else "Blends"
        if heading not in headings:
            last += 1.5
            headings[heading] = last
        last += 1
        below[scorer] = last
    return headings, below


def _draw_metric(
    ax: Axes,
    models: pl.DataFrame,
    name: str,
    rows: dict[tuple[str, str], float],
    held: dict[str, float],
    below: dict[str, float],
    intervals: dict[str, tuple[float, float, float]],
    of_seeds: dict[str, tuple[float, float, float]],
) -> None:
    """``rows`` and ``below``: heights of models and of baselines; ``held``: baselines that have it.
    ``intervals`` and ``of_seeds``: height and ends of bars, by the name of model or baseline."""
    colours = {"-".join(model): conv_look(model[0]).colour for model, _ in each_model(models)}
    for model, (row, *ends) in intervals.items():
        ax.plot(ends, [row, row], color=colours.get(model, INK), **INTERVAL)
    for row, *ends in of_seeds.values():
        ax.plot(ends, [row, row], **OF_SEEDS)
    for (conv, alpha), row in rows.items():
        values = models.filter(pl.col("conv") == conv, pl.col("alpha") == alpha)[name]
        ax.plot([values.min(), values.max()], [row, row], color=conv_look(conv).colour, **RANGE)
    for model, table in each_model(models):
        ax.plot(
            table[name],
            [rows[model[0], model[2]]],
            linestyle="",
            label="-".join(model),
            zorder=4 if SAMPLERS[model[1]].filled else 3,
            **dot(*model[:2]),
        )
    for scorer, value in held.items():
        mark = {"marker": stroke(scorer), "markersize": 7, "markeredgewidth": 1.3, "color": INK}
        ax.plot(value, below[scorer], linestyle="", label=scorer, zorder=3, **mark)
    if of_baselines := [value for scorer, value in held.items() if scorer in BASELINES]:
        ax.axvline(max(of_baselines), **BEST_BASELINE)
    values = [*models[name], *held.values()]
    values += [end for _, *ends in (*intervals.values(), *of_seeds.values()) for end in ends]
    set_metric_axis(ax, *padded(min(values), max(values), 0.06))


def _write_values(
    ax: Axes, models: pl.DataFrame, name: str, rows: dict[tuple[str, str], float], below: dict[float, float]
) -> None:
    """Right of the axes, the highest value of each row; ``below``: of those that are no models, by height."""
    highest = models.group_by("conv", "alpha").agg(pl.col(name).max()).iter_rows()
    values = {rows[conv, alpha]: value for conv, alpha, value in highest} | below
    best = f"{max(values.values()):.3f}"
    for row, value in values.items():
        text = f"{value:.3f}"
        ax.annotate(
            text,
            xy=(1, row),
            xycoords=ax.get_yaxis_transform(),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            size=SMALL,
            weight="bold" if text == best else "normal",
            color=INK if text == best else GREY,
        )


def _intervals(errors: pl.DataFrame | None) -> dict[tuple[str, str], tuple[float, float]]:
    """Ends of the 95% interval of each mean that has one, by model and metric."""
    if errors is None:
        return {}
    rows = errors.drop_nulls("error").select("model", "metric", "mean", "error").iter_rows()
    return {(model, metric): (mean - Z * error, mean + Z * error) for model, metric, mean, error in rows}


def _of_seeds(seeds: pl.DataFrame | None) -> dict[tuple[str, str], tuple[float, float]]:
    """Least and largest value of several seeds, by model and metric."""
    if seeds is None:
        return {}
    rows = seeds.drop_nulls("sd").select("model", "metric", "least", "largest").iter_rows()
    return {(model, metric): ends for model, metric, *ends in rows}


def _legend(figure: Figure, samplers: list[str], there: list[bool]) -> None:
    """``there``: whether there are baselines, intervals of playlists, and of seeds."""
    handles = [
        Line2D([], [], linestyle="", label=trained_with(sampler), **_in_ink(sampler)) for sampler in samplers
    ]
    looks = (
        BEST_BASELINE,
        INTERVAL | {"color": INK, "label": "95% interval"},
        OF_SEEDS | {"label": "least to largest seed"},
    )
    handles += [Line2D([], [], **look) for look, shown in zip(looks, there, strict=True) if shown]
    legend_below_title(figure, handles, handletextpad=0.4)


def _in_ink(sampler: str) -> dict[str, str | float]:
    """The marker of models of ``sampler``, whatever their convolution."""
    entry = SAMPLERS[sampler]
    fill = (INK if entry.pairs else GREY) if entry.filled else "white"
    in_ink = {"marker": "o", "color": INK, "markerfacecolor": fill, "markeredgecolor": INK}
    return dot(next(iter(CONVOLUTIONS)), sampler) | in_ink
