"""Freezes the model with the highest validation recall."""

import torch

from segue.evaluate.freeze import frozen_model
from segue.files import read_json
from segue.jobs import log, logged


def freeze_best(
    best: str, files: dict[str, list[str]], sources: dict[str, str], target: str, **options
) -> None:
    """``best``: what pick_best wrote; ``files``: paths of each model's ``model`` and ``validated``, below a
    folder of its name, with the best's among them; ``sources``, ``options``: of ``frozen_model``."""
    name = read_json(best)["model"]
    log.info("best by validation: %s", name)
    own = {kind: path for kind, paths in files.items() for path in paths if path.split("/")[-2] == name}
    frozen_model(name, sources | own, **options).save(target)


if __name__ == "__main__":
    torch.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]):
        freeze_best(
            snakemake.input.best,
            {"model": snakemake.input.models, "validated": snakemake.input.validated},
            {name: snakemake.input[name] for name in ("split", "tracks", "relations")},
            snakemake.output.scorer,
            **snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
        )
