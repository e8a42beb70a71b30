"""Draws the validation recall of all trials."""

import polars as pl

from segue.figures.looks import drawn_as
from segue.figures.style import save_png
from segue.figures.trials import trials_figure
from segue.jobs import logged
from segue.run.families import Families


def plot_trials(trials: str, target: str, families: Families | None = None) -> None:
    """``trials``: the table of collect_trials; ``families``: of the run's convolutions."""
    with drawn_as(families):
        save_png(trials_figure(pl.read_parquet(trials)), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_trials(snakemake.input.trials, snakemake.output.figure, **snakemake.params.settings)
