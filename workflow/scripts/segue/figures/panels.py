"""Panels in a grid that share their axes and are labelled at its edges only, and what stands in several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from segue.figures.looks import ALPHAS, Model, conv_look, convs_in, family_of, fill, model_label, trained_with
from segue.figures.rows import each_model, present
from segue.figures.style import GREY, NORMAL, POINTS, SMALL, STEPS, Sheet, label_ends, room_for
from segue.run.registry import SAMPLERS

WIDTHS = {1: 5.6, 2: 3.5}  # inches of a panel, by the number of columns
WIDTH_OF_MANY = 2.3
BESIDE = 3  # panels in one row: text of wider figures is too small where they are read
NOTE = 0.2  # inches of a note below the panels
LETTER = 0.64  # width of one in a title, in the size of its text


@dataclass(frozen=True)
class Panel:
    """What is drawn in one panel: rows of a table, and the panel's place in the grid."""

    row: int
    column: int
    title: str
    table: pl.DataFrame


def lay_out(
    title: str,
    panels: list[Panel],
    labels: tuple[str, str],
    limits: tuple[tuple[float, float], tuple[float, float]],
    right: float = 1.12,
    top: float = 0.7,
    note: bool = False,
) -> Figure:
    """A figure with a panel each of ``panels``: panel i is axes i of the figure.

    ``labels`` and ``limits``: of x and of y, the same everywhere. ``right``: inches right of each panel, for
    the names of the lines; ``top``: inches above the first row; ``note``: whether
    one will stand below. Columns left of all panels take no room.
    """
    first, last = min(p.column for p in panels), max(p.column for p in panels)
    rows, columns = 1 + max(p.row for p in panels), 1 + last - first
    height = 2.0 if rows > 1 else 3.2
    width = WIDTHS.get(columns, WIDTH_OF_MANY)
    sheet = Sheet(rows, columns, width, height, left=0.95, right=right, top=top, bottom=0.55 + NOTE * note)
    figure = sheet.figure(title)
    for panel in panels:
        ax = sheet.add(figure, panel.row, panel.column - first)
        ax.set_title(panel.title)
        ax.set(xlim=limits[0], ylim=limits[1])
        ax.yaxis.set_major_locator(MaxNLocator(7, steps=STEPS))
        if not any(p.column == panel.column and p.row > panel.row for p in panels):
            ax.set_xlabel(labels[0])
        else:
            ax.tick_params(labelbottom=False)
        if not any(p.row == panel.row and p.column < panel.column for p in panels):
            ax.set_ylabel(labels[1])
        else:
            ax.tick_params(labelleft=False)
    return figure


def place(row: int, column: int, columns: int) -> tuple[int, int]:
    """Row and column of a panel, where each row of ``columns`` goes on in a next one after BESIDE panels."""
    return row * -(-columns // BESIDE) + column // BESIDE, column % BESIDE


def overhang(panels: list[Panel]) -> float:
    """Inches that the longest title needs right of its panel."""
    width = WIDTHS.get(len({panel.column for panel in panels}), WIDTH_OF_MANY)
    return max(len(panel.title) for panel in panels) * LETTER * NORMAL / POINTS - width


def lay_out_epochs(
    title: str,
    panels: list[Panel],
    label: str,
    limits: tuple[float, float],
    right: float = 1.12,
    note: bool = False,
) -> Figure:
    """``lay_out`` with the epochs, from 1, on the x axis; ``label`` and ``limits`` are those of y."""
    last = max(panel.table["epoch"].max() for panel in panels)
    figure = lay_out(title, panels, ("Epoch", label), ((0, 1.02 * last + 0.1), limits), right, note=note)
    for ax in figure.axes:
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=STEPS, integer=True))
    return figure


