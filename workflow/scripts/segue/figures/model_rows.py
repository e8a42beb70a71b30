"""Tables with rows of models: which there are, in the order of the figures, and whether all are known."""

from collections.abc import Iterable, Iterator

import polars as pl

from segue.errors import SegueError
from segue.figures.style import ALPHAS, BASELINES, CONVS, SAMPLERS, Model


def present(table: pl.DataFrame, column: str, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that ``column`` holds, in the order of the figures."""
    held = set(table[column])
    return [name for name in names if name in held]


def each_model(table: pl.DataFrame) -> Iterator[tuple[Model, pl.DataFrame]]:
    """The models that ``table`` has rows of, in the order of the figures, with their rows."""
    for conv in CONVS:
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
    """The rows of baselines, in the order of the figures. Raises SegueError for an unknown one."""
    rows = table.filter(pl.all_horizontal(pl.col("conv", "sampler", "alpha").is_null()))
    unknown = sorted(set(rows["model"]) - set(BASELINES))
    if unknown:
        raise SegueError(
            "A baseline of an unknown kind cannot be drawn.",
            where="column model",
            found=", ".join(unknown),
            expected=" or ".join(BASELINES),
        )
    place = pl.col("model").replace_strict(list(BASELINES), range(len(BASELINES)), return_dtype=pl.Int32)
    return rows.sort(place)


def check_models(table: pl.DataFrame, name: str) -> None:
    if table.is_empty():
        raise SegueError(
            "There is no model to draw.", where=name, found="no row", expected="one model or more"
        )
    for column, known in (("conv", CONVS), ("sampler", SAMPLERS), ("alpha", ALPHAS)):
        unknown = sorted(map(str, set(table[column]) - set(known)))
        if unknown:
            raise SegueError(
                "A model of an unknown kind cannot be drawn.",
                where=f"{name}, column {column}",
                found=", ".join(unknown),
                expected=" or ".join(known),
            )
