"""The test metrics of several runs in one table, after a check that they were tested alike."""

import math

import polars as pl

from segue.errors import SegueError
from segue.figures.model_rows import check_models, each_model, trained_models


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
