"""Draws a part of the core."""

import polars as pl

from segue.jobs import logged
from segue.style import save_png
from segue.subgraph_figure import subgraph


def plot_subgraph(nodes: str, edges: str, target: str, k: int) -> None:
    """``nodes``, ``edges``: the Parquet files of what is drawn, with places; ``k``: the K of the core."""
    save_png(subgraph(pl.read_parquet(nodes), pl.read_parquet(edges), k), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_subgraph(
            snakemake.input.nodes, snakemake.input.edges, snakemake.output.figure, snakemake.params.k
        )
