"""Freezes the model with the highest validation recall."""

import torch

from segue.evaluate.freeze import frozen_model
from segue.files import read_json
from segue.jobs import log, logged
from segue.run.models import Model


def freeze_best(
    best: str, models: list[str], sources: dict[str, str], target: str, convs: dict, **options
) -> None:
    """``best``: what pick_best wrote; ``models``: paths .../{model}/model.safetensors, with the best's among
    them; ``convs``: settings of each convolution; ``options``: of ``frozen_model``."""
    chosen = read_json(best)
    log.info("best by validation: %s", chosen["model"])
    (path,) = (path for path in models if path.split("/")[-2] == chosen["model"])
    model = Model(*(chosen[key] for key in ("conv", "sampler", "alpha")))
    frozen_model(sources | {"model": path}, model=model, conv=convs[chosen["conv"]], **options).save(target)


if __name__ == "__main__":
    torch.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]):
        freeze_best(
            snakemake.input.best,
            snakemake.input.models,
            {name: snakemake.input[name] for name in ("split", "tracks")},
            snakemake.output.scorer,
            **snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
        )
