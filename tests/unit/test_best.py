"""The best model by what validation found."""

import pytest

from segue.errors import SegueError
from segue.evaluate.best import best_model


def found(model, recall):
    parts = dict(zip(("conv", "sampler", "alpha"), model.split("-"), strict=True))
    return {"model": model, **parts, "recall_k": 20, "epoch": 2, "validation_recall": recall}


def test_the_highest_recall_is_best_and_ties_go_by_name():
    tables = [
        found("sage-random-fixed", 0.5),
        found("lgc-random-fixed", 0.6),
        found("gat-hard-fixed", 0.6),
        found("lgc-softmax-fixed", None),
    ]
    assert best_model(tables) == {
        "model": "gat-hard-fixed",
        "conv": "gat",
        "sampler": "hard",
        "alpha": "fixed",
        "recall_k": 20,
        "validation_recall": 0.6,
    }


def test_without_a_recall_there_is_no_best():
    with pytest.raises(SegueError, match="no best model"):
        best_model([found("lgc-random-fixed", None)])
