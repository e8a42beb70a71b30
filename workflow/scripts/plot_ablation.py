"""Draws what each channel of the second stage brings."""

import polars as pl

from segue.figures.ablation import ablation_figure
from segue.figures.looks import drawn_as
from segue.figures.style import save_png
from segue.jobs import logged
from segue.run.families import Families


def plot_ablation(ablation: str, target: str, invented: bool, families: Families | None = None) -> None:
    """``invented``: whether the playlists are; ``families``: of the run's convolutions."""
    with drawn_as(families):
        save_png(ablation_figure(pl.read_parquet(ablation), invented), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_ablation(snakemake.input.ablation, snakemake.output.figure, **snakemake.params.settings)
