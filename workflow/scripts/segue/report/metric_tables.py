"""The metrics of all models, as tables of the report."""

import re
from collections.abc import Iterator

import polars as pl

CUT_OFF = re.compile(r"(\w+)@(\d+)")
NAMES = {
    "recall": "Recall",
    "precision": "Precision",
    "ndcg": "NDCG",
    "hit_rate": "Hit rate",
    "coverage": "Coverage",
    "r_precision": "R-precision",
    "mrr": "MRR",
    "roc_auc": "ROC-AUC",
    "bpr_loss": "BPR loss",
    "bce_loss": "BCE loss",
}
NEITHER = "Coverage"  # more of it is another ranking, not a better one


def metric_tables(summary: pl.DataFrame, k: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """Title and table of each group of metrics: the top ``k``, the whole ranking, then the other tops.

    ``summary``: model, conv, sampler, alpha (String) and the metrics (Float64), recall@10 and so on; rows of
    baselines have no conv, sampler and alpha. A table has conv (or the baseline), sampler, alpha and its
    metrics by the field's names.
    """
    cut_offs = {int(match[2]) for name in summary.columns if (match := CUT_OFF.fullmatch(name))}
    yield _top(summary, k)
    whole = [name for name in NAMES if name in summary.columns]
    yield "Whole ranking", _table(summary, whole).rename({name: NAMES[name] for name in whole})
    for other in sorted(cut_offs - {k}):
        yield _top(summary, other)


def _top(summary: pl.DataFrame, k: int) -> tuple[str, pl.DataFrame]:
    names = [name for name in NAMES if f"{name}@{k}" in summary.columns]
    table = _table(summary, [f"{name}@{k}" for name in names])
    return f"Top {k}", table.rename({f"{name}@{k}": f"{NAMES[name]}@{k}" for name in names})


def _table(summary: pl.DataFrame, metrics: list[str]) -> pl.DataFrame:
    return summary.select(pl.coalesce("conv", "model").alias("conv"), "sampler", "alpha", *metrics)


def best_and_least(table: pl.DataFrame) -> tuple[list[str], list[str]]:
    """The metrics of which more is better, and those of which less is."""
    metrics = [name for name, dtype in table.schema.items() if dtype.is_float()]
    least = [name for name in metrics if name.endswith("loss")]
    return [name for name in metrics if name not in least and not name.startswith(NEITHER)], least
