"""Measures one blend's scores on the test edges."""

from pathlib import Path

import torch

from segue.evaluate.blends import read_embeddings, scores_of_blend
from segue.evaluate.protocol import evaluate_scores, save_test
from segue.graph.split import load_split
from segue.jobs import logged
from segue.scorers.load import load_scorer


def evaluate_blend(
    name: str,
    source: str,
    scorer: str,
    embeddings: list[str],
    targets: dict[str, str],
    settings: dict,
    block_mb: int,
    threads: int,
) -> None:
    """``source``: the split; ``embeddings``: paths .../{model}/embeddings.safetensors of its graph networks;
    ``targets`` and ``settings``: as in ``evaluate_baseline``."""
    torch.set_num_threads(threads)
    split, values = load_split(source), []
    of_networks = {Path(path).parent.name: read_embeddings(path, split) for path in embeddings}
    scores = scores_of_blend(load_scorer(scorer), of_networks)
    metrics = evaluate_scores(split, scores, **settings, block_mb=block_mb, each=values.append)
    save_test(targets, {"model": name}, metrics, values)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        evaluate_blend(
            snakemake.wildcards.blend,
            snakemake.input.split,
            snakemake.input.scorer,
            [*snakemake.input.get("embeddings", [])],
            dict(snakemake.output.items()),
            settings=snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
            threads=snakemake.threads,
        )
