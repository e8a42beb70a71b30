"""Puts the metrics of all models and baselines into one table."""

import polars as pl

from segue.files import atomic, read_json, save_table
from segue.jobs import log, logged


def summarise_metrics(models: list[str], baselines: list[str], parquet: str, csv: str, k: int) -> None:
    """A row a model, a column a metric; baselines last. Logs the table with Recall@``k`` and its like."""
    results = [read_json(path) for path in [*models, *baselines]]
    summary = pl.DataFrame([row(result) for result in results], infer_schema_length=None)
    save_table(summary, parquet)
    with atomic(csv) as path:
        summary.write_csv(path)
    columns = [f"recall@{k}", f"ndcg@{k}", "r_precision", "mrr", f"coverage@{k}", "roc_auc"]
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        log.info("%s", summary.select("model", *(pl.col(name).round(4) for name in columns)))


def row(result: dict) -> dict:
    """One model's row; ``playlists`` is the number that its means are over, the same for every metric."""
    values = {name: metric["value"] for name, metric in result["metrics"].items()}
    (playlists,) = {metric["playlists"] for metric in result["metrics"].values()}
    names = {key: result.get(key) for key in ("model", "conv", "sampler", "alpha")}
    return names | {"playlists": playlists} | values


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        summarise_metrics(
            snakemake.input.metrics,
            snakemake.input.baselines,
            snakemake.output.parquet,
            snakemake.output.csv,
            **snakemake.params.settings,
        )
