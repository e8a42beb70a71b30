"""Draws a part of the core, as a picture and as a page."""

import polars as pl

from segue.figures.style import save_png
from segue.figures.subgraph import subgraph
from segue.figures.subgraph_page import subgraph_page
from segue.files import read_json, write_text
from segue.jobs import logged


def plot_subgraph(sources: dict[str, str], targets: dict[str, str]) -> None:
    """``sources``: nodes and edges of what is drawn, with places, and the core's playlists, tracks and stats,
    its counts. ``targets``: figure and page."""
    core = read_json(sources["stats"])
    nodes, edges = (pl.read_parquet(sources[name]) for name in ("nodes", "edges"))
    playlists = pl.read_parquet(sources["playlists"], columns=["playlist", "name"])
    tracks = pl.read_parquet(sources["tracks"], columns=["track", "track_name", "artist_name"])
    size = core["k_core"], core["after"]["nodes"]
    save_png(subgraph(nodes, edges, playlists, *size), targets["figure"])
    write_text(targets["page"], subgraph_page(nodes, edges, playlists, tracks, *size))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_subgraph(dict(snakemake.input.items()), dict(snakemake.output.items()))
