"""The figure of the test: all metrics of all models at one cut-off."""

from collections.abc import Iterable

import matplotlib.style
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from segue.errors import SegueError
from segue.figures.looks import (
    ALPHAS,
    BASELINES,
    conv_look,
    convs_in,
    dot,
    family_of,
    scorer_label,
    trained_with,
)
from segue.figures.rows import baselines, check_models, each_model, present, trained_models
from segue.figures.style import (
    GREY,
    INK,
    SMALL,
    STEPS,
    STYLE,
    Sheet,
    check_columns,
    padded,
    room_for,
)
from segue.run.registry import CONVOLUTIONS, SAMPLERS

# The bars of means over playlists, and of seeds.
INTERVAL = {"linewidth": 5, "alpha": 0.3, "solid_capstyle": "butt", "label": "interval", "zorder": 2}
OF_SEEDS = {"color": INK, "linewidth": 0.9, "marker": "|", "markersize": 6, "label": "seeds", "zorder": 5}
Z = 1.96  # standard errors on either side of a mean: 95% of the normal law

METRICS = {
    "recall@{k}": ("Recall@{k}", "Share of held-out tracks in the top {k}"),
    "ndcg@{k}": ("NDCG@{k}", "Gain as a share of the ideal ranking's"),
    "hit_rate@{k}": ("Hit rate@{k}", "Share of playlists with a hit in the top {k}"),
    "r_precision": ("R-precision", "Share of n held-out tracks in the top n"),
    "mrr": ("MRR", "Mean of 1 / rank of the first hit"),
    "roc_auc": ("ROC-AUC", "P(test edge scores above a random one)"),
}


