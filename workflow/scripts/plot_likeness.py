"""Draws how alike playlists that share an artist are, to all models, over the epochs."""

import polars as pl

from segue.figures.likeness import likeness_curves
from segue.figures.looks import drawn_as
from segue.figures.style import save_png
from segue.jobs import logged
from segue.run.families import Families


def plot_likeness(likeness: list[str], target: str, families: Families | None = None) -> None:
    """``likeness``: files of measure_likeness, one a model; ``families``: of the run's convolutions."""
    table = pl.concat([pl.read_parquet(path) for path in likeness])
    with drawn_as(families):
        save_png(likeness_curves(table.filter(pl.col("group") == "artists")), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_likeness(list(snakemake.input.likeness), snakemake.output.figure, **snakemake.params.settings)
