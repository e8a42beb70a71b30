"""Trains a model with settings on trial, up to the end of a round, and measures it on validation edges."""

from pathlib import Path

from segue.files import read_json
from segue.jobs import keep_freed_memory, logged, noting_sigterm
from segue.run.gpus import claimed_gpu
from segue.train.trial import try_model

if __name__ == "__main__":
    keep_freed_memory()
    name = {key: snakemake.wildcards[key] for key in ("conv", "sampler", "alpha")}
    settings = dict(snakemake.params.settings)
    trial = {"trial": snakemake.wildcards.slot, "settings": settings.pop("values")}
    if snakemake.input.ranking:  # of the round before, whose places slots are, from 1
        trial = read_json(snakemake.input.ranking)["trials"][int(snakemake.wildcards.slot) - 1]
    with (
        logged(snakemake.log[0]),
        claimed_gpu(settings["device"], snakemake.resources.gpu),  # before torch looks for GPUs
        noting_sigterm() as terminated,
    ):
        try_model(
            snakemake.input.split,
            snakemake.output.trial,
            name=name,
            trial=trial,
            number=int(snakemake.wildcards.round),
            **settings,
            relations_file=snakemake.input.relations or None,
            block_mb=snakemake.config["score_block_mb"],
            gpu=snakemake.resources.gpu,
            threads=snakemake.threads,
            code=snakemake.params.code,
            folder=Path(snakemake.config["results"], "checkpoints/tune", "-".join(name.values())),
            checkpoints=snakemake.config["checkpoints"],
            terminated=terminated,
        )
