"""The test metrics of all models as one table, over the seeds of their trainings where there are several."""

from collections.abc import Sequence
from typing import Any

import polars as pl

PARTS = ["conv", "sampler", "alpha"]


def summary_table(results: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """A row a model, a column a metric, from what the tests of ``results`` wrote, in their order.

    Columns: model, conv, sampler, alpha (String, null of baselines), playlists, which is the number that all
    means are over, and the metrics (Float64). Where a model was trained from several seeds, a metric is its
    mean over them, and a column seeds, after alpha, says of how many; it is null for what has none.
    """
    table = pl.DataFrame([_row(result) for result in results], infer_schema_length=None)
    if not any("seed" in result for result in results):
        return table
    metrics = [name for name in table.columns if name not in ("model", *PARTS, "playlists")]
    means = table.with_columns(model=_without_seed()).group_by("model", *PARTS, maintain_order=True)
    # A sum divided, not a running mean, so that one value stays what it is.
    averaged = means.agg(
        seeds=pl.when(pl.col("conv").first().is_not_null()).then(pl.len()).cast(pl.Int32),
        playlists=pl.col("playlists").first(),
        **{name: pl.when(pl.col(name).count() > 0).then(pl.col(name).sum() / pl.len()) for name in metrics},
    )
    return averaged.select("model", *PARTS, "seeds", "playlists", *metrics)


def seeds_table(results: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """How far the seeds of a training are apart: a row a model and metric.

    Columns: model (without seed), conv, sampler, alpha, metric, seeds, and over the seeds mean, sd (of a
    sample, by n - 1; null of one), least and largest. Baselines, which have no such seed, are left out.
    """
    rows = [_row(result) for result in results if "conv" in result]
    long = pl.DataFrame(rows, infer_schema_length=None).with_columns(model=_without_seed()).drop("playlists")
    values = long.unpivot(index=["model", *PARTS], variable_name="metric")
    return values.group_by("model", *PARTS, "metric", maintain_order=True).agg(
        seeds=pl.len().cast(pl.Int32),
        mean=pl.col("value").mean(),
        sd=pl.col("value").std(),
        least=pl.col("value").min(),
        largest=pl.col("value").max(),
    )


def _row(result: dict[str, Any]) -> dict[str, Any]:
    values = {name: metric["value"] for name, metric in result["metrics"].items()}
    (playlists,) = {metric["playlists"] for metric in result["metrics"].values()}
    names = {key: result.get(key) for key in ("model", *PARTS)}
    return names | {"playlists": playlists} | values


def _without_seed() -> pl.Expr:
    return pl.concat_str(*PARTS, separator="-").fill_null(pl.col("model"))
