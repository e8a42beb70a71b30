"""Draws the test metrics of all models and baselines, and how sure they are."""

import polars as pl

from segue.figures.looks import drawn_as
from segue.figures.metrics import final_metrics
from segue.figures.style import save_png
from segue.jobs import logged
from segue.run.families import Families


def plot_metrics(
    summary: str, errors: str, seeds: list[str], target: str, k: int, families: Families | None = None
) -> None:
    """``summary``: the Parquet file of all models' metrics; ``errors``: of their means; ``seeds``: of several
    seeds, or none; ``k``: the cut-off to draw; ``families``: of the run's convolutions."""
    of_seeds = pl.concat(map(pl.read_parquet, seeds)) if seeds else None
    with drawn_as(families):
        figure = final_metrics(pl.read_parquet(summary), k, pl.read_parquet(errors), of_seeds)
    save_png(figure, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_metrics(
            snakemake.input.summary,
            snakemake.input.errors,
            list(snakemake.input.seeds),
            snakemake.output.figure,
            **snakemake.params.settings,
        )
