"""Continues the challenge's playlists with what answers from the catalogue, as table and submission."""

from pathlib import Path

import polars as pl

from segue.challenge.answer import continue_set
from segue.jobs import logged
from segue.serve.rankers import from_catalogue


def continue_from_catalogue(
    model: str, results: str, challenge_set: str, recommendations: str, submission: str, team: dict
) -> None:
    """``results``: the folder where the catalogue is, and models; ``team``: as of ``continue_set``."""
    training = pl.read_parquet(Path(results) / "catalogue/playlists.parquet")["pid"]
    continue_set(
        challenge_set, training, lambda: from_catalogue(results, model), recommendations, submission, team
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        continue_from_catalogue(
            snakemake.wildcards.ranker,
            str(Path(snakemake.input.listed).parents[1]),
            snakemake.input.challenge_set,
            snakemake.output.recommendations,
            snakemake.output.submission,
            **snakemake.params.settings,
        )
