"""Who won a challenge, in words."""

from collections.abc import Iterator

import polars as pl

from segue.challenge.scores import ALL, METRICS
from segue.run.contenders import kind_of
from segue.run.families import Families
from segue.run.labels import label


def ranked(summary: pl.DataFrame, metric: str) -> pl.DataFrame:
    """The rows over all playlists, the best by ``metric`` first; of equal ones in the order of the table."""
    rows = summary.filter(pl.col("category") == ALL)
    return rows.sort(metric, descending=not METRICS[metric].less_is_better, maintain_order=True)


def who_won(summary: pl.DataFrame, families: Families | None = None) -> Iterator[str]:
    """A sentence a metric: which model is the best over all playlists, and the best of each other kind.

    ``summary``: SUMMARY. Models are of ``segue.run.contenders.KINDS``.
    """
    for name, metric in METRICS.items():
        table = ranked(summary, name)
        best = table.row(0, named=True)
        text = f"{metric.title}: the {called(best, families)} is best with {_value(name, best[name])}"
        first: dict[str, dict] = {}
        for row in table.iter_rows(named=True):
            first.setdefault(_kind(row), row)
        for kind, other in [*first.items()][1:]:
            word = "equals" if other[name] == best[name] else "follows with"
            end = "it" if other[name] == best[name] else _value(name, other[name])
            text += f"; the best {kind}, {label(other['model'], families)}, {word} {end}"
        yield text + "."


def called(row: dict, families: Families | None) -> str:
    """Kind and label of a row of SUMMARY, as "graph network GAT softmax, fixed α"; "second stage" is both."""
    kind, name = _kind(row), label(row["model"], families)
    return kind if name.lower() == kind else f"{kind} {name}"


def _kind(row: dict) -> str:
    return kind_of(row["model"], row["conv"] is not None)


def _value(metric: str, value: float) -> str:
    return f"{value:.3f}" if METRICS[metric].less_is_better else f"{value:.4f}"
