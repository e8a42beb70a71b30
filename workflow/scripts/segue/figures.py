"""The figures: one function each, tables in, a matplotlib Figure out.

Any nonempty part of the twelve models can be drawn. segue.style says how they look.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from segue.errors import SegueError
from segue.style import (
    ALPHAS,
    CONVS,
    DOTS,
    GREY,
    INK,
    SAMPLERS,
    SMALL,
    STEPS,
    STYLE,
    Model,
    Sheet,
    check_columns,
    label_ends,
    padded,
)

LOSSES = {"bpr": "BPR loss\n(nats per pair)", "bce": "BCE loss\n(nats per edge)"}
METRICS = {
    "recall@{k}": ("Recall@{k}", "Share of held-out tracks in the top {k}"),
    "ndcg@{k}": ("NDCG@{k}", "Gain as a share of the ideal ranking's"),
    "hit_rate@{k}": ("Hit rate@{k}", "Share of playlists with a hit in the top {k}"),
    "r_precision": ("R-precision", "Share of n held-out tracks in the top n"),
    "mrr": ("MRR", "Mean of 1 / rank of the first hit"),
    "roc_auc": ("ROC-AUC", "P(test edge scores above a random one)"),
}
STAGES = {"before": ("#9A9A9A", 3.0), "after": ("#111111", 1.3)}
SIDES = {
    "playlist": ("Playlists", "Degree d (tracks on the playlist)"),
    "track": ("Tracks", "Degree d (playlists with the track)"),
}


@matplotlib.style.context(STYLE)
def loss_curves(history: pl.DataFrame, loss: str) -> Figure:
    r"""Validation loss by epoch: on the left random negatives alone, on the right random and hard ones.

    One row of panels an alpha, the same axes everywhere. So that early spikes do not press the curves
    flat, the loss axis ends at

    .. math:: \max(l + 2 (u - l), \ln 2)

    with l the least loss, u the highest, over models, 95th percentile of the second half of a model's
    epochs, and ln 2 the loss where all scores are equal. Peaks above it are marked at the edge, and a note
    names the highest. Where the highest is no more than a quarter further up, the axis reaches it.

    ``history``: conv, sampler, alpha (String), epoch (integer, from 1) and validation_loss (Float64), rows
    of one or more models. ``loss``: bpr or bce, for the label. Raises SegueError when a column is
    missing, the table is empty, a model is unknown or a loss is no number.
    """
    check_columns(history, "history", ["conv", "sampler", "alpha", "epoch", "validation_loss"])
    _check_models(history, "history")
    unknown = history.filter(pl.col("validation_loss").is_finite().fill_null(False).not_())
    if unknown.height:
        bad = unknown.row(0, named=True)
        raise SegueError(
            "A loss cannot be drawn.",
            where=f"{bad['conv']}-{bad['sampler']}-{bad['alpha']}, epoch {bad['epoch']}",
            found=f"validation_loss {bad['validation_loss']}",
            expected="a finite number",
            fix="lower train.lr and train the model again",
        )
    panels = []
    for row, alpha in enumerate(_present(history, "alpha", ALPHAS)):
        table = history.filter(pl.col("alpha") == alpha)
        present = _present(table, "sampler", SAMPLERS)
        if "random" in present:
            panels.append(_Panel(row, 0, table.filter(pl.col("sampler") == "random")))
        if "hard" in present:
            panels.append(_Panel(row, 1, table))
    limits = _loss_limits(history)
    figure = _curves("Validation loss", panels, "validation_loss", f"Validation {LOSSES[loss]}", limits)
    _mark_peaks(figure, panels, limits[1])
    return figure


@matplotlib.style.context(STYLE)
def recall_curves(history: pl.DataFrame) -> Figure:
    """Validation Recall@K by epoch, where it was measured: one panel an alpha, the same axes.

    ``history``: conv, sampler, alpha (String), epoch (integer, from 1), validation_recall (Float64, null
    where not measured) and recall_k (integer, the same everywhere), rows of one or more models. Raises
    SegueError when a column is missing, a model is unknown or has no recall, or there are several K.
    """
    check_columns(history, "history", ["conv", "sampler", "alpha", "epoch", "validation_recall", "recall_k"])
    _check_models(history, "history")
    ks = history["recall_k"].unique().sort().to_list()
    if len(ks) != 1:
        raise SegueError(
            "The histories do not measure the same recall.",
            where="history, recall_k",
            found=", ".join(map(str, ks)),
            expected="one K",
            fix="train all models with the same train.recall_k",
        )
    for model, table in _models(history):
        if table["validation_recall"].null_count() == table.height:
            raise SegueError(
                "A history has no recall to draw.",
                where="-".join(model),
                found=f"validation_recall null at each of {table.height} epochs",
                expected="a value at one epoch or more",
                fix="train the model again: recall is always measured at the last epoch",
            )
    measured = history.drop_nulls("validation_recall")
    panels = [
        _Panel(0, column, measured.filter(pl.col("alpha") == alpha))
        for column, alpha in enumerate(_present(measured, "alpha", ALPHAS))
    ]
    return _curves(
        f"Validation Recall@{ks[0]}",
        panels,
        "validation_recall",
        f"Validation Recall@{ks[0]}\n(share of held-out tracks found)",
        padded(measured["validation_recall"].min(), measured["validation_recall"].max()),
    )


@matplotlib.style.context(STYLE)
def final_metrics(summary: pl.DataFrame, k: int) -> Figure:
    """Test metrics of all models: a panel a metric, a row a convolution and alpha, a marker a sampler.

    The ranking by popularity is a line across each panel whose metric it has. The best model's value is
    written out.

    ``summary``: model, conv, sampler, alpha (String), playlists (integer) and METRICS at ``k`` (Float64),
    a row a model; the row of model ``popularity`` has no conv, sampler and alpha and may lack a metric.
    Raises SegueError when a column is missing, there is no model, or one is unknown or lacks a metric.
    """
    metrics = {name.format(k=k): [text.format(k=k) for text in texts] for name, texts in METRICS.items()}
    check_columns(summary, "summary", ["model", "conv", "sampler", "alpha", "playlists", *metrics])
    models = summary.filter(pl.col("model") != "popularity")
    _check_models(models, "summary")
    for name in metrics:
        without = models.filter(pl.col(name).is_null())["model"].to_list()
        if without:
            raise SegueError(
                "A model lacks a metric.",
                where=f"summary, {', '.join(without)}",
                found=f"{name} null",
                expected="a number",
            )

    rows = _metric_rows(models)
    sheet = Sheet(
        rows=2, columns=3, width=2.7, height=0.35 + 0.24 * len(rows), left=1.25, right=0.35, gap=0.85
    )
    counts = sorted({models["playlists"].min(), models["playlists"].max()})
    figure = sheet.figure(f"Test metrics ({' to '.join(f'{n:,}' for n in counts)} playlists)")
    _sampler_legend(figure, _present(models, "sampler", SAMPLERS))
    popularity = summary.filter(pl.col("model") == "popularity")
    for position, (name, (title, unit)) in enumerate(metrics.items()):
        ax = sheet.add(figure, *divmod(position, 3))
        ax.set_title(title)
        ax.set_xlabel(unit, size=SMALL)
        if position % 3 == 0:
            ax.set_yticks(list(rows.values()), [f"{CONVS[c].name} {ALPHAS[a]}" for c, a in rows])
        else:
            ax.set_yticks(list(rows.values()), [])
        reference = popularity[name][0] if popularity.height else None
        _draw_metric(ax, models, reference, name, rows)
    return figure


@matplotlib.style.context(STYLE)
def degree_distribution(degrees: pl.DataFrame, k: int) -> Figure:
    """Share of playlists, and of tracks, with at least d edges, before and after the k-core; log-log.

    ``degrees``: stage (before, after), side (playlist, track; String), degree (integer, from 1) and nodes
    (integer, how many have that degree). ``k``: the K of the core, marked by a line. Raises SegueError
    when a column is missing, or a stage or side has no nodes.
    """
    check_columns(degrees, "degrees", ["stage", "side", "degree", "nodes"])
    sheet = Sheet(rows=1, columns=2, width=4.1, height=3.1, left=0.95, right=0.4, top=1.15)
    figure = sheet.figure(f"Degrees before and after the {k}-core")
    for column, (side, (title, label)) in enumerate(SIDES.items()):
        ax = sheet.add(figure, 0, column)
        ax.set(xscale="log", yscale="log", xlabel=label)
        for stage, (colour, width) in STAGES.items():
            table = degrees.filter(pl.col("stage") == stage, pl.col("side") == side)
            if not table["nodes"].sum():
                raise SegueError(
                    "The degree table has no nodes of a kind.",
                    where=f"stage {stage}, side {side}",
                    found="0 nodes",
                    expected="1 or more",
                )
            degree, share, mean = _distribution(table)
            ax.plot(
                degree,
                share,
                color=colour,
                linewidth=width,
                drawstyle="steps-pre",
                label=f"{stage}: {table['nodes'].sum():,} {title.lower()}, mean degree {mean:,.1f}",
            )
        ax.set_title(title, pad=36)
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.3, handlelength=1.6, borderpad=0)
        _finish_log_axes(ax, k)
    lowest = min(ax.get_ylim()[0] for ax in figure.axes)
    for ax in figure.axes:
        ax.set_ylim(lowest, 1.3)
    figure.axes[0].set_ylabel("Share of nodes with degree ≥ d")
    figure.axes[1].tick_params(labelleft=False)
    return figure


@dataclass(frozen=True)
class _Panel:
    """Models of one alpha, and where they are drawn."""

    row: int
    column: int
    history: pl.DataFrame

    @property
    def samplers(self) -> list[str]:
        return _present(self.history, "sampler", SAMPLERS)

    @property
    def title(self) -> str:
        return f"{' and '.join(self.samplers).capitalize()} negatives, {ALPHAS[self.history['alpha'][0]]}"


def _curves(title: str, panels: list[_Panel], y: str, label: str, limits: tuple[float, float]) -> Figure:
    """A line a model, named at its end, in panels with the same axes; panel i is axes i of the figure."""
    first, last = min(p.column for p in panels), max(p.column for p in panels)
    rows, columns = 1 + max(p.row for p in panels), 1 + last - first
    width, height = 3.5 if columns > 1 else 5.6, 2.0 if rows > 1 else 3.2
    sheet = Sheet(rows, columns, width, height, left=0.95, right=1.12, bottom=0.75)
    figure = sheet.figure(title)
    epochs = max(panel.history["epoch"].max() for panel in panels)
    for panel in panels:
        ax = sheet.add(figure, panel.row, panel.column - first)
        ax.set_title(panel.title)
        ax.set(xlim=(0, 1.02 * epochs + 0.1), ylim=limits)
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=STEPS, integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(7, steps=STEPS))
        ends = []
        for model, table in _models(panel.history):
            table = table.sort("epoch")
            _draw_curve(ax, model, table, y)
            ends.append((model, table["epoch"][-1], table[y][-1]))
        _name_ends(ax, ends, with_sampler=len(panel.samplers) > 1)
        if not any(p.column == panel.column and p.row > panel.row for p in panels):
            ax.set_xlabel("Epoch")
        else:
            ax.tick_params(labelbottom=False)
        if not any(p.row == panel.row and p.column < panel.column for p in panels):
            ax.set_ylabel(label)
        else:
            ax.tick_params(labelleft=False)
    return figure


def _draw_curve(ax: Axes, model: Model, table: pl.DataFrame, y: str) -> None:
    conv = CONVS[model[0]]
    every = -(-table.height // 10)
    ax.plot(
        table["epoch"],
        table[y],
        label="-".join(model),
        color=conv.colour,
        linestyle=SAMPLERS[model[1]],
        marker=conv.marker,
        # Staggered, so that markers of curves that run together stay apart.
        markevery=(every * list(CONVS).index(model[0]) // len(CONVS), every),
        markerfacecolor=_fill(model),
    )


def _name_ends(ax: Axes, ends: list[tuple[Model, float, float]], *, with_sampler: bool) -> None:
    """The models' names at the ``ends`` (model, x, y) of their lines."""
    names = [
        (f"{CONVS[conv].name} {sampler}" if with_sampler else CONVS[conv].name, CONVS[conv].colour)
        for (conv, sampler, _), *_ in ends
    ]
    label_ends(ax, names, [(x, y) for _, x, y in ends])


