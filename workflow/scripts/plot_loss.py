"""Draws the validation loss of all models by epoch."""

import polars as pl

from segue.figures.curves import loss_curves
from segue.figures.style import save_png
from segue.jobs import logged


def plot_loss(histories: list[str], target: str, loss: str) -> None:
    """``histories``: one Parquet file a model; ``loss``: bpr or bce, what the models were trained with."""
    figure = loss_curves(pl.concat(pl.read_parquet(path) for path in histories), loss)
    save_png(figure, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_loss(snakemake.input.histories, snakemake.output.figure, snakemake.params.loss)
