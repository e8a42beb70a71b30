r"""The paired bootstrap over playlists: how sure it is that one model is better than another.

Models are tested on the same n playlists. A resample draws n of them with replacement, the same for all. With
c_u how often it has playlist u, and a_u and b_u what two models got for it, their means differ by

.. math:: \frac{1}{n} \sum_u c_u (a_u - b_u).

The interval reaches from the 2.5th to the 97.5th percentile over RESAMPLES resamples (Efron and Tibshirani
1993, An Introduction to the Bootstrap, chapter 13). It says how far other playlists like these could move the
difference; not what another seed of a training could, over which a playlist's value is a mean.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import polars as pl

from segue.errors import SegueError
from segue.run.measured import verdict

RESAMPLES = 10_000
PERCENTILES = 2.5, 97.5
BLOCK = 1 << 22  # draws held at a time, 8 bytes each, and as many counts


def resampled_means(values: np.ndarray, seed: int, resamples: int = RESAMPLES) -> np.ndarray:
    """Means [resamples, m] of ``values`` [n, m] float64, a row a resample of their n rows."""
    generator, count = np.random.default_rng(seed), len(values)
    means = np.empty((resamples, values.shape[1]))
    rows = max(1, BLOCK // count)
    for start in range(0, resamples, rows):
        stop = min(start + rows, resamples)
        drawn = generator.integers(count, size=(stop - start, count))
        drawn += count * np.arange(stop - start)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
        means[start:stop] = counts.astype(np.float64) @ values / count
    return means


def paired_table(
    values: Mapping[str, pl.DataFrame], metrics: Sequence[str], pairs: Sequence[tuple[str, str]], seed: int
) -> pl.DataFrame:
    """How the first of each of ``pairs`` does against the second: a row a metric and pair.

    ``values``: of each model, what each playlist got (``over_seeds``), the same playlists in the same order.
    Returns metric, model, baseline (String), playlists (Int64), difference, low, high (Float64) and verdict.
    """
    columns = [table[metric].to_numpy() for metric in metrics for table in values.values()]
    places = {key: place for place, key in enumerate(product(metrics, values))}
    means, resampled = np.mean(columns, axis=1), resampled_means(np.stack(columns, axis=1), seed)
    rows = []
    for metric, (model, baseline) in product(metrics, pairs):
        mine, other = places[metric, model], places[metric, baseline]
        low, high = np.percentile(resampled[:, mine] - resampled[:, other], PERCENTILES)
        difference = means[mine] - means[other]
        rows.append((metric, model, baseline, len(columns[0]), difference, low, high, verdict(low, high)))
    schema = {
        **dict.fromkeys(("metric", "model", "baseline"), pl.String),
        "playlists": pl.Int64,
        **dict.fromkeys(("difference", "low", "high"), pl.Float64),
        "verdict": pl.String,
    }
    return pl.DataFrame(rows, schema, orient="row")


def paired_errors(
    values: Mapping[str, pl.DataFrame], metrics: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> pl.DataFrame:
    r"""Standard errors of the differences of ``paired_table``, in closed form, in the order of its rows:

    .. math:: s(a_u - b_u) / \sqrt{n}

    with s the standard deviation over the n playlists. Returns standard_error (Float64), null where n is 1.
    """
    return pl.DataFrame(
        {
            "standard_error": [
                _error(values[model][metric] - values[other][metric])
                for metric, (model, other) in product(metrics, pairs)
            ]
        },
        schema={"standard_error": pl.Float64},
    )


def _error(values: pl.Series) -> float | None:
    deviation = values.std()
    return None if deviation is None else deviation / len(values) ** 0.5


def over_seeds(tables: Mapping[str, Sequence[pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """What each playlist got from each model: the mean over ``tables``, of each model one a seed.

    Each has playlist, and a column a metric. Raises SegueError where they are not of the same playlists.
    """
    ordered = {name: [table.sort("playlist") for table in seeds] for name, seeds in tables.items()}
    first, (expected, *_) = next(iter(ordered.items()))
    for name, seeds in ordered.items():
        for table in seeds:
            if not table["playlist"].equals(expected["playlist"]):
                raise SegueError(
                    "Two models were tested on other playlists, and cannot be compared one by one.",
                    where=f"{name}, beside {first}",
                    found=f"{table.height} playlists, {_common(table, expected)} of them the other's",
                    expected=f"the same {expected.height}",
                    fix="test both on one split, with the same evaluate.seed and evaluate.max_playlists",
                )
    return {name: _mean(seeds) for name, seeds in ordered.items()}


def standard_errors(values: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """How sure each mean is: model, metric (String), mean and error (Float64), a row a model and metric.

    ``error`` is s / √n, s the standard deviation over the n playlists, null of a single one: what the
    bootstrap of a mean comes to, in closed form.
    """
    return pl.concat(
        table.drop("playlist")
        .unpivot(variable_name="metric")
        .group_by("metric", maintain_order=True)
        .agg(mean=pl.col("value").mean(), error=pl.col("value").std() / pl.len().sqrt())
        .select(pl.lit(name).alias("model"), pl.all())
        for name, table in values.items()
    )


def _mean(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    first = tables[0]
    sums = {
        name: sum(table[name] for table in tables) / len(tables)
        for name in first.columns
        if name != "playlist"
    }
    return first.select("playlist").with_columns(**sums)


def _common(table: pl.DataFrame, other: pl.DataFrame) -> int:
    return table.join(other, on="playlist", how="semi").height