def _loss_limits(history: pl.DataFrame) -> tuple[float, float]:
    low, high = history["validation_loss"].min(), history["validation_loss"].max()
    settled = max(
        table.filter(pl.col("epoch") > table["epoch"].max() / 2)["validation_loss"].quantile(0.95, "linear")
        for _, table in _models(history)
    )
    end = max(low + 2 * (settled - low), math.log(2))
    return padded(low, high if high <= low + 1.25 * (end - low) else end)


def _mark_peaks(figure: Figure, panels: list[_Panel], top: float) -> None:
    """A triangle at the upper edge for each peak above ``top``, and a note that names the highest."""
    above = pl.concat(panel.history for panel in panels).filter(pl.col("validation_loss") > top)
    if above.is_empty():
        return
    epochs = max(panel.history["epoch"].max() for panel in panels)
    near = max(1, epochs // 100)  # epochs; marks closer than this would run together
    for ax, panel in zip(figure.axes, panels, strict=True):
        for model, table in _models(panel.history.filter(pl.col("validation_loss") > top)):
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
                color=CONVS[model[0]].colour,
                markerfacecolor=_fill(model),
                label="peaks",
            )
    highest = above.sort("validation_loss").row(-1, named=True)
    name = f"{CONVS[highest['conv']].name} {highest['sampler']}, {ALPHAS[highest['alpha']]}"
    note = (
        f"▲ peak above the end of the axis; the highest is {highest['validation_loss']:.3g} "
        f"({name}, epoch {highest['epoch']})"
    )
    width, height = figure.get_size_inches()
    figure.text(0.15 / width, 0.1 / height, note, size=SMALL, color=GREY)


