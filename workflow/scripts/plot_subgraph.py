"""Draws a part of the core."""

import polars as pl

from segue.figures.style import save_png
from segue.figures.subgraph import subgraph
from segue.files import read_json
from segue.jobs import logged


def plot_subgraph(nodes: str, edges: str, playlists: str, stats: str, target: str) -> None:
    """``nodes``, ``edges``: Parquet files of what is drawn, with places; ``playlists``, ``stats``: the core's
    table and counts."""
    core = read_json(stats)
    tables = (*map(pl.read_parquet, (nodes, edges)), pl.read_parquet(playlists, columns=["playlist", "name"]))
    save_png(subgraph(*tables, core["k_core"], core["after"]["nodes"]), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_subgraph(
            snakemake.input.nodes,
            snakemake.input.edges,
            snakemake.input.playlists,
            snakemake.input.stats,
            snakemake.output.figure,
        )
