"""The metrics that figures of the test show: what they are called, and the axes that they stand on."""

from collections.abc import Iterable

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from segue.errors import SegueError
from segue.figures.style import STEPS

METRICS = {
    "recall@{k}": ("Recall@{k}", "Share of held-out tracks in the top {k}"),
    "ndcg@{k}": ("NDCG@{k}", "Gain as a share of the ideal ranking's"),
    "hit_rate@{k}": ("Hit rate@{k}", "Share of playlists with a hit in the top {k}"),
    "r_precision": ("R-precision", "Share of n held-out tracks in the top n"),
    "mrr": ("MRR", "Mean of 1 / rank of the first hit"),
    "roc_auc": ("ROC-AUC", "P(test edge scores above a random one)"),
}


def metrics_at(k: int) -> dict[str, tuple[str, str]]:
    """METRICS at the cut-off ``k``: column, title and unit."""
    return {
        name.format(k=k): (title.format(k=k), unit.format(k=k)) for name, (title, unit) in METRICS.items()
    }


def check_metrics(models: pl.DataFrame, name: str, metrics: Iterable[str]) -> None:
    """Raises SegueError where a model of the table called ``name`` lacks one of ``metrics``."""
    for metric in metrics:
        without = models.filter(pl.col(metric).is_null())["model"].to_list()
        if without:
            raise SegueError(
                "A model lacks a metric.",
                where=f"{name}, {', '.join(without)}",
                found=f"{metric} null",
                expected="a number",
            )


def set_metric_axis(ax: Axes, low: float, high: float) -> None:
    """The x axis from ``low`` to ``high``, with ticks where a metric can be, from 0 to 1."""
    ticks = MaxNLocator(5, steps=STEPS).tick_values(low, high)
    ax.set_xticks([tick for tick in ticks if max(low, 0) <= tick <= min(high, 1)])
    ax.set_xlim(low, high)
