"""Tables as the figures want them: models in one order, histories checked."""

import math
from collections.abc import Iterable, Iterator

import polars as pl

from segue.errors import SegueError
from segue.figures.looks import ALPHAS, BASELINES, Model, convs_in
from segue.figures.style import check_columns, padded
from segue.run.registry import SAMPLERS


def present(table: pl.DataFrame, column: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that ``column`` holds, in the order of the figures."""
    held = set(table[column])
    return [name for name in names if name in held]


def each_model(table: pl.DataFrame) -> Iterator[tuple[Model, pl.DataFrame]]:
    """The models that ``table`` has rows of, in the order of the figures, with their rows."""
    for conv in convs_in(table):
        for sampler in SAMPLERS:
            for alpha in ALPHAS:
                rows = table.filter(
                    pl.col("conv") == conv, pl.col("sampler") == sampler, pl.col("alpha") == alpha
                )
                if not rows.is_empty():
                    yield (conv, sampler, alpha), rows


def trained_models(table: pl.DataFrame) -> pl.DataFrame:
    """The rows of models; those of baselines have no conv, sampler and alpha."""
    return table.filter(pl.any_horizontal(pl.col("conv", "sampler", "alpha").is_not_null()))


def baselines(table: pl.DataFrame) -> pl.DataFrame:
    """The rows of blends, whose names are the run's own, and of baselines, in the order of the figures."""
    rows = table.filter(pl.all_horizontal(pl.col("conv", "sampler", "alpha").is_null()))
    place = pl.col("model").replace_strict(
        list(BASELINES), range(len(BASELINES)), default=-1, return_dtype=pl.Int32
    )
    return rows.sort(place, maintain_order=True)


def check_models(table: pl.DataFrame, name: str) -> None:
    if table.is_empty():
        raise SegueError(
            "There is no model to draw.", where=name, found="no row", expected="one model or more"
        )
    # A convolution may be one that only the configuration of the run knows.
    convs = set(table["conv"].drop_nulls())
    for column, known in (("conv", convs), ("sampler", SAMPLERS), ("alpha", ALPHAS)):
        unknown = sorted(map(str, set(table[column]) - set(known)))
        if unknown:
            raise SegueError(
                "A model of an unknown kind cannot be drawn.",
                where=f"{name}, column {column}",
                found=", ".join(unknown),
                expected=" or ".join(known) or "a name",
            )


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

    .. math:: \max(l + 1.5 (u - l), \ln 2)

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
    end = max(low + 1.5 * (usual - low), math.log(2))
    return padded(low, high if high <= low + 1.25 * (end - low) else end)
