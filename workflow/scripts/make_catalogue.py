"""Invents the artists, albums and tracks that all slices of the sample share."""

from typing import Any

from segue.jobs import log, logged
from segue.sample.catalogue import SampleSettings, make_catalogue, save_catalogue


def make_sample_catalogue(target: str, settings: dict[str, Any]) -> None:
    """Writes the catalogue that ``settings`` (SampleSettings) describe as safetensors."""
    catalogue = make_catalogue(SampleSettings(**settings))
    artists, albums = (int(ids[-1]) + 1 for ids in (catalogue.artist, catalogue.album))
    log.info("%s tracks, %s albums, %s artists", *(f"{n:,}" for n in (settings["tracks"], albums, artists)))
    save_catalogue(catalogue, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        make_sample_catalogue(snakemake.output.catalogue, snakemake.params.settings)