def _metric_rows(models: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Height of each row, downwards from 0, with half a row between convolutions."""
    present = models.select("conv", "alpha").rows()
    pairs = [(conv, alpha) for conv in CONVS for alpha in ALPHAS if (conv, alpha) in present]
    convs = _present(models, "conv", CONVS)
    return {(conv, alpha): row + 0.5 * convs.index(conv) for row, (conv, alpha) in enumerate(pairs)}


def _draw_metric(
    ax: Axes, models: pl.DataFrame, reference: float | None, name: str, rows: dict[tuple[str, str], float]
) -> None:
    for (conv, alpha), row in rows.items():
        values = models.filter(pl.col("conv") == conv, pl.col("alpha") == alpha)[name]
        ax.plot(
            [values.min(), values.max()], [row, row], color=CONVS[conv].colour, linewidth=1, label="range"
        )
    for model, table in _models(models):
        conv = CONVS[model[0]]
        ax.plot(
            table[name],
            [rows[model[0], model[2]]],
            linestyle="",
            marker=conv.marker,
            markersize=DOTS[model[1]],
            color=conv.colour,
            markerfacecolor=_fill(model),
            label="-".join(model),
            zorder=4 if model[1] == "random" else 3,
        )
    values = [*models[name], *([] if reference is None else [reference])]
    low, high = padded(min(values), max(values), 0.06)
    end = high + 0.2 * (high - low)  # room for the value of the best
    ticks = MaxNLocator(5, steps=STEPS).tick_values(low, end)
    ax.set_xticks([tick for tick in ticks if max(low, 0) <= tick <= min(end, 1)])
    ax.set_xlim(low, end)
    (conv, _, alpha), table = max(_models(models), key=lambda model: model[1][name][0])
    best = table[name][0]
    ax.annotate(
        f"{best:.3f}",
        xy=(best, rows[conv, alpha]),
        xytext=(9, 0),
        textcoords="offset points",
        va="center",
        size=SMALL,
        weight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )
    last = max(rows.values()) + 1.25
    ax.set_ylim(last + 0.6, -0.7)
    ax.tick_params(axis="y", length=0, labelcolor=INK)
    ax.grid(visible=False, axis="y")
    if reference is not None:
        ax.axvline(reference, color=INK, linewidth=1, linestyle=":", zorder=1, label="popularity")
        left = reference < (low + high) / 2
        ax.annotate(
            f"popularity {reference:.3f}",
            xy=(reference, last),
            xytext=(4 if left else -4, 0),
            textcoords="offset points",
            ha="left" if left else "right",
            va="center",
            size=SMALL,
        )


def _sampler_legend(figure: Figure, samplers: list[str]) -> None:
    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker="o",
            markersize=DOTS[sampler],
            color=INK,
            markerfacecolor=INK if sampler == "random" else "white",
            label=f"{sampler} negatives",
        )
        for sampler in samplers
    ]
    figure.legend(handles=handles, loc="upper right", ncols=2, handletextpad=0.2, borderaxespad=0.6)


def _distribution(table: pl.DataFrame) -> tuple[np.ndarray, np.ndarray, float]:
    """Degrees in rising order, the share of nodes with at least each of them, and the mean degree."""
    degree, nodes = table.sort("degree").select(pl.col("degree", "nodes").cast(pl.Float64)).to_numpy().T
    return degree, nodes[::-1].cumsum()[::-1] / nodes.sum(), float(degree @ nodes / nodes.sum())


def _finish_log_axes(ax: Axes, k: int) -> None:
    """Plain numbers on the axes, and a line at ``k`` that is named where no curve can run, at the bottom."""
    low, high = ax.dataLim.intervalx
    ax.set_xlim(min(low, k) / 1.25, max(high, k) * 1.25)
    low, high = np.log10(ax.get_xlim())
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high - low < 2.6 else (1,)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:,.10g}%"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
    ax.axvline(k, color=INK, linewidth=1, linestyle=":", label="k")
    right = np.log10(k) - low < 0.15 * (high - low)
    ax.annotate(
        f"K = {k}",
        xy=(k, 0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(4 if right else -4, 5),
        textcoords="offset points",
        ha="left" if right else "right",
        size=SMALL,
    )


def _fill(model: Model) -> str:
    return CONVS[model[0]].colour if model[1] == "random" else "white"


def _present(table: pl.DataFrame, column: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that ``column`` holds, in the order of the figures."""
    held = set(table[column])
    return [name for name in names if name in held]


def _models(table: pl.DataFrame) -> Iterator[tuple[Model, pl.DataFrame]]:
    """The models that ``table`` has rows of, in the order of the figures, with their rows."""
    for conv in CONVS:
        for sampler in SAMPLERS:
            for alpha in ALPHAS:
                rows = table.filter(
                    pl.col("conv") == conv, pl.col("sampler") == sampler, pl.col("alpha") == alpha
                )
                if not rows.is_empty():
                    yield (conv, sampler, alpha), rows


def _check_models(table: pl.DataFrame, name: str) -> None:
    if table.is_empty():
        raise SegueError(
            "There is no model to draw.", where=name, found="no row", expected="one model or more"
        )
    for column, known in (("conv", CONVS), ("sampler", SAMPLERS), ("alpha", ALPHAS)):
        unknown = sorted(map(str, set(table[column]) - set(known)))
        if unknown:
            raise SegueError(
                "A model of an unknown kind cannot be drawn.",
                where=f"{name}, column {column}",
                found=", ".join(unknown),
                expected=" or ".join(known),
            )
