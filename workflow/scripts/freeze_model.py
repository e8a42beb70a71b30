"""Freezes a trained model, so that it scores tracks for playlists that it never saw."""

import torch

from segue.evaluate.freeze import frozen_model
from segue.jobs import logged
from segue.run.models import Model

if __name__ == "__main__":
    torch.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]):
        frozen_model(
            Model.of(snakemake.wildcards).name,
            dict(snakemake.input.items()),
            **snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
        ).save(snakemake.output.scorer)
