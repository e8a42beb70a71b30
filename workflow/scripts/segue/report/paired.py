"""Whether the networks are better than the baselines: tables of differences, and the answer in words."""

from collections.abc import Iterator

import polars as pl

from segue.report.tables import labelled, title
from segue.run.families import Families
from segue.run.labels import label

HOW = (
    "Differences are means over the same {:,} playlists, with 95% intervals of a paired bootstrap over them. "
    "Better and worse are said where the interval excludes 0. Which network and which baseline are compared "
    "was chosen by validation. The intervals take the trainings as they are: another seed moves a network "
    "too{}."
)


def answer(paired: pl.DataFrame, seeds: int = 1, families: Families | None = None) -> Iterator[str]:
    """Sentences: which network and baseline validation found best, and which of them the test did, if any.

    ``paired``: what compare_models wrote; ``seeds``: of how many a network's values are means.
    """
    pair = paired.filter("by_validation")
    model, baseline = (label(pair[name][0], families) for name in ("model", "baseline"))
    yield f"By validation recall {model} is the best graph network, and {baseline} the best baseline."
    for verdict in ("better", "worse", "undecided"):
        rows = pair.filter(pl.col("verdict") == verdict)
        found = "; ".join(
            f"{title(row['metric'])} {row['difference']:+.4f} ({row['low']:+.4f} to {row['high']:+.4f})"
            for row in rows.iter_rows(named=True)
        )
        said = f"{model} is {verdict} than {baseline}"
        if verdict == "undecided":
            said = "which of them is better is undecided"
        if found:
            yield f"On the test {said}: {found}."
    how_far = f" (the table Seeds says how far, of {seeds})" if seeds > 1 else ""
    yield HOW.format(pair["playlists"][0], how_far)


def difference_tables(
    paired: pl.DataFrame, families: Families | None = None
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Title and table: the network that is best by validation against each baseline, then each model
    against the baseline that is."""
    pair = paired.filter("by_validation")
    model, baseline = pair["model"][0], pair["baseline"][0]
    against = _table(paired.filter(pl.col("model") == model), families).drop("model")
    yield f"{label(model, families)} against each baseline", against
    each = _table(paired.filter(pl.col("baseline") == baseline), families).drop("baseline")
    yield f"Each model against {label(baseline)}", each


def _table(rows: pl.DataFrame, families: Families | None) -> pl.DataFrame:
    return labelled(rows, families).select(
        "model",
        pl.col("baseline").map_elements(label, return_dtype=pl.String),
        pl.col("metric").map_elements(title, return_dtype=pl.String),
        "difference",
        pl.col("low").alias("from"),
        pl.col("high").alias("to"),
        pl.col("verdict").alias("the model is"),
    )
