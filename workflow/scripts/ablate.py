"""Measures on the validation playlists what a second stage would lack without each channel."""

from pathlib import Path
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from segue.challenge.collected import collected
from segue.challenge.second_stage import ablation
from segue.files import save_table
from segue.jobs import logged


def ablate(results: str, challenge_set: str, answers: str, table: str, settings: dict[str, Any]) -> None:
    """``results``, ``challenge_set``, ``answers``, ``settings``: as of ``collected``; ``table``: Parquet."""
    with collected(results, challenge_set, answers, table, settings) as known:
        save_table(ablation(known.examples, known.features.groups, known.validation, settings), table)


if __name__ == "__main__":
    torch.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]), threadpool_limits(snakemake.threads):
        ablate(
            str(Path(snakemake.input.listed).parents[1]),
            snakemake.input.validation_challenge_set,
            snakemake.input.validation_answers,
            snakemake.output.table,
            snakemake.params.settings,
        )
