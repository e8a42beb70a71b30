"""Draws the validation Recall@K of models with fixed and with learnable alpha by epoch."""

import polars as pl

from segue.figures.alpha import alpha_curves
from segue.figures.style import save_png
from segue.jobs import logged


def plot_alpha(histories: list[str], target: str) -> None:
    """``histories``: one Parquet file a model."""
    history = pl.concat(pl.read_parquet(path) for path in histories)
    save_png(alpha_curves(history), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_alpha(snakemake.input.histories, snakemake.output.figure)
