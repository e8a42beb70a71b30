"""Writes one slice of invented playlists in the MPD's format."""

from pathlib import Path
from typing import Any

from segue.data.slices import slice_name
from segue.errors import SegueError
from segue.files import save_table
from segue.jobs import log, logged
from segue.sample.catalogue import SampleSettings, load_catalogue
from segue.sample.playlists import theme_table
from segue.sample.slices import make_slice, write_slice


def make_sample(
    catalogue: str | Path, target: str | Path, themes: str | Path, index: int, settings: dict[str, Any]
) -> None:
    """Writes slice ``index`` (0, 1, ...) of the sample that ``settings`` (SampleSettings) describe, and what
    its playlists are about to ``themes``.

    ``catalogue`` is the file of the catalogue of the same settings. Raises a SegueError when ``target`` is
    not named after the slice's pids.
    """
    wanted = SampleSettings(**settings)
    first = index * wanted.playlists_per_slice
    name = slice_name(first, first + wanted.playlists_per_slice - 1)
    if Path(target).name != name:
        raise SegueError(
            "The sample has no such slice.",
            where=str(target),
            found=Path(target).name,
            expected=name,
            fix="ask for a slice of data.sample.playlists_per_slice playlists",
        )
    loaded = load_catalogue(catalogue)
    save_table(theme_table(loaded, wanted, index), themes)
    contents = make_slice(loaded, wanted, index)
    write_slice(target, contents)
    entries = sum(playlist["num_tracks"] for playlist in contents["playlists"])
    log.info("%s: %s playlists, %s entries", name, f"{wanted.playlists_per_slice:,}", f"{entries:,}")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        make_sample(
            snakemake.input.catalogue,
            snakemake.output.slice,
            snakemake.output.themes,
            int(snakemake.wildcards.first) // snakemake.params.settings["playlists_per_slice"],
            snakemake.params.settings,
        )
