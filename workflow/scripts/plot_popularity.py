"""Draws where artists and albums help: recall by popularity of the track, and what they add to it."""

import polars as pl

from segue.figures.looks import drawn_as
from segue.figures.popularity import recall_by_popularity
from segue.figures.style import save_png
from segue.jobs import logged
from segue.run.families import Families


def plot_popularity(popularity: str, target: str, k: int, families: Families | None = None) -> None:
    """``popularity``: what compare_relations wrote; ``families``: of the run's convolutions."""
    with drawn_as(families):
        figure = recall_by_popularity(pl.read_parquet(popularity), k)
    save_png(figure, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_popularity(snakemake.input.popularity, snakemake.output.figure, **snakemake.params.settings)
