"""Fits an encoder of titles to the catalogue, in the space of a network's tracks."""

from pathlib import Path
from typing import Any

import torch

from segue.catalogue.catalogue import Catalogue
from segue.channels.fit_title_encoder import fit_title_encoder
from segue.jobs import logged
from segue.scorers.load import load_scorer


def fit(folder: str, network: str, encoder: str, settings: dict[str, Any], threads: int) -> None:
    """``folder``: of the catalogue; ``network``: the file of one that knows its candidates."""
    torch.set_num_threads(threads)
    fit_title_encoder(Catalogue(folder), load_scorer(network), settings).save(encoder)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        fit(
            str(Path(snakemake.input.listed).parent),
            snakemake.input.network,
            snakemake.output.encoder,
            snakemake.params.settings,
            snakemake.threads,
        )
