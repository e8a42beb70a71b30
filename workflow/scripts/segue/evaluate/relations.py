"""Which models of a run differ in their relations alone, and what these bring."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import polars as pl

from segue.evaluate.paired import paired_table

NONE = "none"  # the bipartite graph
MODELS = dict.fromkeys(("model", "conv", "sampler", "alpha", "like", "relations"), pl.String)


def models_table(models: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """A row for each of ``models``: model, conv, sampler, alpha, like and relations (String).

    ``like``: the registry's convolution that ``conv`` is, which has the name ``conv`` where no other settings
    are asked for; ``relations``: ``none``, ``artist``, ``album`` or ``artist+album``. Of a baseline all but
    the name is null.
    """
    return pl.DataFrame([{key: model.get(key) for key in MODELS} for model in models], MODELS)


def base_of(models: pl.DataFrame) -> dict[str, str | None]:
    """Of each model the one that it is to be compared with: of the same ``like``, sampler and alpha, without
    relations. None for itself, where there is no such model, and for baselines; the first of several."""
    alike = ("like", "sampler", "alpha")
    bases = {}
    for row in models.filter(pl.col("relations") == NONE).iter_rows(named=True):
        bases.setdefault(tuple(row[key] for key in alike), row["model"])
    found = {
        row["model"]: bases.get(tuple(row[key] for key in alike)) for row in models.iter_rows(named=True)
    }
    return {name: None if base == name else base for name, base in found.items()}


def popularity_table(
    tables: Mapping[str, pl.DataFrame], models: pl.DataFrame, k: Sequence[int], seed: int
) -> pl.DataFrame:
    """Recall@K by quarter, and what relations add to it: a row a model, quarter and cut-off.

    ``tables``: of each model, what ``popularity.hits_by_quarter`` returned, all of the same playlists;
    ``models``: of ``models_table``, whose columns come first. Of a quarter, recall is the mean over the
    playlists with a held-out track in it, of the share of these that is found; a quarter without any has no
    row.

    Further columns: quarter (Int8), k (Int32), playlists (Int64), recall, and gain, low, high (Float64): how
    much higher recall is than that of the same model without relations (``base_of``), with the interval of
    ``paired_table``; null where there is no such model.
    """
    metrics, bases = [f"recall@{cut}" for cut in k], base_of(models)
    pairs = [(name, base) for name, base in bases.items() if base]
    parts = []
    for quarter in sorted({each for table in tables.values() for each in table["quarter"].unique()}):
        values = {name: _recalls(table.filter(quarter=quarter), k) for name, table in tables.items()}
        own = pl.DataFrame(
            [
                (name, cut, table.height, table[metric].mean())
                for (name, table), (cut, metric) in product(values.items(), zip(k, metrics, strict=True))
            ],
            {"model": pl.String, "k": pl.Int32, "playlists": pl.Int64, "recall": pl.Float64},
            orient="row",
        )
        gains = paired_table(values, metrics, pairs, seed).select(
            "model",
            pl.col("metric").str.strip_prefix("recall@").cast(pl.Int32).alias("k"),
            pl.col("difference").alias("gain"),
            "low",
            "high",
        )
        own = own.join(gains, on=["model", "k"], how="left", maintain_order="left")
        parts.append(own.with_columns(quarter=pl.lit(quarter, pl.Int8)))
    table = models.join(pl.concat(parts), on="model", maintain_order="left_right")
    return table.select(*MODELS, "quarter", "k", "playlists", "recall", "gain", "low", "high")


def _recalls(hits: pl.DataFrame, k: Sequence[int]) -> pl.DataFrame:
    """playlist and recall@K of what is held out in one quarter, by playlist."""
    shares = {f"recall@{cut}": pl.col(f"hits@{cut}") / pl.col("held_out") for cut in k}
    return hits.sort("playlist").select("playlist", **shares)
