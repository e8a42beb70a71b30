"""A trained model frozen for unseen playlists; what stands in for their input embedding, by validation."""

from dataclasses import replace

import torch
from safetensors.torch import load_file

from segue.evaluate.metrics import recall_at_k
from segue.evaluate.pretended import best_stand_in, cold_stand_ins
from segue.evaluate.protocol import unseen_validation
from segue.graph.relations import load_relations
from segue.graph.split import Split, load_split
from segue.graph.tables import digest_of_core
from segue.jobs import log
from segue.nn.saved import read_encoder
from segue.nn.score import Score
from segue.scorers.frozen import STAND_INS, Frozen, freeze


@torch.inference_mode()
def stand_in_recalls(
    frozen: Frozen,
    split: Split,
    k: int,
    max_playlists: int | None = None,
    seed: int = 0,
    block_mb: int = 16,
) -> dict[str, float]:
    """Validation Recall@``k`` of each stand-in, by its name.

    Playlists of the graph are taken for unseen ones: embedded from their train edges alone, with no input
    embedding, by ``frozen``, whose tracks' features come from all train edges. With ``max_playlists``, that
    many are drawn from ``seed`` among those with validation edges.
    """
    known, held_out = unseen_validation(split, max_playlists, seed)

    def recall(stand_in: str) -> float:
        playlists = replace(frozen, stand_in=stand_in).embed(known, counted=True)
        return recall_at_k(playlists, frozen.tracks, known, held_out, k, block_mb)

    return {stand_in: recall(stand_in) for stand_in in STAND_INS}


def frozen_model(
    name: str,
    sources: dict[str, str],
    *,
    recall_k: int,
    max_playlists: int | None,
    seed: int,
    block_mb: int,
) -> Frozen:
    """The model ``name`` frozen. ``sources``: paths of the split, of its ``model`` and ``validated`` files,
    of the graph's tracks, and of its ``relations``, for a model that has some; ``max_playlists`` and
    ``seed``: of the validation.

    Tracks receive over train and validation edges, as for the test. What stands in for the input embedding of
    an unseen playlist, and for that and the popularity of a cold track, is chosen by the weights that
    validation saw, which may have been refitted since.
    """
    split = load_split(sources["split"])
    shape = split.num_playlists, split.num_tracks
    encoder, about = read_encoder(sources["model"])
    settings = {"conv": about["conv"], "dim": about["dim"], **about["settings"]}
    shared = {"settings": settings, "score": Score.from_facts(about)}
    relations = None
    if "relations" in about:
        relations = load_relations(sources["relations"], about["relations"]["kinds"])
        shared["relations"] = relations

    validated = load_file(sources["validated"])
    weights = {
        key.removeprefix("weights."): value for key, value in validated.items() if key.startswith("weights.")
    }
    seen, _ = read_encoder(sources["model"], weights)
    known = freeze(seen, split.all_train, *shape, stand_in=STAND_INS[0], facts={}, **shared)
    recalls = stand_in_recalls(known, split, recall_k, max_playlists, seed, block_mb)
    chosen = best_stand_in(recalls)
    for stand_in, recall in recalls.items():
        mark = ", chosen" if stand_in == chosen else ""
        log.info("%s for an unseen playlist: validation Recall@%d %.4f%s", stand_in, recall_k, recall, mark)
    facts = {
        "model": name,
        "catalogue": digest_of_core(sources["tracks"]),
        "recall_k": recall_k,
        "stand_in_recalls": recalls,
    }
    frozen = freeze(encoder, split.train_and_validation, *shape, stand_in=chosen, facts=facts, **shared)
    if relations is None:
        return frozen
    known = replace(known, stand_in=chosen)
    of_cold = cold_stand_ins(seen, split, relations, known, recall_k, max_playlists, seed, block_mb)
    told = {
        "inputs": "input %s for a cold track that is given",
        "popularity": "popularity %s for a ranked one",
    }
    for name, recalls in of_cold.items():
        for one, recall in recalls.items():
            mark = ", chosen" if one == best_stand_in(recalls) else ""
            log.info(told[name] + ": validation Recall@%d %.4f%s", one, recall_k, recall, mark)
    nodes = replace(frozen.nodes, **{name: best_stand_in(recalls) for name, recalls in of_cold.items()})
    return replace(frozen, nodes=nodes, facts=facts | {"cold_recalls": of_cold})
