"""Draws the validation Recall@K of all models by epoch."""

import polars as pl

from segue.figures.curves import recall_curves
from segue.figures.style import save_png
from segue.jobs import logged


def plot_recall(histories: list[str], target: str) -> None:
    """``histories``: one Parquet file a model."""
    figure = recall_curves(pl.concat(pl.read_parquet(path) for path in histories))
    save_png(figure, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_recall(snakemake.input.histories, snakemake.output.figure)
