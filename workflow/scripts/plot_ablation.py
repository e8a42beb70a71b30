"""Draws what each channel of the second stage brings."""

import polars as pl

from segue.figures.ablation import ablation_figure
from segue.figures.style import save_png
from segue.jobs import logged


def plot_ablation(ablation: str, target: str, invented: bool) -> None:
    save_png(ablation_figure(pl.read_parquet(ablation), invented), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_ablation(snakemake.input.ablation, snakemake.output.figure, **snakemake.params.settings)
