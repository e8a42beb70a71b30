"""Draws the maps of one model with the playlists that feature one artist, another, or both."""

import polars as pl

from segue.analysis.groups import by_artist
from segue.figures.maps import map_picture, read_map
from segue.figures.style import save_png
from segue.files import read_json
from segue.jobs import logged
from segue.run.families import Families
from segue.run.labels import label
from segue.run.models import Model


def plot_artists(
    source: str, members: str, artists: str, target: str, name: str, families: Families | None = None
) -> None:
    """``members`` and ``artists``: what choose_artists wrote; ``name``: the model's; ``families``: of
    the run's convolutions."""
    study = read_json(artists)
    names = study["a"]["name"], study["b"]["name"]
    playlists, _ = read_map(source)
    table, groups = by_artist(playlists, pl.read_parquet(members), *names)
    save_png(map_picture(table, groups, f"{label(name, families)}: playlists of two artists"), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_artists(
            snakemake.input.map,
            snakemake.input.groups,
            snakemake.input.artists,
            snakemake.output.figure,
            Model.of(snakemake.wildcards).name,
            **snakemake.params.settings,
        )
