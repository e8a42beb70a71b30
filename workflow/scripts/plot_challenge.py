"""Draws the challenge's metrics, by category, of all models and baselines."""

from collections.abc import Sequence

import polars as pl

from segue.figures.challenge import challenge_results
from segue.figures.looks import drawn_as
from segue.figures.style import save_png
from segue.jobs import logged
from segue.run.families import Families


def plot_challenge(
    summary: str, target: str, errors: Sequence[str] = (), families: Families | None = None
) -> None:
    """``errors``: of the means, a file where something answers from the catalogue; ``families``: of the run's
    convolutions."""
    known = next(map(pl.read_parquet, errors), None)
    with drawn_as(families):
        save_png(challenge_results(pl.read_parquet(summary), known), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_challenge(
            snakemake.input.summary,
            snakemake.output.figure,
            list(snakemake.input.errors),
            **snakemake.params.settings,
        )
