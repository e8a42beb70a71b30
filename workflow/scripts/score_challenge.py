"""Scores what a model recommends for the held-out playlists by the challenge's metrics."""

import polars as pl

from segue.challenge.scores import METRICS, challenge_scores
from segue.files import save_table
from segue.jobs import log, logged


def score_challenge(recommendations: str, answers: str, tracks: str, target: str) -> None:
    """``tracks``: the core's table of tracks, for the artists of what is recommended."""
    scores = challenge_scores(*map(pl.read_parquet, (recommendations, answers, tracks)))
    means = ", ".join(f"{metric.title} {scores[name].mean():.4f}" for name, metric in METRICS.items())
    log.info("%d playlists: %s", scores.height, means)
    save_table(scores, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        score_challenge(
            snakemake.input.recommendations,
            snakemake.input.answers,
            snakemake.input.tracks,
            snakemake.output.scores,
        )
