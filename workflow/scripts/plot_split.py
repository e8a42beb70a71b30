"""Draws the split on one playlist's neighbourhood."""

import polars as pl
from safetensors.numpy import load_file

from segue.analysis.neighbourhood import split_roles
from segue.figures.split import split_picture
from segue.figures.style import save_png
from segue.jobs import logged


def plot_split(split: str, playlists: str, tracks: str, target: str) -> None:
    """``split``: the safetensors file; ``playlists``, ``tracks``: the core's tables, for the names."""
    roles = split_roles(load_file(split))
    save_png(split_picture(roles, pl.read_parquet(playlists), pl.read_parquet(tracks)), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_split(
            snakemake.input.split,
            snakemake.input.playlists,
            snakemake.input.tracks,
            snakemake.output.figure,
        )
