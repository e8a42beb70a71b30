"""Draws the maps of one model as an animation, coloured by the sample's genres where there are any."""

from segue.jobs import logged
from segue.map_figure import save_animation
from segue.map_files import genre_map


def animate_map(source: str, playlists: str, themes: list[str], target: str, name: str) -> None:
    """``themes``: the sample's tables of themes; none where playlists are real. ``name``: the model's."""
    table, groups = genre_map(source, playlists, themes)
    save_animation(table, groups, f"Playlist embeddings of {name}", target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        animate_map(
            snakemake.input.map,
            snakemake.input.playlists,
            list(snakemake.input.themes),
            snakemake.output.figure,
            "-".join(snakemake.wildcards[key] for key in ("conv", "sampler", "alpha")),
        )
