"""Names the best model by its validation recall at the last epoch."""

import polars as pl

from segue.evaluate.best import best_model
from segue.files import write_json
from segue.jobs import log, logged


def pick_best(histories: list[str], target: str) -> None:
    """``histories``: one Parquet file a model."""
    best = best_model(pl.concat(pl.read_parquet(path) for path in histories))
    log.info(
        "best: %s, validation Recall@%d %.4f", best["model"], best["recall_k"], best["validation_recall"]
    )
    write_json(target, best)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        pick_best(snakemake.input.histories, snakemake.output.best)
