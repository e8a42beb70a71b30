"""Scores what a model recommends for the held-out playlists by the challenge's metrics."""

import polars as pl

from segue.challenge.scores import METRICS, challenge_scores, shown_means
from segue.files import save_table
from segue.jobs import log, logged


def score_challenge(
    recommendations: str, answers: str, tracks: str, target: str, min_degree: int | None = None
) -> None:
    """``tracks``: the table of the tracks that are recommended, for their artists; the core's, or the
    catalogue's, of which those on ``min_degree`` playlists or more are candidates."""
    listed = pl.read_parquet(tracks)
    if min_degree is not None:
        listed = listed.filter(pl.col("degree") >= min_degree)
    scores = challenge_scores(*map(pl.read_parquet, (recommendations, answers)), listed)
    means = {name: scores[name].mean() for name in METRICS}
    log.info("%d playlists: %s", scores.height, shown_means(means))
    save_table(scores, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        score_challenge(
            snakemake.input.recommendations,
            snakemake.input.answers,
            snakemake.input.tracks,
            snakemake.output.scores,
            **snakemake.params.get("settings", {}),
        )
