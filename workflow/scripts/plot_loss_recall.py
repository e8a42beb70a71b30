"""Draws the validation Recall@K of all models against their validation loss."""

import polars as pl

from segue.figures.loss_recall import loss_recall_paths
from segue.figures.style import save_png
from segue.jobs import logged


def plot_loss_recall(histories: list[str], target: str, loss: str) -> None:
    """``histories``: one Parquet file a model; ``loss``: bpr or bce, what the models were trained with."""
    history = pl.concat(pl.read_parquet(path) for path in histories)
    save_png(loss_recall_paths(history, loss), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_loss_recall(snakemake.input.histories, snakemake.output.figure, snakemake.params.loss)
