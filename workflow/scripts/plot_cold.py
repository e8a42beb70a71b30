"""Draws what models find of tracks that training never saw, beside rankings that need no model."""

import polars as pl

from segue.figures.cold import cold_recall
from segue.figures.looks import drawn_as
from segue.figures.style import save_png
from segue.jobs import logged
from segue.run.families import Families


def plot_cold(cold: str, target: str, families: Families | None = None) -> None:
    """``cold``: what measure_cold wrote; ``families``: of the run's convolutions."""
    with drawn_as(families):
        figure = cold_recall(pl.read_parquet(cold))
    save_png(figure, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_cold(snakemake.input.cold, snakemake.output.figure, **snakemake.params.settings)
