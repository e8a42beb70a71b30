"""Continues the challenge's playlists with one model, as a table and as a submission."""

import polars as pl

from segue.challenge.answer import continue_set
from segue.jobs import logged
from segue.serve.from_core import from_core


def continue_challenge(sources: dict[str, str], recommendations: str, submission: str, team: dict) -> None:
    """``sources``: challenge_set (JSON), scorer, tracks, titles, split, and playlists of the graph.

    ``team``: name and contact, for the submission's first line.
    """
    continue_set(
        sources["challenge_set"],
        pl.read_parquet(sources["playlists"])["pid"],
        lambda: from_core(*(sources[name] for name in ("scorer", "tracks", "titles", "split"))),
        recommendations,
        submission,
        team,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        continue_challenge(
            dict(snakemake.input.items()),
            snakemake.output.recommendations,
            snakemake.output.submission,
            **snakemake.params.settings,
        )
