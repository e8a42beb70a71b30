"""Fits what the channels of a second stage have of the catalogue beforehand."""

from pathlib import Path

import torch

from segue.catalogue.catalogue import Catalogue
from segue.channels.fitted import Fitted
from segue.jobs import logged


def fit(folder: str, target: str, rank: int, seed: int, threads: int) -> None:
    """``folder``: of the catalogue; ``target``: the folder that ``Fitted.save`` writes to."""
    torch.set_num_threads(threads)
    catalogue = Catalogue(folder)
    Fitted.of(catalogue, rank=rank, seed=seed).save(target, catalogue.digest)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        fit(
            str(Path(snakemake.input.listed).parent),
            str(Path(snakemake.output.fitted).parent),
            **snakemake.params.settings,
            threads=snakemake.threads,
        )
