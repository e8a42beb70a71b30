"""The choice among trained models, and among baselines, by validation and never by test."""

from collections.abc import Sequence
from typing import Any

from segue.errors import SegueError


def best_model(found: Sequence[dict[str, Any]]) -> dict[str, str | int | float]:
    """The model with the highest validation recall; of equal ones the first by name.

    ``found``: of each model, what training wrote of its validation: model, conv, sampler, alpha, recall_k and
    validation_recall, at the epoch whose weights it has; None where it was not measured. Returns these of the
    best. Raises SegueError when no model has a recall.
    """
    measured = [each for each in found if each["validation_recall"] is not None]
    if not measured:
        raise SegueError(
            "There is no best model.",
            where="validation.json of each model, validation_recall",
            found="no value",
            expected="a value for one model or more",
            fix="train the models again: recall is always measured at the last epoch",
        )
    best = min(measured, key=lambda each: (-each["validation_recall"], each["model"]))
    return {key: best[key] for key in ("model", "conv", "sampler", "alpha", "recall_k", "validation_recall")}


def best_baseline(choices: Sequence[dict[str, Any]]) -> str:
    """The baseline with the highest validation recall; of equal ones the first of ``choices``, which are what
    ``choose.choose_settings`` returned of each, with the name as ``model``."""
    recalls = [max(tried["validation_recall"] for tried in choice["candidates"]) for choice in choices]
    return choices[recalls.index(max(recalls))]["model"]
