"""Draws a part of the core."""

import polars as pl

from segue.figures.style import save_png
from segue.figures.subgraph import subgraph
from segue.files import read_json
from segue.jobs import logged


def plot_subgraph(nodes: str, edges: str, stats: str, target: str) -> None:
    """``nodes``, ``edges``: Parquet files of what is drawn, with places; ``stats``: the core's counts."""
    core = read_json(stats)
    tables = pl.read_parquet(nodes), pl.read_parquet(edges)
    save_png(subgraph(*tables, core["k_core"], core["after"]["nodes"]), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_subgraph(
            snakemake.input.nodes,
            snakemake.input.edges,
            snakemake.input.stats,
            snakemake.output.figure,
        )
