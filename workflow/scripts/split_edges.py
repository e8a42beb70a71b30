"""Splits the edges of the k-core into train, validation and test edges."""

import polars as pl
from torch import Tensor

from segue.graph.split import TENSORS, Split, given_split, save_split, split_edges
from segue.jobs import log, logged

# The settings that a ready-made assignment leaves open.
GIVEN = ("validation", "disjoint_train_ratio", "seed")


def split_graph(source: str, target: str, settings: dict) -> None:
    """``source``: the core's edges as Parquet; ``settings``: the section ``split`` of the configuration.

    Where the edges have a column ``split`` (Enum train, validation, test), it is the split.
    """
    names = pl.read_parquet_schema(source).keys() & {"playlist", "track", "split"}
    table = pl.read_parquet(source, columns=sorted(names))
    edges = table.select("playlist", "track").cast(pl.Int64).to_torch().T.contiguous()
    if "split" in table.columns:
        split = _as_given(edges, table["split"], settings)
    else:
        split = split_edges(edges, **{key: value for key, value in settings.items() if key != "column"})
    log.info("%s", ", ".join(f"{name} {getattr(split, name).size(1):,} edges" for name in TENSORS))
    save_split(split, target)


def _as_given(edges: Tensor, roles: pl.Series, settings: dict) -> Split:
    if "validation" not in roles.unique():
        log.info(
            "No edge is assigned to validation: split.validation = %g of the train edges is drawn for it.",
            settings["validation"],
        )
    codes = roles.to_physical().cast(pl.Int64).to_torch()
    return given_split(edges, codes, **{key: settings[key] for key in GIVEN})


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        split_graph(snakemake.input.edges, snakemake.output.split, snakemake.params.settings)
