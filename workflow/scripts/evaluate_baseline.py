"""Measures one baseline's scores on the test edges."""

import torch

from segue.evaluate.protocol import evaluate_scorer, save_test
from segue.graph.split import load_split
from segue.jobs import logged
from segue.scorers.load import load_scorer


def evaluate_baseline(
    name: str, split: str, scorer: str, targets: dict[str, str], settings: dict, block_mb: int, threads: int
) -> None:
    """``targets``: metrics, means as JSON, and playlists, what each of them got. ``settings``: keyword
    arguments of ``evaluate_scorer``."""
    torch.set_num_threads(threads)
    values = []
    metrics = evaluate_scorer(
        load_split(split), load_scorer(scorer), **settings, block_mb=block_mb, each=values.append
    )
    save_test(targets, {"model": name}, metrics, values)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        evaluate_baseline(
            snakemake.wildcards.baseline,
            snakemake.input.split,
            snakemake.input.scorer,
            dict(snakemake.output.items()),
            settings=snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
            threads=snakemake.threads,
        )
