"""The figure of the challenge: a panel a metric, a row a category, a mark a model or baseline."""

import matplotlib.style
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from segue.challenge.holdout import CATEGORIES
from segue.challenge.scores import ALL, METRICS, SUMMARY
from segue.errors import SegueError
from segue.figures.looks import dot, model_label, ranker_dot, scorer_label, stroke
from segue.figures.rows import baselines, each_model
from segue.figures.style import (
    GREY,
    INK,
    SMALL,
    STEPS,
    STYLE,
    Sheet,
    check_columns,
    legend_below_title,
    padded,
)
from segue.run.contenders import KINDS, answers_from_catalogue, kind_of

LEGEND_COLUMNS = 4
LINE = 0.19  # inches of the legend
# Of a row: kinds of models stand one below the other, so that their marks hide each other less.
LANES = (KINDS[:2], KINDS[2:3], KINDS[3:4], KINDS[4:])
LANE, BETWEEN = 0.14, 0.13  # inches
BAND = "#F3F3F3"  # behind every other row
BEST = "best of the challenge"
# No line, which would make a cross of an upright stroke.
ERROR = {"linewidth": 4.5, "alpha": 0.35, "solid_capstyle": "butt", "label": "error", "zorder": 2}


@matplotlib.style.context(STYLE)
def challenge_results(summary: pl.DataFrame, errors: pl.DataFrame | None = None) -> Figure:
    """The means of each category, and below them those over all playlists and the challenge's best. In a row,
    LANES stand one below the other.

    ``summary``: SUMMARY, a row a model and category. Graph networks are drawn as everywhere, baselines (no
    conv) as dark strokes, what answers from the catalogue with dark edges or half filled. ``errors``, of
    `compare_challenge`: standard errors, pale bars to both sides. Raises SegueError when a column is missing
    or no model has a row of all playlists.
    """
    check_columns(summary, "summary", list(SUMMARY))
    if summary.filter(pl.col("category") == ALL).is_empty():
        raise SegueError(
            "There is no model to draw.",
            where="summary",
            found="no row of category all",
            expected="one or more",
        )
    looks = _looks(summary)
    rows = _rows(summary)
    offsets, lanes = _offsets(summary)
    lines = -(-len(looks) // LEGEND_COLUMNS)
    sheet = Sheet(
        rows=1,
        columns=len(METRICS),
        width=2.75,
        height=(LANE * lanes + BETWEEN) * (max(rows.values()) + 1.4),
        left=1.75,
        right=0.3,
        top=0.85 + LINE * lines,
        bottom=0.92,
    )
    playlists = summary.filter(pl.col("category") == ALL)["playlists"].max()
    figure = sheet.figure(f"Playlists that no model has seen ({playlists:,} held out)")
    handles = [Line2D([], [], linestyle="", **look) for look in looks.values()]
    legend_below_title(figure, handles, min(LEGEND_COLUMNS, len(handles)), handletextpad=0.2)
    for column, (name, metric) in enumerate(METRICS.items()):
        ax = sheet.add(figure, 0, column)
        ax.set_title(metric.title)
        ax.set_xlabel(metric.unit, size=SMALL)
        ax.set_yticks(list(rows.values()), [_label(category) for category in rows] if column == 0 else [])
        _draw_metric(ax, summary, name, rows, looks, offsets)
        if errors is not None:
            _draw_errors(ax, errors.filter(pl.col("metric") == name), rows, looks, offsets)
        ax.set_ylim(max(rows.values()) + 0.7, -0.7)
        ax.tick_params(axis="y", length=0, labelcolor=INK)
        ax.grid(visible=False, axis="y")
    width, height = figure.get_size_inches()
    note = "★ the best of 113 teams, on the challenge's hidden set and with the full MPD to learn from"
    if errors is not None:
        note += "; pale bars: ± a standard error"
    figure.text(0.15 / width, 0.13 / height, note, size=SMALL, color=GREY)
    return figure


def _rows(summary: pl.DataFrame) -> dict[str, float]:
    """Height of each category's row, downwards from 0, half a row more before that of all playlists, below
    it BEST."""
    present = set(summary["category"])
    rows = {str(number): float(row) for row, number in enumerate(n for n in CATEGORIES if str(n) in present)}
    return rows | {ALL: len(rows) + 0.5, BEST: len(rows) + 1.5}


def _label(category: str) -> str:
    names = {ALL: "all playlists", BEST: BEST}
    return names[category] if category in names else CATEGORIES[int(category)].name


def _offsets(summary: pl.DataFrame) -> tuple[dict[str, float], int]:
    """How far below the middle of its row a model's mark is, in rows, and how many LANES there are."""
    kinds = {
        model: kind_of(model, conv is not None) for model, conv in summary.select("model", "conv").iter_rows()
    }
    lanes = [lane for lane in LANES if {*lane} & {*kinds.values()}]
    places = {kind: place for place, lane in enumerate(lanes) for kind in lane}
    step = LANE / (LANE * len(lanes) + BETWEEN)
    return {model: step * (places[kind] - (len(lanes) - 1) / 2) for model, kind in kinds.items()}, len(lanes)


def _looks(summary: pl.DataFrame) -> dict[str, dict]:
    """How each model is drawn, by kind: from what combines the others to baselines; names and looks as in
    the other figures."""
    names = [name for name in summary["model"].unique(maintain_order=True) if answers_from_catalogue(name)]
    places = {name: KINDS.index(kind_of(name, is_network=False)) for name in names}
    looks = {name: ranker_dot(name) for name in sorted(names, key=places.get)}
    for model, table in each_model(summary):
        look = dot(*model[:2])
        look["markersize"] += 2.0 if model[2] == "learnable" else 0.0
        looks[table["model"][0]] = {"label": model_label(model)} | look
    others = (name for name in baselines(summary)["model"].unique(maintain_order=True) if name not in looks)
    for name in others:
        mark = {"marker": stroke(name), "markersize": 8.5, "markeredgewidth": 1.3}
        looks[name] = {"label": scorer_label(name), "color": INK} | mark
    return looks


def _draw_metric(
    ax: Axes,
    summary: pl.DataFrame,
    name: str,
    rows: dict[str, float],
    looks: dict[str, dict],
    offsets: dict[str, float],
) -> None:
    published = METRICS[name].published
    for row in list(rows.values())[::2]:
        ax.axhspan(row - 0.5, row + 0.5, color=BAND, linewidth=0, zorder=0)
    for model, look in looks.items():
        table = summary.filter(pl.col("model") == model)
        heights = [rows[category] + offsets[model] for category in table["category"]]
        ax.plot(table[name], heights, linestyle="", zorder=4 if look["color"] == INK else 3, **look)
    low, high = padded(min(*summary[name], published), max(*summary[name], published), 0.06)
    ax.plot(published, rows[BEST], linestyle="", marker="*", markersize=9, color=INK, label="published")
    right = published < (low + high) / 2
    ax.annotate(
        f"{published:g}",
        xy=(published, rows[BEST]),
        xytext=(8 if right else -8, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        size=SMALL,
    )
    ax.axhline(rows[ALL] - 0.75, color=GREY, linewidth=0.5, zorder=1)
    ticks = MaxNLocator(5, steps=STEPS).tick_values(low, high)
    ax.set_xticks([tick for tick in ticks if max(low, 0) <= tick <= high])
    ax.set_xlim(low, high)


def _draw_errors(
    ax: Axes,
    errors: pl.DataFrame,
    rows: dict[str, float],
    looks: dict[str, dict],
    offsets: dict[str, float],
) -> None:
    """Of the marks that stand out: of what answers from the catalogue, and of all playlists."""
    for model, category, mean, error in errors.select("model", "category", "mean", "error").iter_rows():
        if error is not None and (category == ALL or answers_from_catalogue(model)):
            height, colour = rows[category] + offsets[model], looks[model]["color"]
            ax.plot([mean - error, mean + error], [height] * 2, color=colour, **ERROR)
