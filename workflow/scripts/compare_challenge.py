"""Compares what answers from the catalogue with every other contender, playlist by playlist."""

import polars as pl

from segue.challenge.scores import ALL, METRICS
from segue.evaluate.paired import paired_errors, paired_table, standard_errors
from segue.files import atomic, save_table
from segue.jobs import log, logged
from segue.run.measured import verdict


def compare_challenge(
    scores: list[str], targets: dict[str, str], contenders: list[str], rankers: list[str], seed: int
) -> None:
    """``scores``: a file of each of ``contenders``, of the same playlists; ``rankers``: those of them that
    are compared with each other one.

    ``targets``: paired (Parquet) and csv, a row a metric and pair: contender, against, metric, playlists,
    difference, standard_error, low, high and verdict; errors, of the means: model, category, metric, mean and
    error.
    """
    tables = dict(zip(contenders, map(pl.read_parquet, scores), strict=True))
    parts = {ALL: _values(tables)} | {
        str(number): _values({name: table.filter(category=number) for name, table in tables.items()})
        for number in tables[contenders[0]]["category"].unique(maintain_order=True)
    }
    errors = [
        standard_errors(values).select("model", pl.lit(category).alias("category"), "metric", "mean", "error")
        for category, values in parts.items()
    ]
    save_table(pl.concat(errors), targets["errors"])
    pairs = [(ranker, other) for ranker in rankers for other in contenders if other != ranker]
    asked = parts[ALL], list(METRICS), pairs
    table = pl.concat([paired_table(*asked, seed), paired_errors(*asked)], how="horizontal")
    table = table.select(
        pl.col("model").alias("contender"),
        pl.col("baseline").alias("against"),
        *("metric", "playlists", "difference", "standard_error", "low", "high"),
        pl.struct("metric", "low", "high").map_elements(_verdict, return_dtype=pl.String).alias("verdict"),
    )
    save_table(table, targets["paired"])
    with atomic(targets["csv"]) as path:
        table.write_csv(path)
    for row in table.iter_rows(named=True):
        log.info(
            "{contender} - {against}, {metric}: {difference:.4f} ({low:.4f} to {high:.4f})".format(**row)
        )


def _verdict(row: dict) -> str:
    less = METRICS[row["metric"]].less_is_better
    return verdict(-row["high"], -row["low"]) if less else verdict(row["low"], row["high"])


def _values(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return {name: table.select(pl.col("pid").alias("playlist"), *METRICS) for name, table in tables.items()}


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        compare_challenge(
            list(snakemake.input.scores), dict(snakemake.output.items()), **snakemake.params.settings
        )
