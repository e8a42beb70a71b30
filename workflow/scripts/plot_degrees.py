"""Draws the degree distribution before and after the k-core."""

import polars as pl

from segue.figures.degrees import degree_distribution
from segue.figures.style import save_png
from segue.jobs import logged


def plot_degrees(degrees: str, target: str, k: int) -> None:
    """``degrees``: the Parquet file with the number of nodes of each degree; ``k``: the K of the core."""
    figure = degree_distribution(pl.read_parquet(degrees), k)
    save_png(figure, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_degrees(snakemake.input.degrees, snakemake.output.figure, **snakemake.params.settings)
