"""The best model of some histories."""

import polars as pl
import pytest

from segue.errors import SegueError
from segue.evaluate.best import best_model


def history(*rows):
    columns = ["conv", "sampler", "alpha", "epoch", "validation_recall"]
    return pl.DataFrame(rows, schema=columns, orient="row").with_columns(recall_k=pl.lit(20))


def test_the_last_epoch_counts_and_ties_go_by_name():
    table = history(
        ("sage", "random", "fixed", 1, 0.9),
        ("sage", "random", "fixed", 2, 0.5),
        ("lgc", "random", "fixed", 2, 0.6),
        ("gat", "hard", "fixed", 2, 0.6),
    )
    best = best_model(table)
    assert best["model"] == "gat-hard-fixed"
    assert (best["validation_recall"], best["recall_k"], best["sampler"]) == (0.6, 20, "hard")


def test_without_a_recall_there_is_no_best():
    with pytest.raises(SegueError, match="no best model"):
        best_model(history(("lgc", "random", "fixed", 1, None)))
