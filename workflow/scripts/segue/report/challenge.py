"""The tables of the report about the challenge: scores, how sure they are, what was held out."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from segue.challenge.holdout import CATEGORIES
from segue.challenge.scores import ALL, METRICS, TRACKS_ALONE
from segue.report.tables import labelled
from segue.report.winners import ranked, who_won
from segue.run.contenders import KINDS, answers_from_catalogue, kind_of
from segue.run.families import Families
from segue.run.labels import label

NOTE = (
    "The best of the challenge's 113 teams reached {} (Zamani et al. 2019), on its hidden set and with the "
    "full MPD to learn from: other data, and so a mark of how hard the task is, not a competitor."
)
HOW = (
    "R-precision counts hits in the top n, n tracks being held out, and 0.25 for each artist that both have. "
    "Clicks are how often ten more tracks would be asked for before the first hit, "
    "51 where none of 500 is one. Where no track is given, title and popularity answer, the same for all "
    "models of {}. Each model was trained once."
)
REACH = "candidates hold"  # what share of the tracks to be found is among them
COMPARED = (
    "Differences are means over the same {:,} playlists, with standard errors and 95% intervals of a paired "
    "bootstrap over them. The trainings are taken as they are."
)


def overall(summary: pl.DataFrame) -> pl.DataFrame:
    """A row a model: model, and the means over all playlists by the metrics' titles (Float64), then
    R-precision of the tracks alone; where something answers from the catalogue, REACH, and rows by kind.

    ``summary``: SUMMARY of ``challenge.scores``.
    """
    rows = summary.filter(pl.col("category") == ALL)
    columns = ["model", *METRICS, pl.col(TRACKS_ALONE).alias("R-precision, tracks alone")]
    if _catalogue(summary) is not None:
        rows = rows[np.argsort([KINDS.index(kind) for kind in _kinds(rows)], kind="stable")]
        columns.append(pl.col("share_in_graph").alias(REACH))
    return rows.select(columns).rename(_titles())


def errors_of_means(errors: pl.DataFrame, models: pl.Series) -> pl.DataFrame:
    """A row each of ``models``: the standard errors of its means over all playlists, by the metrics' titles.

    ``errors``: of `compare_challenge`.
    """
    table = errors.filter(pl.col("category") == ALL).pivot(on="metric", index="model", values="error")
    table = models.to_frame().join(table, on="model", how="left", maintain_order="left")
    return table.select("model", *METRICS).rename(_titles())


def _kinds(summary: pl.DataFrame) -> list[str]:
    return [kind_of(*row) for row in summary.select("model", pl.col("conv").is_not_null()).iter_rows()]


def single_scorers(summary: pl.DataFrame) -> pl.DataFrame:
    """The rows of graph networks and baselines: what answered before anything combined them."""
    return summary.filter(pl.Series(_kinds(summary)).is_in(["graph network", "baseline"]))


def how_sure(summary: pl.DataFrame, paired: pl.DataFrame, families: Families | None = None) -> Iterator[str]:
    """A sentence a metric: how what combines all others does against the best single scorer by that metric,
    and against the neighbour ranker; then what the figures are.

    ``paired``: of `compare_challenge`.
    """
    contenders = paired["contender"].unique(maintain_order=True).to_list()
    leader = min(contenders, key=lambda name: KINDS.index(kind_of(name, is_network=False)))
    others = [name for name in contenders if kind_of(name, is_network=False) == "neighbour ranker"]
    for name, metric in METRICS.items():
        best = ranked(single_scorers(summary), name)["model"][0]
        rows = [
            paired.row(by_predicate=_is_pair(leader, other, name), named=True)
            for other in (best, *others)
            if other != leader
        ]
        said = "; ".join(_compared(row, families) for row in rows)
        yield f"{metric.title}: {label(leader, families)} {said}."
    yield COMPARED.format(paired["playlists"][0])


def _is_pair(contender: str, other: str, metric: str) -> pl.Expr:
    of_pair = (pl.col("contender") == contender) & (pl.col("against") == other)
    return of_pair & (pl.col("metric") == metric)


def _compared(row: dict[str, Any], families: Families | None) -> str:
    verdict = "is not known to be better" if row["verdict"] == "undecided" else f"is {row['verdict']}"
    error = "unknown" if row["standard_error"] is None else f"{row['standard_error']:.4f}"
    interval = f"{row['low']:+.4f} to {row['high']:+.4f}"
    other = label(row["against"], families)
    return f"{verdict} than {other}, {row['difference']:+.4f} (standard error {error}, {interval})"


def compared(paired: pl.DataFrame, families: Families | None = None) -> Iterator[tuple[str, pl.DataFrame]]:
    """Title and table of what each contender of ``paired`` does against every other one."""
    titles = _titles()
    for (name,), rows in paired.group_by("contender", maintain_order=True):
        contender = label(name, families)
        yield (
            f"{contender} against each other contender",
            rows.select(
                pl.Series("against", [label(other, families) for other in rows["against"]]),
                pl.col("metric").replace_strict(titles),
                "difference",
                pl.col("standard_error").alias("standard error"),
                pl.col("low").alias("from"),
                pl.col("high").alias("to"),
                pl.col("verdict").alias(f"{contender} is"),
            ),
        )


def published() -> pl.DataFrame:
    """The challenge's best, in the first columns of ``overall``."""
    values = {metric.title: metric.published for metric in METRICS.values()}
    return pl.DataFrame({"model": "best of 113 teams, full MPD, hidden set"} | values)


