"""Draws the test metrics of all models and baselines."""

import polars as pl

from segue.figures.metrics import final_metrics
from segue.figures.style import save_png
from segue.jobs import logged


def plot_metrics(summary: str, target: str, k: int) -> None:
    """``summary``: the Parquet file of all models' metrics; ``k``: the cut-off to draw."""
    figure = final_metrics(pl.read_parquet(summary), k)
    save_png(figure, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_metrics(snakemake.input.summary, snakemake.output.figure, **snakemake.params.settings)
