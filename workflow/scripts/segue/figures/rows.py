"""What a figure takes of the models' histories, or a SegueError that says what they lack."""

import math

import polars as pl

from segue.errors import SegueError
from segue.figures.model_rows import check_models, each_model
from segue.figures.style import check_columns, padded

DIVERGED = 5  # times the median model's loss


def check_history(history: pl.DataFrame, *columns: str) -> None:
    """Raises SegueError when a column is missing, the table is empty or a model is unknown."""
    check_columns(history, "history", ["conv", "sampler", "alpha", "epoch", *columns])
    check_models(history, "history")


def check_finite(history: pl.DataFrame, column: str, what: str) -> None:
    """Raises SegueError where ``column`` is null, NaN or infinite; ``what``: the name of one value."""
    unknown = history.filter(pl.col(column).is_finite().fill_null(False).not_())
    if unknown.height:
        bad = unknown.row(0, named=True)
        raise SegueError(
            f"{what} cannot be drawn.",
            where=f"{bad['conv']}-{bad['sampler']}-{bad['alpha']}, epoch {bad['epoch']}",
            found=f"{column} {bad[column]}",
            expected="a finite number",
            fix="lower train.lr and train the model again",
        )


def measured_recall(history: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The epochs at which validation_recall was measured, and its K (column recall_k).

    Raises SegueError when there are several K, or a model has no recall.
    """
    check_history(history, "validation_recall", "recall_k")
    ks = history["recall_k"].unique().sort().to_list()
    if len(ks) != 1:
        raise SegueError(
            "The histories do not measure the same recall.",
            where="history, recall_k",
            found=", ".join(map(str, ks)),
            expected="one K",
            fix="train all models with the same train.recall_k",
        )
    for model, table in each_model(history):
        if table["validation_recall"].null_count() == table.height:
            raise SegueError(
                "A history has no recall to draw.",
                where="-".join(model),
                found=f"validation_recall null at each of {table.height} epochs",
                expected="a value at one epoch or more",
                fix="train the model again: recall is always measured at the last epoch",
            )
    return history.drop_nulls("validation_recall"), ks[0]


def loss_limits(history: pl.DataFrame) -> tuple[float, float]:
    r"""Limits of an axis of validation_loss, on which neither early spikes nor divergence press curves flat.

    It ends at

    .. math:: \max(l + 2 (u - l), \ln 2)

    with l the least loss, u the highest, over models, 95th percentile of the second half of a model's
    epochs, and ln 2 the loss where all scores are equal. A model whose percentile is more than DIVERGED
    times the median model's has no say in u. Where the highest loss is no more than a quarter further up,
    the axis reaches it.
    """
    low, high = history["validation_loss"].min(), history["validation_loss"].max()
    settled = pl.Series(
        table.filter(pl.col("epoch") > table["epoch"].max() / 2)["validation_loss"].quantile(0.95, "linear")
        for _, table in each_model(history)
    )
    usual = settled.filter(settled <= DIVERGED * settled.quantile(0.5, "lower")).max()
    end = max(low + 2 * (usual - low), math.log(2))
    return padded(low, high if high <= low + 1.25 * (end - low) else end)