@matplotlib.style.context(STYLE)
def final_metrics(
    summary: pl.DataFrame, k: int, errors: pl.DataFrame | None = None, seeds: pl.DataFrame | None = None
) -> Figure:
    """Test metrics of all models: a panel a metric, a row a convolution and alpha, a marker a sampler.

    Each baseline has a row below, where it has the metric, and the best of them a line across the panel. The
    values of the best model and of the best baseline are written out. Pale bars are the 95% intervals of
    means over playlists, thin ones with ends reach from the least to the largest of several seeds.

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
    below = {name: max(rows.values()) + 1.5 + i for i, name in enumerate(others["model"])}
    height = 0.35 + 0.24 * (len(rows) + len(below))
    names = [*(f"{conv_look(c).label} {ALPHAS[a]}" for c, a in rows), *map(scorer_label, below)]
    left = room_for(names)
    sheet = Sheet(rows=2, columns=3, width=2.7, height=height, left=left, right=0.35, gap=0.85)
    counts = sorted({models["playlists"].min(), models["playlists"].max()})
    figure = sheet.figure(f"Test metrics ({' to '.join(f'{n:,}' for n in counts)} playlists)")
    bars = [_intervals(errors), _of_seeds(seeds)]
    _legend(figure, present(models, "sampler", SAMPLERS), [bool(spans) for spans in bars])
    for position, (name, (title, unit)) in enumerate(metrics.items()):
        ax = sheet.add(figure, *divmod(position, 3))
        ax.set_title(title)
        ax.set_xlabel(unit, size=SMALL)
        if position % 3 == 0:
            ax.set_yticks([*rows.values(), *below.values()], names)
        else:
            ax.set_yticks([*rows.values(), *below.values()], [])
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
    return figure


def metrics_at(k: int) -> dict[str, tuple[str, str]]:
    """METRICS at the cut-off ``k``: column, title and unit."""
    return {
        name.format(k=k): (title.format(k=k), unit.format(k=k)) for name, (title, unit) in METRICS.items()
    }


def check_metrics(models: pl.DataFrame, name: str, metrics: Iterable[str]) -> None:
    """Raises SegueError where a model of the table called ``name`` lacks one of ``metrics``."""
    for metric in metrics:
        without = models.filter(pl.col(metric).is_null())["model"].to_list()
        if without:
            raise SegueError(
                "A model lacks a metric.",
                where=f"{name}, {', '.join(without)}",
                found=f"{metric} null",
                expected="a number",
            )


def set_metric_axis(ax: Axes, low: float, high: float) -> None:
    """The x axis from ``low`` to ``high``, with ticks where a metric can be, from 0 to 1."""
    ticks = MaxNLocator(5, steps=STEPS).tick_values(low, high)
    ax.set_xticks([tick for tick in ticks if max(low, 0) <= tick <= min(high, 1)])
    ax.set_xlim(low, high)


def _metric_rows(models: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Height of each row, downwards from 0, with half a row between families of convolutions."""
    convs, drawn = convs_in(models), models.select("conv", "alpha").rows()
    pairs = [(conv, alpha) for conv in convs for alpha in ALPHAS if (conv, alpha) in drawn]
    families = list(dict.fromkeys(map(family_of, convs)))
    return {
        (conv, alpha): row + 0.5 * families.index(family_of(conv)) for row, (conv, alpha) in enumerate(pairs)
    }


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
        ax.plot(
            [values.min(), values.max()], [row, row], color=conv_look(conv).colour, linewidth=1, label="range"
        )
    for model, table in each_model(models):
        ax.plot(
            table[name],
            [rows[model[0], model[2]]],
            linestyle="",
            label="-".join(model),
            zorder=4 if SAMPLERS[model[1]].filled else 3,
            **dot(*model[:2]),
        )
    for baseline, value in held.items():
        ax.plot(value, below[baseline], linestyle="", marker="^", markersize=5, color=INK, label=baseline)
    values = [*models[name], *held.values()]
    values += [end for _, *ends in (*intervals.values(), *of_seeds.values()) for end in ends]
    low, high = padded(min(values), max(values), 0.06)
    end = high + 0.2 * (high - low)  # room for the value of the best
    set_metric_axis(ax, low, end)
    (conv, _, alpha), table = max(each_model(models), key=lambda model: model[1][name][0])
    bars = intervals | of_seeds
    _write_value(ax, table[name][0], bars.get(table["model"][0]), rows[conv, alpha], weight="bold")
    last = max([*rows.values(), *below.values()])
    ax.set_ylim(last + 0.7, -0.7)
    ax.tick_params(axis="y", length=0, labelcolor=INK)
    ax.grid(visible=False, axis="y")
    if of_baselines := [scorer for scorer in held if scorer in BASELINES]:
        best = max(of_baselines, key=held.get)
        ax.axvline(held[best], color=INK, linewidth=1, linestyle=":", zorder=1, label="best baseline")
        _write_value(ax, held[best], bars.get(best), below[best])


def _write_value(
    ax: Axes, value: float, bar: tuple[float, float, float] | None, row: float, weight: str = "normal"
) -> None:
    """Right of the mark of ``value``, and of its ``bar`` (height and ends) where it has one."""
    ax.annotate(
        f"{value:.3f}",
        xy=(max(value, bar[2]) if bar else value, row),
        xytext=(9, 0),
        textcoords="offset points",
        va="center",
        size=SMALL,
        weight=weight,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
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


def _legend(figure: Figure, samplers: list[str], bars: list[bool]) -> None:
    """``bars``: whether there are intervals of playlists, and of seeds."""
    handles = [
        Line2D([], [], linestyle="", label=trained_with([sampler]), **_in_ink(sampler))
        for sampler in samplers
    ]
    looks = (INTERVAL | {"label": "95% interval"}, OF_SEEDS | {"label": "least to largest seed"})
    handles += [
        Line2D([], [], **({"color": INK} | look)) for look, there in zip(looks, bars, strict=True) if there
    ]
    figure.legend(
        handles=handles, loc="upper right", ncols=len(handles), handletextpad=0.4, borderaxespad=0.6
    )


def _in_ink(sampler: str) -> dict[str, str | float]:
    """The marker of models of ``sampler``, whatever their convolution."""
    entry = SAMPLERS[sampler]
    fill = (INK if entry.pairs else GREY) if entry.filled else "white"
    in_ink = {"marker": "o", "color": INK, "markerfacecolor": fill, "markeredgecolor": INK}
    return dot(next(iter(CONVOLUTIONS)), sampler) | in_ink
