"""A trained model read, validated as one for unseen playlists, and frozen."""

from typing import Any

import torch
from safetensors.torch import load_file

from segue.evaluate.stand_in import best_stand_in, stand_in_recalls
from segue.graph.split import load_split
from segue.jobs import log
from segue.nn.encoder import Encoder
from segue.scorers.frozen import Frozen, freeze
from segue.serve.serving_tables import digest_of_core


def frozen_model(
    sources: dict[str, str],
    *,
    name: dict[str, str],
    dim: int,
    conv: dict[str, Any],
    recall_k: int,
    max_playlists: int | None,
    seed: int,
    block_mb: int,
) -> Frozen:
    """``sources``: paths of split, model and the graph's tracks; ``name``: the values of conv, sampler and
    alpha; ``conv``: the convolution's settings; ``max_playlists`` and ``seed``: of the validation.

    Tracks receive over train and validation edges, as for the test.
    """
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
        "catalogue": digest_of_core(sources["tracks"]),
        "recall_k": recall_k,
        "stand_in_recalls": recalls,
    }
    edges = split.train_and_validation
    return freeze(model, edges, *shape, stand_in=chosen, settings=settings, facts=facts)
