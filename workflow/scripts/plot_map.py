"""Draws the maps of one model, a panel an epoch, coloured by the sample's genres where there are any."""

from segue.figures.maps import genre_map, map_panels
from segue.figures.style import save_png
from segue.jobs import logged
from segue.run.models import Model


def plot_map(source: str, playlists: str, themes: list[str], target: str, name: str) -> None:
    """``themes``: the sample's tables of themes; none where playlists are real. ``name``: the model's."""
    table, groups = genre_map(source, playlists, themes)
    save_png(map_panels(table, groups, f"Playlist embeddings of {name}, UMAP"), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_map(
            snakemake.input.map,
            snakemake.input.playlists,
            list(snakemake.input.themes),
            snakemake.output.figure,
            Model.of(snakemake.wildcards).name,
        )
