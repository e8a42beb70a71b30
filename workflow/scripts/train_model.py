"""Trains one model: a convolution, a negative sampler, fixed or learnable layer weights."""

from pathlib import Path

from segue.files import read_json
from segue.jobs import keep_freed_memory, logged, noting_sigterm
from segue.run.gpus import claimed_gpu
from segue.run.models import Model
from segue.run.trials import with_values
from segue.train.run import train_model

if __name__ == "__main__":
    keep_freed_memory()
    model = Model.of(snakemake.wildcards)
    settings, tuned = snakemake.params.settings, None
    if snakemake.input.chosen:
        tuned = read_json(snakemake.input.chosen)["settings"]
        settings = with_values(settings, tuned)
    with (
        logged(snakemake.log[0]),
        claimed_gpu(settings["device"], snakemake.resources.gpu),  # before torch looks for GPUs
        noting_sigterm() as terminated,
    ):
        train_model(
            snakemake.input.split,
            dict(snakemake.output.items()),
            name=model.parts,
            **settings,
            relations_file=snakemake.input.relations or None,
            block_mb=snakemake.config["score_block_mb"],
            gpu=snakemake.resources.gpu,
            threads=snakemake.threads,
            code=snakemake.params.code,
            # Not among the params, and in no declared output: how often to save changes no result, so it must
            # not make one stale, and Snakemake must leave the files of a failed job alone.
            checkpoints={
                "folder": Path(snakemake.config["results"], "checkpoints", model.name),
                **snakemake.config["checkpoints"],
            },
            terminated=terminated,
            tuned=tuned,
        )
