"""Draws how many playlists, tracks and edges the K-core has for each K."""

import polars as pl

from segue.figures.kcore_ladder import core_sizes
from segue.figures.style import save_png
from segue.jobs import logged


def plot_kcore_ladder(ladder: str, target: str, k: int) -> None:
    """``ladder``: the Parquet file with a row a core; ``k``: the chosen K."""
    save_png(core_sizes(pl.read_parquet(ladder), k), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_kcore_ladder(snakemake.input.ladder, snakemake.output.figure, **snakemake.params.settings)
