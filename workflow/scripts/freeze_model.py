"""Freezes a trained model, so that it scores tracks for playlists that it never saw."""

import polars as pl
import torch
from safetensors.torch import load_file

from segue.inductive import freeze
from segue.jobs import log, logged
from segue.models import Encoder
from segue.serving_tables import core_digest
from segue.split import load_split
from segue.stand_in import best_stand_in, stand_in_recalls


def freeze_model(
    sources: dict[str, str],
    target: str,
    *,
    name: dict[str, str],
    dim: int,
    conv: dict,
    recall_k: int,
    max_playlists: int | None,
    seed: int,
    block_mb: int,
    threads: int,
) -> None:
    """``sources``: split, model and tracks; ``name``: the values of conv, sampler and alpha; ``conv``: the
    convolution's settings; ``max_playlists`` and ``seed``: of the validation."""
    torch.set_num_threads(threads)
    split = load_split(sources["split"])
    shape = split.num_playlists, split.num_tracks
    settings = {"dim": dim} | {key: value for key, value in conv.items() if key != "init_std"}
    model = Encoder(name["conv"], sum(shape), alpha=name["alpha"], generator=torch.Generator(), **settings)
    model.load_state_dict(load_file(sources["model"]))
    settings = {"conv": name["conv"], **settings}
    recalls = stand_in_recalls(model, split, recall_k, settings, max_playlists, seed, block_mb)
    chosen = best_stand_in(recalls)
    for stand_in, recall in recalls.items():
        mark = ", chosen" if stand_in == chosen else ""
        log.info("%s for an unseen playlist: validation Recall@%d %.4f%s", stand_in, recall_k, recall, mark)
    facts = {
        "model": "-".join(name.values()),
        "catalogue": core_digest(pl.read_parquet(sources["tracks"], columns=["track_uri"])["track_uri"]),
        "recall_k": recall_k,
        "stand_in_recalls": recalls,
    }
    edges = split.train_and_validation
    freeze(model, edges, *shape, stand_in=chosen, settings=settings, facts=facts).save(target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        freeze_model(
            {name: snakemake.input[name] for name in ("split", "model", "tracks")},
            snakemake.output.scorer,
            name={key: snakemake.wildcards[key] for key in ("conv", "sampler", "alpha")},
            dim=snakemake.params.dim,
            conv=snakemake.params.conv,
            recall_k=snakemake.params.recall_k,
            max_playlists=snakemake.params.max_playlists,
            seed=snakemake.params.seed,
            block_mb=snakemake.params.block_mb,
            threads=snakemake.threads,
        )
