"""Puts the metrics of all models and baselines into one table, and how far seeds are apart into another."""

import polars as pl

from segue.evaluate.summary import seeds_table, summary_table
from segue.files import atomic, read_json, save_table
from segue.jobs import log, logged


def summarise_metrics(models: list[str], baselines: list[str], targets: dict[str, str], k: int) -> None:
    """``models``, ``baselines``: what their tests wrote. ``targets``: parquet and csv of the summary; where
    models have several seeds, seeds_parquet and seeds_csv too. Logs the table with Recall@``k`` and its like.
    """
    results = [read_json(path) for path in [*models, *baselines]]
    summary = summary_table(results)
    _save(summary, targets["parquet"], targets["csv"])
    if "seeds_parquet" in targets:
        _save(seeds_table(results), targets["seeds_parquet"], targets["seeds_csv"])
    columns = [f"recall@{k}", f"ndcg@{k}", "r_precision", "mrr", f"coverage@{k}", "roc_auc"]
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        log.info("%s", summary.select("model", *(pl.col(name).round(4) for name in columns)))


def _save(table: pl.DataFrame, parquet: str, csv: str) -> None:
    save_table(table, parquet)
    with atomic(csv) as path:
        table.write_csv(path)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        summarise_metrics(
            snakemake.input.metrics,
            snakemake.input.baselines,
            dict(snakemake.output.items()),
            **snakemake.params.settings,
        )
