"""How long the article's sweep takes: 12 models, 300 epochs each, from a few measured epochs of each conv."""

import time
from itertools import pairwise
from statistics import median

import torch

from segue.graph.split import Split
from segue.train.loop import train

MODELS, EPOCHS = 12, 300  # a third of the models for each conv, half of them with hard negatives
RECALL_EVERY, REFRESH_EVERY, K = 10, 5, 300
HARD = {"min_fraction": 0.3, "refresh_every": REFRESH_EVERY}


def epoch_seconds(split: Split, conv: str, settings: dict, device: str, epochs: int = 4) -> float:
    """Median time of an epoch of ``segue.train.loop.train`` with its validation, Recall@K left out."""
    settings = dict(settings)
    times = []
    train(
        split,
        conv=conv,
        sampler="random",
        alpha="learnable",
        dim=settings.pop("dim"),
        conv_settings=settings,
        negatives={},
        epochs=epochs,
        lr=0.01,
        loss="bpr",
        l2=0.0,
        recall_every=epochs,
        recall_k=K,
        seed=0,
        device=torch.device(device),
        report=lambda record: times.append(time.perf_counter()),
    )
    return median(after - before for before, after in pairwise(times[:-1]))


def extrapolate(epochs: dict[str, float], ranking: dict[str, float]) -> float:
    """Seconds of the sweep; ``epochs``: seconds of an epoch by conv; ``ranking``: of ``ranking.measure``.

    An epoch's share of a refresh is drawing its negatives, which a refresh of five epochs does five times;
    so counting each refresh at its time with one draw leaves four draws out: they are in ``epochs``, which
    draw random negatives at no less.
    """
    passes = sum(MODELS / len(epochs) * EPOCHS * seconds for seconds in epochs.values())
    evaluations = MODELS * EPOCHS / RECALL_EVERY * ranking["evaluation_seconds"]
    refreshes = MODELS / 2 * EPOCHS / REFRESH_EVERY * ranking["refresh_seconds"]
    return passes + evaluations + refreshes
