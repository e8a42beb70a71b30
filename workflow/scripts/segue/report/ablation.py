"""What each channel of the second stage brings: tables, and the answer in words."""

from collections.abc import Iterator

import polars as pl

from segue.challenge.holdout import CATEGORIES
from segue.challenge.scores import ALL, METRICS, NOTHING, SURE, shown_means
from segue.run.families import Families
from segue.run.labels import label

UPPER_BOUND = (
    "The playlists are invented: many of their tracks are by favourite artists, and titles come from themes. "
    "What artists and titles bring here is an upper bound of what they bring on real playlists."
)


def whole(table: pl.DataFrame) -> dict[str, float | int | str]:
    """The row of all channels over all playlists. ``table``: of `segue.challenge.second_stage.ablation`."""
    return table.row(by_predicate=(pl.col("without") == NOTHING) & (pl.col("category") == ALL), named=True)


def answer(table: pl.DataFrame, invented: bool) -> Iterator[str]:
    """Sentences: what was done, which groups of channels bring NDCG and which do not, what that stands for.

    ``invented``: whether the playlists are.
    """
    everything = whole(table)
    yield (
        f"A second stage of kind {everything['kind']} is fitted again without each channel and each group of "
        f"them, on {everything['playlists']:,} validation playlists, each ranked by a model of others. With "
        f"all channels they have {shown_means(everything)}."
    )
    groups = table.filter(pl.col("group") & (pl.col("category") == ALL)).sort("difference_ndcg", "without")
    less, more, unsure = [], [], []
    for name, difference, error in groups.select("without", "difference_ndcg", "error_ndcg").iter_rows():
        found = less if difference < 0 else more
        if abs(difference) < SURE * error or not difference:
            found = unsure
        found.append(f"{name} ({difference:+.4f}, standard error {error:.4f})")
    for names, verdict in (
        (less, f"there is less NDCG, by {SURE} standard errors or more"),
        (more, f"there is more NDCG, by {SURE} standard errors or more"),
        (unsure, f"NDCG differs by less than {SURE} standard errors, so they add nothing that is sure"),
    ):
        if names:
            yield f"Without these {verdict}: {', '.join(names)}."
    if invented:
        yield UPPER_BOUND


def ablation_table(table: pl.DataFrame, group: bool, families: Families | None = None) -> pl.DataFrame:
    """A row each group, or each channel, which may be a model's scores: without, and by the metrics' titles
    the difference to nothing left out, over all playlists, and its standard error; what is missed most by
    NDCG first."""
    everyone = pl.col("category") == ALL
    rows = table.filter(everyone, pl.col("group") == group, pl.col("without") != NOTHING)
    columns = [
        pl.col(f"{part}_{name}").alias(sign + metric.title)
        for name, metric in METRICS.items()
        for part, sign in (("difference", ""), ("error", "± "))
    ]
    rows = rows.sort("difference_ndcg", "without").select("without", *columns)
    names = [name if group else label(name, families) for name in rows["without"]]
    return rows.with_columns(pl.Series("without", names, pl.String))


def ablation_by_category(table: pl.DataFrame, metric: str) -> pl.DataFrame:
    """A row a category, a column each group of channels: the difference in ``metric`` without it."""
    rows = table.filter(pl.col("group"), pl.col("category") != ALL)
    wide = rows.pivot(on="without", index="category", values=f"difference_{metric}")
    names = {str(number): category.name for number, category in CATEGORIES.items()}
    return wide.select(pl.col("category").replace_strict(names).alias("given"), pl.exclude("category"))
