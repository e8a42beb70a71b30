"""Writes the page of one model's maps, an epoch after the other, coloured by the sample's genres if any."""

from segue.figures.map_page import map_page
from segue.figures.maps import genre_map
from segue.files import write_text
from segue.jobs import logged
from segue.run.families import Families
from segue.run.labels import label
from segue.run.models import Model


def animate_map(
    source: str, playlists: str, themes: list[str], target: str, name: str, families: Families | None = None
) -> None:
    """``themes``: the sample's tables of themes; none where playlists are real. ``name``: the model's;
    ``families``: of the run's convolutions."""
    table, groups = genre_map(source, playlists, themes)
    write_text(target, map_page(table, groups, f"{label(name, families)}: map of the playlists"))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        animate_map(
            snakemake.input.map,
            snakemake.input.playlists,
            list(snakemake.input.themes),
            snakemake.output.page,
            Model.of(snakemake.wildcards).name,
            **snakemake.params.settings,
        )
