"""The figure of trials: validation recall by round, and by each setting that was tuned."""

import json
from typing import Any

import matplotlib.style
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from segue.figures.looks import scorer_label
from segue.figures.style import INK, STEPS, STYLE, Sheet, check_columns, legend_below_title, padded

COLUMNS = ["model", "trial", "round", "epochs", "recall_k", "validation_recall", "settings", "chosen"]
MOST = 4  # panels beside each other; a model with more has several rows
CHOSEN, DROPPED = "#D55E00", "#9A9A9A"
WIDTH, HEIGHT = 2.5, 1.9  # inches of a panel
MANY = 6  # values whose names no longer stand beside each other
LONG = 7  # characters of a value that still stand beside others


@matplotlib.style.context(STYLE)
def trials_figure(trials: pl.DataFrame) -> Figure:
    """A row of panels a model, or several: recall by epochs, where it has rounds, then by each setting.

    A trial is a line by epochs, and by settings a dot at the last of its rounds: filled where it reached the
    model's last round, open where it was dropped before. The chosen trial has a colour of its own.

    ``trials``: COLUMNS, as collect_trials writes them. Raises SegueError where one is missing.
    """
    check_columns(trials, "tune.parquet", COLUMNS)
    panels = [
        (model, key, table)
        for (model,), table in trials.group_by("model", maintain_order=True)
        for key in _panels_of(table)
    ]
    places, row, column = [], -1, 0
    for place, (model, _, _) in enumerate(panels):
        column += 1
        if place == 0 or panels[place - 1][0] != model or column == MOST:
            row, column = row + 1, 0
        places.append((row, column))
    columns = 1 + max(column for _, column in places)
    sheet = Sheet(row + 1, columns, WIDTH, HEIGHT, left=0.95, right=0.3, top=1.0, bottom=0.65, gap=0.95)
    recall = f"Validation Recall@{trials['recall_k'][0]}"
    figure = sheet.figure(f"{recall} of all trials")
    handles = [
        Line2D([], [], color=CHOSEN, marker="o", label="chosen"),
        Line2D([], [], color=INK, marker="o", linestyle="", label="in the last round"),
        Line2D(
            [], [], color=DROPPED, marker="o", markerfacecolor="white", linestyle="", label="dropped before"
        ),
    ]
    legend_below_title(figure, handles[:2] if trials["epochs"].is_null().all() else handles)
    named: set[str] = set()
    for (model, key, table), place in zip(panels, places, strict=True):
        ax = sheet.add(figure, *place)
        ax.set_ylim(padded(table["validation_recall"].min(), table["validation_recall"].max(), 0.08))
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
        if key == "epochs":
            _draw_rounds(ax, table)
        else:
            _draw_setting(ax, table, key)
        ax.set_xlabel(key)
        if place[1] == 0:
            further = " (further settings)" if model in named else ""
            ax.set_title(f"{scorer_label(model)}{further}")
            ax.set_ylabel(recall)
            named.add(model)
        else:
            ax.tick_params(labelleft=False)
    return figure


def _panels_of(table: pl.DataFrame) -> list[str]:
    keys, rounds = json.loads(table["settings"][0]), [] if table["epochs"].is_null().all() else ["epochs"]
    return rounds + [key for key in keys if len(_values(table, key)) > 1] or [*keys]


def _values(table: pl.DataFrame, key: str) -> list[Any]:
    """What was tried, numbers in rising order, else in the order of the trials."""
    texts = dict.fromkeys(json.dumps(json.loads(text)[key]) for text in table["settings"])
    values = [json.loads(text) for text in texts]
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    return sorted(values) if numbers else values


def _look(chosen: bool, last: bool) -> dict[str, Any]:
    colour = CHOSEN if chosen else INK if last else DROPPED
    return {
        "color": colour,
        "markerfacecolor": colour if last else "white",
        "zorder": 4 if chosen else 3 if last else 2,
    }


def _by_trial(table: pl.DataFrame) -> list[tuple[pl.DataFrame, bool, bool]]:
    """Of each trial its rows by round, whether it is the chosen one, and whether it is in the last round."""
    last = table["round"].max()
    return [
        (rows.sort("round"), bool(rows["chosen"].any()), rows["round"].max() == last)
        for _, rows in table.group_by("trial", maintain_order=True)
    ]


def _draw_rounds(ax: Axes, table: pl.DataFrame) -> None:
    for rows, chosen, last in _by_trial(table):
        ax.plot(rows["epochs"], rows["validation_recall"], marker="o", linewidth=1.1, **_look(chosen, last))
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=STEPS, integer=True))


def _draw_setting(ax: Axes, table: pl.DataFrame, key: str) -> None:
    values = _values(table, key)
    for rows, chosen, last in _by_trial(table):
        end = rows.row(-1, named=True)
        ax.plot(
            values.index(json.loads(end["settings"])[key]),
            end["validation_recall"],
            linestyle="",
            marker="o",
            **_look(chosen, last),
        )
    names = [value if isinstance(value, str) else json.dumps(value) for value in values]
    turned = {}
    if len(names) > MANY:
        turned = {"rotation": 90}
    elif max(map(len, names)) > LONG:
        turned = {"rotation": 30, "ha": "right"}
    ax.set_xticks(range(len(values)), names, **turned)
    ax.set_xlim(-0.5, len(values) - 0.5)
    ax.grid(visible=False, axis="x")
