"""The figure of cold tracks, which training never saw: recall beside that of rankings that need no model."""

import matplotlib.style
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from segue.errors import SegueError
from segue.figures.families import (
    draw_references,
    draw_side_by_side,
    families_in,
    lay_out_families,
    name_places,
)
from segue.figures.looks import model_label
from segue.figures.rows import baselines, check_models, trained_models
from segue.figures.style import STEPS, STYLE, check_columns, padded, room_for

COLUMNS = ["model", "conv", "sampler", "alpha", "like", "among", "k", "recall", "low", "high"]
AMONG = ("cold", "all")  # tracks that cold ones are ranked among
ROUNDING = 1e-9  # of a mean of ones
# What needs no model, and its line.
REFERENCES = {
    name: (name, {"marker": marker, "linestyle": line, "linewidth": 0.9})
    for name, marker, line in (
        ("artist overlap", "x", "--"),
        ("artist popularity", "+", "-."),
        ("random", "|", ":"),
    )
}


@matplotlib.style.context(STYLE)
def cold_recall(table: pl.DataFrame) -> Figure:
    """A column of panels a family, a row what cold tracks are ranked among: Recall@K by K.

    A cut-off's marks stand in the order of the legend, with 95% intervals; where it holds every candidate,
    there are none. Dark lines are REFERENCES.

    ``table``: COLUMNS, a row a model or reference, ``among`` (of AMONG) and k; conv, sampler, alpha and like
    are null of references. Raises SegueError when a column is missing, there is no model, or a model or
    reference is unknown.
    """
    check_columns(table, "cold.parquet", COLUMNS)
    told = pl.col("recall").min().over("among", "k") < 1 - ROUNDING
    table = table.filter(told)
    models, others = trained_models(table), baselines(table)
    check_models(models, "cold.parquet")
    if unknown := sorted(set(others["model"]) - set(REFERENCES)):
        raise SegueError(
            "A reference of an unknown kind cannot be drawn.",
            where="cold.parquet, column model",
            found=", ".join(unknown),
            expected=" or ".join(REFERENCES),
        )
    families, rows = families_in(models), [among for among in AMONG if among in set(table["among"])]
    cut_offs = table["k"].unique().sort().to_list()
    sheet, figure = lay_out_families(
        "Recall of cold tracks, which training never saw",
        models,
        len(rows),
        len(families),
        room_for(REFERENCES),
    )
    for row, among in enumerate(rows):
        of_row = pl.col("among") == among
        place = pl.col("k").replace_strict(cut_offs, range(1, 1 + len(cut_offs)), return_dtype=pl.Int32)
        drawn, lines = (
            each.filter(of_row).sort("k", maintain_order=True).with_columns(place=place)
            for each in (models, others)
        )
        highest = max(table.filter(of_row).select("recall", "high").max().row(0), key=lambda end: end or 0)
        for column, family in enumerate(families):
            ax = sheet.add(figure, row, column)
            ax.set_title(f"{model_label(family)}: among {among} tracks")
            ax.set(xlim=(0.5, len(cut_offs) + 0.5), ylim=padded(0, highest))
            ax.yaxis.set_major_locator(MaxNLocator(6, steps=STEPS))
            name_places(ax, [str(k) for k in cut_offs], shown=among == rows[-1])
            ax.tick_params(labelleft=column == 0)
            of_family = dict(zip(("like", "sampler", "alpha"), family, strict=True))
            draw_side_by_side(ax, drawn.filter(**of_family), "place", "recall", ("low", "high"))
            draw_references(ax, lines, "place", REFERENCES)
            if among == rows[-1]:
                ax.set_xlabel("K")
            if column == 0:
                ax.set_ylabel("Recall@K\n(share of a playlist's cold tracks)")
    return figure
