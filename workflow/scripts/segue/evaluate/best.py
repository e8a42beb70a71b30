"""The choice among trained models, and among baselines, by validation and never by test."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from segue.errors import SegueError


def best_model(history: pl.DataFrame) -> dict[str, str | int | float]:
    """The model with the highest validation recall at its last epoch; of equal ones the first by name.

    ``history``: conv, sampler, alpha (String), epoch (integer), validation_recall (Float64) and recall_k
    (integer), rows of one or more models. Returns model (conv-sampler-alpha), conv, sampler, alpha, recall_k
    and validation_recall. Raises SegueError when no model has a recall at its last epoch.
    """
    names = ["conv", "sampler", "alpha"]
    last = history.filter(pl.col("epoch") == pl.col("epoch").max().over(names)).drop_nulls(
        "validation_recall"
    )
    if last.is_empty():
        raise SegueError(
            "There is no best model.",
            where="histories, validation_recall",
            found="no value at the last epoch",
            expected="a value for one model or more",
            fix="train the models again: recall is always measured at the last epoch",
        )
    row = last.sort(["validation_recall", *names], descending=[True, False, False, False]).row(0, named=True)
    model = "-".join(row[name] for name in names)
    return {"model": model} | {key: row[key] for key in (*names, "recall_k", "validation_recall")}


def best_baseline(choices: Sequence[dict[str, Any]]) -> str:
    """The baseline with the highest validation recall; of equal ones the first of ``choices``, which are what
    ``choose.choose_settings`` returned of each, with the name as ``model``."""
    recalls = [max(tried["validation_recall"] for tried in choice["candidates"]) for choice in choices]
    return choices[recalls.index(max(recalls))]["model"]