def by_category(summary: pl.DataFrame, metric: str, families: Families | None = None) -> pl.DataFrame:
    """A row a category, a column a model by its label (Float64): the means of ``metric``."""
    names = summary["model"].unique(maintain_order=True).to_list()
    table = summary.filter(pl.col("category") != ALL).pivot(on="model", index="category", values=metric)
    given = table["category"].replace_strict(_names())
    labels = {name: label(name, families) for name in names}
    return table.select(given.alias("given"), *names).rename(labels)


def by_contender(summary: pl.DataFrame, metric: str, families: Families | None = None) -> pl.DataFrame:
    """As `by_category`, a row a model in the order of ``overall``, a column a category: of many models."""
    table = by_category(summary, metric, families)
    wide = table.drop("given").transpose(
        include_header=True, header_name="model", column_names=table["given"]
    )
    return (
        labelled(overall(summary), families)
        .select("model")
        .join(wide, on="model", how="left", maintain_order="left")
    )


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
    table = candidates.join(first, on="category", how="left", maintain_order="left").select(
        "given",
        "candidates",
        "playlists",
        pl.col("held_out").alias("tracks to be found"),
        pl.col("held_out_in_graph").alias("in the graph"),
        pl.col("share_in_graph").alias("share in the graph"),
    )
    reach = _catalogue(summary)
    if reach is None:
        return table
    shares = reach.filter(pl.col("category") != ALL)["share_in_graph"]
    return table.with_columns(shares.alias("share among candidates"))


def _catalogue(summary: pl.DataFrame) -> pl.DataFrame | None:
    """The rows of one of those that answer from the catalogue, by category; None where there are none."""
    names = (name for name in summary["model"].unique(maintain_order=True) if answers_from_catalogue(name))
    name = next(names, None)
    return None if name is None else summary.filter(pl.col("model") == name)


def caption(
    summary: pl.DataFrame,
    drawn: dict[str, Any],
    paired: pl.DataFrame | None = None,
    families: Families | None = None,
) -> Iterator[str]:
    """Paragraphs of reStructuredText: what was done, who won by each metric and, with ``paired``, how sure
    that is, what is published."""
    everyone = summary.filter(pl.col("category") == ALL).row(0, named=True)
    reach = _catalogue(summary)
    yield (
        f"{everyone['playlists']:,} whole playlists were held out before the graph was built, in categories "
        "of the RecSys Challenge 2018, and continued by 500 tracks each. "
        f"{everyone['share_in_graph']:.1%} of the {everyone['held_out']:,} tracks to be found are in the "
        + ("graph; the others nobody can find." if reach is None else _both(reach))
    )
    if lone := drawn["lone_tracks_of_held_out"]:
        yield f"{lone:,} more are on no other playlist: they are neither given nor to be found."
    for sentence in who_won(summary, families):
        yield f"- {sentence}"
    if paired is not None:
        *sentences, how = how_sure(summary, paired, families)
        yield from (f"- {sentence}" for sentence in sentences)
        yield how
    yield NOTE.format(", ".join(f"{metric.title} {metric.published:g}" for metric in METRICS.values()))
    yield HOW.format("a run" if reach is None else "the graph; from the catalogue each model answers itself")


def _both(reach: pl.DataFrame) -> str:
    share = reach.filter(pl.col("category") == ALL)["share_in_graph"][0]
    return (
        f"graph, and {share:.1%} are candidates of the catalogue, which rankers answer from: what "
        "is not among its own candidates a contender cannot find."
    )


def _titles() -> dict[str, str]:
    return {name: metric.title for name, metric in METRICS.items()}


def _names() -> dict[str, str]:
    return {str(number): category.name for number, category in CATEGORIES.items()}
