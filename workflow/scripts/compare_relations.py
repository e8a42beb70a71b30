"""Says where relations help: recall by popularity of the held-out track, and what relations add to it."""

from typing import Any

import polars as pl

from segue.evaluate.relations import models_table, popularity_table
from segue.files import atomic, save_table
from segue.jobs import log, logged


def compare_relations(
    hits: list[str],
    targets: dict[str, str],
    *,
    models: list[dict[str, Any]],
    k: list[int],
    shown: int,
    seed: int,
) -> None:
    """``hits``: what measure_popularity wrote of each of ``models``, which say what ``models_table`` takes.
    ``targets``: parquet and csv. Logs the gains in Recall@``shown``."""
    tables = {model["model"]: pl.read_parquet(path) for model, path in zip(models, hits, strict=True)}
    table = popularity_table(tables, models_table(models), k, seed)
    save_table(table, targets["parquet"])
    with atomic(targets["csv"]) as path:
        table.write_csv(path)
    for row in table.filter(pl.col("gain").is_not_null(), k=shown).iter_rows(named=True):
        log.info(
            "{model}, quarter {quarter}: {recall:.4f}, {gain:+.4f} ({low:+.4f} to {high:+.4f})".format(**row)
        )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        compare_relations(snakemake.input.hits, dict(snakemake.output.items()), **snakemake.params.settings)
