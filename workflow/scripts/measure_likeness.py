"""Measures how alike playlists that share an artist are to one model, over the epochs."""

import numpy as np
import polars as pl

from segue.analysis.artists import artist_playlists
from segue.analysis.likeness import AT_LEAST, artist_members, draw_artists, likeness
from segue.analysis.maps import load_snapshots
from segue.files import read_json, save_table
from segue.jobs import log, logged
from segue.run.models import Model


def measure_likeness(
    snapshots: str, sources: dict[str, str], target: str, *, name: dict[str, str], seed: int
) -> None:
    """``sources``: the core's edges and tracks, and the study's artists. ``name``: conv, sampler, alpha."""
    tracks = pl.read_parquet(sources["tracks"], columns=["track", "artist_uri"])
    pairs = artist_playlists(pl.read_parquet(sources["edges"], columns=["playlist", "track"]), tracks)
    study = read_json(sources["artists"])
    vectors = load_snapshots(snapshots)
    count = len(next(iter(vectors.values())))
    groups = [
        ("artists", draw_artists(pairs, count, seed)),
        *((artist["name"], [artist["uri"]]) for artist in (study["a"], study["b"])),
    ]
    rows = []
    for group, uris in groups:
        members = artist_members(pairs, uris, count)
        if uris and np.diff(members.indptr).min() < AT_LEAST:
            log.info("%s is on one playlist only: nothing to compare", group)
            continue
        for epoch, unit in vectors.items():
            measured = likeness(unit, members, seed)
            rows.append(name | {"epoch": epoch, "group": group, "artists": len(uris)} | measured)
        log.info("%s, epoch %d: %s", group, epoch, ", ".join(f"{k} {v:.3f}" for k, v in measured.items()))
    save_table(pl.DataFrame(rows), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        measure_likeness(
            snakemake.input.snapshots,
            {name: snakemake.input[name] for name in ("edges", "tracks", "artists")},
            snakemake.output.likeness,
            name=Model.of(snakemake.wildcards).parts,
            **snakemake.params.settings,
        )
