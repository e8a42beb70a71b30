"""Puts the challenge's scores of all models and baselines into one table, by category."""

import polars as pl

from segue.challenge.scores import challenge_summary
from segue.files import atomic, save_table
from segue.jobs import log, logged


def summarise_challenge(
    scores: list[str], models: dict[str, list[str | None]], parquet: str, csv: str
) -> None:
    """``scores``: a file a model, in the order of ``models``: conv, sampler and alpha, null of a baseline."""
    tables = dict(zip(models, map(pl.read_parquet, scores), strict=True))
    summary = challenge_summary(tables, models)
    save_table(summary, parquet)
    with atomic(csv) as path:
        summary.write_csv(path)
    everything = summary.filter(pl.col("category") == "all").drop("conv", "sampler", "alpha", "category")
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        log.info("%s", everything.with_columns(pl.selectors.float().round(4)))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        summarise_challenge(
            snakemake.input.scores,
            parquet=snakemake.output.parquet,
            csv=snakemake.output.csv,
            **snakemake.params.settings,
        )
