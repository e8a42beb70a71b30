"""Draws the validation ROC-AUC of all models by epoch."""

import polars as pl

from segue.figures.curves import auc_curves
from segue.figures.style import save_png
from segue.jobs import logged


def plot_roc_auc(histories: list[str], target: str) -> None:
    """``histories``: one Parquet file a model."""
    history = pl.concat(pl.read_parquet(path) for path in histories)
    save_png(auc_curves(history), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_roc_auc(snakemake.input.histories, snakemake.output.figure)
