"""Indexes the titles of the graph's playlists by their words."""

import polars as pl

from segue.catalogue.titles import TitleIndex
from segue.jobs import log, logged


def index_titles(playlists: str, target: str) -> None:
    table = pl.read_parquet(playlists, columns=["playlist", "name"]).sort("playlist")
    index = TitleIndex.of(table["name"])
    log.info("%d titles with %d different words", table.height, len(index.words))
    index.save(target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        index_titles(snakemake.input.playlists, snakemake.output.titles)
