"""Draws the maps of one model as an animation, coloured by the sample's genres where there are any."""

from base64 import b64encode
from pathlib import Path

from jinja2 import Template

from segue.figures.maps import genre_map, save_animation
from segue.files import write_text
from segue.jobs import logged
from segue.run.models import Model

# The report shows no GIF by itself.
PAGE = Template(
    """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{{ name }}</title>
<style>body { margin: 0; } img { display: block; margin: auto; max-width: 100%; }</style>
<img alt="Playlist embeddings of {{ name }} over the epochs" src="data:image/gif;base64,{{ data }}">
""",
    autoescape=True,
    keep_trailing_newline=True,
)


def animate_map(source: str, playlists: str, themes: list[str], targets: dict[str, str], name: str) -> None:
    """``themes``: the sample's tables of themes; none where playlists are real. ``targets``: animation, a
    GIF, and page, the same in HTML. ``name``: the model's."""
    table, groups = genre_map(source, playlists, themes)
    save_animation(table, groups, f"Playlist embeddings of {name}", targets["animation"])
    data = b64encode(Path(targets["animation"]).read_bytes()).decode()
    write_text(targets["page"], PAGE.render(name=name, data=data))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        animate_map(
            snakemake.input.map,
            snakemake.input.playlists,
            list(snakemake.input.themes),
            dict(snakemake.output.items()),
            Model.of(snakemake.wildcards).name,
        )
