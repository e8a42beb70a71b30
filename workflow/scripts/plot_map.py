"""Draws the maps of one model, coloured by the sample's genres where there are any."""

from segue.figures.maps import genre_map, map_picture
from segue.figures.style import save_png
from segue.jobs import logged
from segue.run.families import Families
from segue.run.labels import label
from segue.run.models import Model


def plot_map(
    source: str, playlists: str, themes: list[str], target: str, name: str, families: Families | None = None
) -> None:
    """``themes``: the sample's tables of themes; none where playlists are real. ``name``: the model's;
    ``families``: of the run's convolutions."""
    table, groups = genre_map(source, playlists, themes)
    save_png(map_picture(table, groups, f"{label(name, families)}: map of the playlists"), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_map(
            snakemake.input.map,
            snakemake.input.playlists,
            list(snakemake.input.themes),
            snakemake.output.figure,
            Model.of(snakemake.wildcards).name,
            **snakemake.params.settings,
        )
