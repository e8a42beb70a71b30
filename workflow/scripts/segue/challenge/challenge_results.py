"""What the challenge's metrics are called, which way is better, who won, and what the best team reached."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

ALL = "all"  # the category of the means over all playlists


@dataclass(frozen=True)
class Metric:
    """``published``: the best of the challenge's main track (Zamani et al. 2019, table 3).

    That was reached on other data: a million playlists to learn from, and the challenge's hidden set.
    """

    title: str
    unit: str
    published: float
    less_is_better: bool = False


METRICS = {
    "r_precision": Metric("R-precision", "hits in the top n of n, and 0.25 for each artist", 0.2241),
    "ndcg": Metric("NDCG", "gain as a share of the ideal ranking's", 0.3946),
    "clicks": Metric("Clicks", "refreshes until the first hit; fewer is better", 1.784, less_is_better=True),
}
TRACKS_ALONE = "r_precision_tracks"  # R-precision without the artists' credit
# Of a table with a row a model and category, as `challenge_summary` returns it.
SUMMARY = {
    "model": pl.String,
    **dict.fromkeys(("conv", "sampler", "alpha"), pl.String),
    "category": pl.String,
    "playlists": pl.Int64,
    **dict.fromkeys((*METRICS, TRACKS_ALONE), pl.Float64),
    "held_out": pl.Int64,
    "held_out_in_graph": pl.Int64,
    "share_in_graph": pl.Float64,
}


def ranked(summary: pl.DataFrame, metric: str) -> pl.DataFrame:
    """The rows over all playlists, the best by ``metric`` first; of equal ones in the order of the table."""
    rows = summary.filter(pl.col("category") == ALL)
    return rows.sort(metric, descending=not METRICS[metric].less_is_better, maintain_order=True)


def who_won(summary: pl.DataFrame) -> Iterator[str]:
    """A sentence a metric: which model is the best over all playlists, and the best of the other kind.

    ``summary``: SUMMARY. Models are of two kinds, graph networks and baselines, which have no conv.
    """
    for name, metric in METRICS.items():
        table = ranked(summary, name)
        best = table.row(0, named=True)
        is_baseline = pl.col("conv").is_null()
        others = table.filter(~is_baseline if best["conv"] is None else is_baseline)
        text = f"{metric.title}: {_kind(best)} {best['model']} is best with {_value(name, best[name])}"
        if not others.is_empty():
            other = others.row(0, named=True)
            word = "equals" if other[name] == best[name] else "follows with"
            end = "it" if other[name] == best[name] else _value(name, other[name])
            text += f"; the best {_kind(other).removeprefix('the ')}, {other['model']}, {word} {end}"
        yield text + "."


def _kind(row: dict) -> str:
    return "the baseline" if row["conv"] is None else "the graph network"


def _value(metric: str, value: float) -> str:
    return f"{value:.3f}" if METRICS[metric].less_is_better else f"{value:.4f}"
