"""Measures one choice of a baseline's settings on the validation edges."""

from typing import Any

import torch

from segue.evaluate.choose import validation_recall
from segue.evaluate.protocol import unseen_validation
from segue.files import write_json
from segue.graph.split import load_split
from segue.jobs import logged


def try_baseline(
    name: str,
    source: str,
    target: str,
    *,
    trial: str,
    values: dict[str, Any],
    own: dict[str, Any],
    recall_k: int,
    max_playlists: int | None,
    seed: int,
    block_mb: int,
    threads: int,
) -> None:
    """``source``: the split, of which no test edge is read; ``values``: what the ``trial`` sets, ``own`` the
    baseline's other settings; ``max_playlists`` and ``seed``: of the validation."""
    torch.set_num_threads(threads)
    split = load_split(source, test=False)
    asked = unseen_validation(split, max_playlists, seed)
    recall = validation_recall(name, split, own | values, recall_k, asked, block_mb, threads)
    result = {"model": name, "trial": trial, "round": 1, "epochs": None}
    write_json(target, result | {"recall_k": recall_k, "validation_recall": recall, "settings": values})


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        try_baseline(
            snakemake.wildcards.baseline,
            snakemake.input.split,
            snakemake.output.trial,
            trial=snakemake.wildcards.slot,
            **snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
            threads=snakemake.threads,
        )
