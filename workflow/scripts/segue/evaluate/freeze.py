"""A trained model frozen for unseen playlists; what stands in for their input embedding, by validation."""

from dataclasses import replace
from typing import Any

import torch
from safetensors.torch import load_file

from segue.evaluate.metrics import recall_at_k
from segue.evaluate.protocol import unseen_validation
from segue.graph.split import Split, load_split
from segue.graph.tables import digest_of_core
from segue.jobs import log
from segue.nn.encoder import OF_TRAINING, Encoder
from segue.run.models import Model
from segue.scorers.frozen import STAND_INS, Frozen, freeze


@torch.inference_mode()
def stand_in_recalls(
    model: Encoder,
    split: Split,
    k: int,
    settings: dict[str, Any],
    max_playlists: int | None = None,
    seed: int = 0,
    block_mb: int = 16,
) -> dict[str, float]:
    """Validation Recall@``k`` of each stand-in, by its name.

    Playlists of the graph are taken for unseen ones: embedded from their train edges alone, with no input
    embedding, by tracks whose features come from all train edges. ``settings``: as in ``freeze``. With
    ``max_playlists``, that many are drawn from ``seed`` among those with validation edges.
    """
    known, held_out = unseen_validation(split, max_playlists, seed)
    shape = split.num_playlists, split.num_tracks
    frozen = freeze(model, split.all_train, *shape, stand_in=STAND_INS[0], settings=settings, facts={})

    def recall(stand_in: str) -> float:
        playlists = replace(frozen, stand_in=stand_in).embed(known, counted=True)
        return recall_at_k(playlists, frozen.tracks, known, held_out, k, block_mb)

    return {stand_in: recall(stand_in) for stand_in in STAND_INS}


def best_stand_in(recalls: dict[str, float]) -> str:
    """The one with the highest recall; of equal ones the first of ``STAND_INS``."""
    return max(STAND_INS, key=recalls.__getitem__)


def frozen_model(
    sources: dict[str, str],
    *,
    model: Model,
    dim: int,
    conv: dict[str, Any],
    recall_k: int,
    max_playlists: int | None,
    seed: int,
    block_mb: int,
) -> Frozen:
    """``sources``: paths of split, model and the graph's tracks; ``conv``: the convolution's settings;
    ``max_playlists`` and ``seed``: of the validation.

    Tracks receive over train and validation edges, as for the test.
    """
    split = load_split(sources["split"])
    shape = split.num_playlists, split.num_tracks
    settings = {"dim": dim} | {key: value for key, value in conv.items() if key not in OF_TRAINING}
    encoder = Encoder(model.conv, sum(shape), alpha=model.alpha, generator=torch.Generator(), **settings)
    encoder.load_state_dict(load_file(sources["model"]))
    settings = {"conv": model.conv, **settings}
    recalls = stand_in_recalls(encoder, split, recall_k, settings, max_playlists, seed, block_mb)
    chosen = best_stand_in(recalls)
    for stand_in, recall in recalls.items():
        mark = ", chosen" if stand_in == chosen else ""
        log.info("%s for an unseen playlist: validation Recall@%d %.4f%s", stand_in, recall_k, recall, mark)
    facts = {
        "model": model.name,
        "catalogue": digest_of_core(sources["tracks"]),
        "recall_k": recall_k,
        "stand_in_recalls": recalls,
    }
    edges = split.train_and_validation
    return freeze(encoder, edges, *shape, stand_in=chosen, settings=settings, facts=facts)
