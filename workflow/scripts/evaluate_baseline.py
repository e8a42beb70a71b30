"""Measures one baseline's scores on the test edges."""

import torch

from segue.evaluation import save_metrics
from segue.jobs import logged
from segue.scorer_evaluation import evaluate_scorer
from segue.scorers import load_scorer
from segue.split import load_split


def evaluate_baseline(
    name: str, split: str, scorer: str, target: str, settings: dict, block_mb: int, threads: int
) -> None:
    """``settings``: keyword arguments of ``evaluate_scorer``."""
    torch.set_num_threads(threads)
    metrics = evaluate_scorer(load_split(split), load_scorer(scorer), **settings, block_mb=block_mb)
    save_metrics(target, {"model": name}, metrics)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        evaluate_baseline(
            snakemake.wildcards.baseline,
            snakemake.input.split,
            snakemake.input.scorer,
            snakemake.output.metrics,
            settings=snakemake.params.settings,
            block_mb=snakemake.params.block_mb,
            threads=snakemake.threads,
        )
