"""Splits the edges of the k-core into train, validation and test edges."""

import polars as pl

from segue.files import atomic
from segue.jobs import log, logged
from segue.split import TENSORS, save_split, split_edges


def split_graph(source: str, target: str, settings: dict) -> None:
    """``source``: the core's edges as Parquet; ``settings``: keyword arguments of ``split_edges``."""
    edges = pl.read_parquet(source, columns=["playlist", "track"]).cast(pl.Int64).to_torch().T.contiguous()
    split = split_edges(edges, **settings)
    log.info("%s", ", ".join(f"{name} {getattr(split, name).size(1):,} edges" for name in TENSORS))
    with atomic(target) as path:
        save_split(split, path)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        split_graph(snakemake.input.edges, snakemake.output.split, snakemake.params.settings)
