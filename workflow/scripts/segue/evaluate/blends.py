"""Blends of models and baselines: weights chosen on validation edges, and playlists of the graph scored.

A graph network scores playlists of the graph by their embeddings, a baseline by their tracks.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from safetensors.torch import load_file
from torch import Tensor

from segue.errors import SegueError
from segue.evaluate.metrics import recall_of_scores
from segue.evaluate.protocol import ScoresOf, block_scores, unseen_validation
from segue.graph.split import Split, draw_playlists
from segue.jobs import log
from segue.nn.pattern import Pattern
from segue.scorers.base import Scorer
from segue.scorers.blend import Blend, blended

Embeddings = tuple[Tensor, Tensor]  # of playlists [P, d] and tracks [T, d]


def read_embeddings(path: str, split: Split) -> Embeddings:
    """``playlists`` and ``tracks`` of a file. Raises SegueError where they are another graph's."""
    tensors = load_file(path)
    playlists, tracks = tensors["playlists"], tensors["tracks"]
    if (len(playlists), len(tracks)) != (split.num_playlists, split.num_tracks):
        raise SegueError(
            "Embeddings are of another graph than the split.",
            where=path,
            found=f"{len(playlists):,} playlists and {len(tracks):,} tracks",
            expected=f"{split.num_playlists:,} playlists and {split.num_tracks:,} tracks",
            fix="make them again: remove the file and ask for it by its path",
        )
    return playlists, tracks


def member_scores(member: Scorer | Embeddings, known: Pattern, chosen: Tensor) -> ScoresOf:
    """Scores of the playlists ``chosen`` [n] of the graph, whose known tracks are ``known`` [n, T]."""
    if not isinstance(member, tuple):
        return block_scores(member, known)
    playlists, tracks = member[0][chosen], member[1]
    return lambda start, stop: playlists[start:stop] @ tracks.T


def blend_scores(members: Sequence[ScoresOf], weights: Sequence[float]) -> ScoresOf:
    """The blended scores of ``members``."""
    return lambda start, stop: blended([scores(start, stop) for scores in members], weights)


def scores_of_blend(
    blend: Blend, embeddings: Mapping[str, Embeddings]
) -> Callable[[Pattern, Tensor], ScoresOf]:
    """As ``protocol.evaluate_scores`` takes it; ``embeddings``: of its graph networks, by name."""
    names = blend.facts["of"]
    members = [embeddings.get(name, member) for name, member in zip(names, blend.members, strict=True)]

    def scores(known: Pattern, chosen: Tensor) -> ScoresOf:
        return blend_scores([member_scores(member, known, chosen) for member in members], blend.weights)

    return scores


def choose_weights(
    members: Mapping[str, Scorer | Embeddings],
    weights: Sequence[float],
    split: Split,
    k: int,
    *,
    max_playlists: int | None = None,
    seed: int = 0,
    block_mb: int = 16,
) -> dict[str, Any]:
    """Which weights the blend of ``members``, by name, finds the validation edges best with.

    The first member has weight 1, the others each of ``weights``. The members know train edges alone;
    measured as in ``choose.choose_settings``, whose form the result has too: ``settings`` and each of
    ``candidates`` hold the weight of each member.
    """
    known, held_out = unseen_validation(split, max_playlists, seed)
    chosen = draw_playlists(split.validation, max_playlists, seed)
    scores = [member_scores(member, known, chosen) for member in members.values()]
    tried = []
    for others in itertools.product(weights, repeat=len(members) - 1):
        own = (1.0, *others)
        recall = recall_of_scores(blend_scores(scores, own), known, held_out, k, block_mb)
        tried.append(dict(zip(members, own, strict=True)) | {"validation_recall": recall})
        log.info("weights %s: validation Recall@%d %.4f", ", ".join(f"{w:g}" for w in own), k, recall)
    best = max(tried, key=lambda one: one["validation_recall"])
    return {"settings": {name: best[name] for name in members}, "recall_k": k, "candidates": tried}