def draw_curve(ax: Axes, model: Model, table: pl.DataFrame, y: str, **look: Any) -> None:
    """The model's line of column ``y`` over the epochs; ``look`` overrides matplotlib's properties of it."""
    conv = conv_look(model[0])
    table = table.sort("epoch")
    every = -(-table.height // 10)
    usual = {
        "color": conv.colour,
        "linestyle": SAMPLERS[model[1]].line,
        "marker": conv.marker,
        # Staggered, so that markers of curves that run together stay apart.
        "markevery": (int(every * conv.place), every),
        "markerfacecolor": fill(model),
    }
    ax.plot(table["epoch"], table[y], label="-".join(model), **(usual | look))


def draw_named_curves(ax: Axes, panel: Panel, y: str, further: Sequence[tuple[str, str, float]] = ()) -> None:
    """A line a model of ``panel``, with its last value and the convolution's name at its end; ``further``:
    text, colour and height of names at the last epoch."""
    names, ends = [], []
    for model, table in each_model(panel.table):
        table, conv = table.sort("epoch"), conv_look(model[0])
        draw_curve(ax, model, table, y)
        names.append((f"{short(table[y][-1])} {conv.label}", conv.colour))
        ends.append((table["epoch"][-1], table[y][-1]))
    last = panel.table["epoch"].max()
    names += [(text, colour) for text, colour, _ in further]
    label_ends(ax, names, ends + [(last, height) for *_, height in further])


def room_for_names(panels: list[Panel]) -> float:
    """Inches that ``draw_named_curves`` needs right of each panel, at least those of its title."""
    convs = {conv for panel in panels for conv in panel.table["conv"]}
    return max(room_for(f"{short(0)} {conv_look(conv).label}" for conv in convs), overhang(panels))


def short(value: float) -> str:
    """As the values at the ends of lines are written."""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.3g}"


def by_training(table: pl.DataFrame) -> list[Panel]:
    """A panel a sampler and alpha, so that each model stands once, beside those that were trained alike.

    BESIDE of them stand in a row; more have a row an alpha and a column a sampler. Where convolutions are of
    one family, a column is a family.
    """
    samplers, alphas = present(table, "sampler", SAMPLERS), present(table, "alpha", ALPHAS)
    ways = {
        (sampler, alpha): part
        for alpha in alphas
        for sampler in samplers
        if (part := table.filter(pl.col("sampler") == sampler, pl.col("alpha") == alpha)).height
    }
    families: dict[str, list[str]] = {}
    for conv in convs_in(table):
        families.setdefault(family_of(conv), []).append(conv)
    if any(len(convs) > 1 for convs in families.values()):
        return [
            Panel(*place(row, column, len(families)), f"{conv_look(family).label}: {_way(*way)}", of_family)
            for row, (way, part) in enumerate(ways.items())
            for column, (family, convs) in enumerate(families.items())
            if (of_family := part.filter(pl.col("conv").is_in(convs))).height
        ]
    titles = {way: _way(*way)[0].upper() + _way(*way)[1:] for way in ways}
    if len(ways) <= BESIDE:
        return [Panel(0, column, titles[way], part) for column, (way, part) in enumerate(ways.items())]
    return [
        Panel(
            *place(alphas.index(alpha), samplers.index(sampler), len(samplers)), titles[sampler, alpha], part
        )
        for (sampler, alpha), part in ways.items()
    ]


def _way(sampler: str, alpha: str) -> str:
    return f"{trained_with(sampler)}, {ALPHAS[alpha]}"


def note_highest_loss(figure: Figure, above: pl.DataFrame, what: str) -> None:
    """Below the panels, ``what`` happens off the axis and the highest validation_loss of ``above``."""
    highest = above.sort("validation_loss").row(-1, named=True)
    name = model_label((highest["conv"], highest["sampler"], highest["alpha"]))
    note = f"{what}; the highest is {highest['validation_loss']:.3g} ({name}, epoch {highest['epoch']})"
    width, height = figure.get_size_inches()
    figure.text(0.15 / width, 0.1 / height, note, size=SMALL, color=GREY)
