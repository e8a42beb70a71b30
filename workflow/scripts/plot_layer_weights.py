"""Draws the learned layer weights by epoch."""

import polars as pl

from segue.figures.alpha import layer_weight_curves
from segue.figures.style import save_png
from segue.jobs import logged


def plot_layer_weights(histories: list[str], target: str) -> None:
    """``histories``: one Parquet file a model."""
    history = pl.concat(pl.read_parquet(path) for path in histories)
    save_png(layer_weight_curves(history), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_layer_weights(snakemake.input.histories, snakemake.output.figure)
