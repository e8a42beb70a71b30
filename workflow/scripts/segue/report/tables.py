"""The challenge in numbers: tables of the report, and its caption, which says who won."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from segue.challenge.challenge_categories import CATEGORIES
from segue.challenge.challenge_results import ALL, METRICS, TRACKS_ALONE, who_won

NOTE = (
    "The best of the challenge's 113 teams reached {} (Zamani et al. 2019), on its hidden set and with the "
    "full MPD to learn from: other data, and so a mark of how hard the task is, not a competitor."
)
HOW = (
    "R-precision counts hits in the top n, n tracks being held out, and 0.25 for each artist that both have. "
    "Clicks are how often ten more tracks would be asked for before the first hit, "
    "51 where none of 500 is one. Where no track is given, title and popularity answer, the same for all "
    "models of a run. Each model was trained once."
)


def overall(summary: pl.DataFrame) -> pl.DataFrame:
    """A row a model: model, and the means over all playlists by the metrics' titles (Float64), then
    R-precision of the tracks alone.

    ``summary``: SUMMARY of ``challenge.scores``.
    """
    rows = summary.filter(pl.col("category") == ALL)
    alone = pl.col(TRACKS_ALONE).alias("R-precision, tracks alone")
    return rows.select("model", *METRICS, alone).rename(_titles())


def published() -> pl.DataFrame:
    """The challenge's best, in the first columns of ``overall``."""
    values = {metric.title: metric.published for metric in METRICS.values()}
    return pl.DataFrame({"model": "best of 113 teams, full MPD, hidden set"} | values)


def by_category(summary: pl.DataFrame, metric: str) -> pl.DataFrame:
    """A row a category, a column a model (Float64): the means of ``metric``."""
    names = summary["model"].unique(maintain_order=True).to_list()
    table = summary.filter(pl.col("category") != ALL).pivot(on="model", index="category", values=metric)
    given = table["category"].replace_strict(_names())
    return table.select(given.alias("given"), *names)


def held_out(summary: pl.DataFrame, drawn: dict[str, Any]) -> pl.DataFrame:
    """A row a category: how many playlists could have been drawn and were, and what the graph has of them.

    ``drawn``: stats.json of `hold_out_playlists`. Of tracks that are in no core nobody can find any: the last
    column, a share from 0 to 1, bounds every model's recall.
    """
    columns = ("category", "held_out", "held_out_in_graph", "share_in_graph")
    first = summary.filter(pl.col("model") == summary["model"][0]).select(columns)
    candidates = pl.DataFrame(drawn["categories"]).select(
        pl.col("category").cast(pl.String), "given", "candidates", "playlists"
    )
    return candidates.join(first, on="category", how="left", maintain_order="left").select(
        "given",
        "candidates",
        "playlists",
        pl.col("held_out").alias("tracks to be found"),
        pl.col("held_out_in_graph").alias("in the graph"),
        pl.col("share_in_graph").alias("share in the graph"),
    )


def caption(summary: pl.DataFrame, drawn: dict[str, Any]) -> Iterator[str]:
    """Paragraphs of reStructuredText: what was done, who won by each metric, what is published."""
    everyone = summary.filter(pl.col("category") == ALL).row(0, named=True)
    yield (
        f"{everyone['playlists']:,} whole playlists were held out before the graph was built, in categories "
        "of the RecSys Challenge 2018, and continued by 500 tracks each. "
        f"{everyone['share_in_graph']:.1%} of the {everyone['held_out']:,} tracks to be found are in the "
        "graph; the others nobody can find."
    )
    if lone := drawn["lone_tracks_of_held_out"]:
        yield f"{lone:,} more are on no other playlist: they are neither given nor to be found."
    for sentence in who_won(summary):
        yield f"- {sentence}"
    yield NOTE.format(", ".join(f"{metric.title} {metric.published:g}" for metric in METRICS.values()))
    yield HOW


def _titles() -> dict[str, str]:
    return {name: metric.title for name, metric in METRICS.items()}


def _names() -> dict[str, str]:
    return {str(number): category.name for number, category in CATEGORIES.items()}
