"""Chooses the second stage on the validation playlists, and fits it to all of them."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from segue.challenge.collected import collected
from segue.challenge.second_stage import channels_of, choose_stage, columns_without
from segue.files import write_json
from segue.jobs import logged
from segue.rerank.examples import fit_model
from segue.rerank.stage import SecondStage


def fit_rerank(
    results: str, challenge_set: str, answers: str, stage: str, chosen: str, settings: dict[str, Any]
) -> None:
    """``results``, ``challenge_set``, ``answers``, ``settings``: as of ``collected``."""
    with collected(results, challenge_set, answers, stage, settings) as known:
        examples, features = known.examples, known.features
        choice = choose_stage(examples, features.groups, known.validation, settings)
        best = choice["settings"]
        columns = columns_without(examples, channels_of(features.groups, best["without"]))
        everyone = np.ones(len(examples.given), dtype=bool)
        model = fit_model(best["stage"], examples, everyone, columns, settings)
    names = [features.names[column] for column in columns]
    used = [name for name in settings["models"] if name in names]
    about = {name: settings[name] for name in ("candidates", "title_encoder")}
    about |= {"blend": features.blend, "models": used, **best}
    SecondStage(best["stage"], model, names, known.catalogue.digest, about).save(stage)
    write_json(chosen, {"model": "rerank", **choice})


if __name__ == "__main__":
    torch.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]), threadpool_limits(snakemake.threads):
        fit_rerank(
            str(Path(snakemake.input.listed).parents[1]),
            snakemake.input.validation_challenge_set,
            snakemake.input.validation_answers,
            snakemake.output.stage,
            snakemake.output.chosen,
            snakemake.params.settings,
        )
