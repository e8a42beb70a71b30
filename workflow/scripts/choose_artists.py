"""Chooses the two artists of the study, and lists the playlists that feature them."""

import polars as pl

from segue.analysis.artists import artist_groups, artist_playlists, choose_artists
from segue.files import save_table, write_json
from segue.jobs import log, logged


def choose_study(sources: dict[str, str], targets: dict[str, str], artists: dict[str, str | None]) -> None:
    """``sources``: the core's edges, tracks and playlists. ``targets``: groups (Parquet), artists (JSON)."""
    tracks = pl.read_parquet(sources["tracks"], columns=["track", "artist_uri", "artist_name"])
    pairs = artist_playlists(pl.read_parquet(sources["edges"], columns=["playlist", "track"]), tracks)
    count = pl.scan_parquet(sources["playlists"]).select(pl.len()).collect().item()
    names = tracks.select("artist_uri", "artist_name").drop_nulls("artist_uri").unique("artist_uri")
    uris = choose_artists(pairs, names, count, artists["a"], artists["b"])
    groups = artist_groups(pairs, *uris)
    study = {}
    for key, uri in zip("ab", uris, strict=True):
        name = names.row(by_predicate=pl.col("artist_uri") == uri, named=True)["artist_name"]
        study[key] = {"name": name, "uri": uri, "only": groups.filter(pl.col("group") == key).height}
        log.info("%s: %s (%s), alone on %d playlists", key, name, uri, study[key]["only"])
    study["both"] = groups.filter(pl.col("group") == "both").height
    log.info("both on %d playlists, of %d in all", study["both"], count)
    write_json(targets["artists"], study)
    save_table(groups, targets["groups"])


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        choose_study(dict(snakemake.input.items()), dict(snakemake.output.items()), snakemake.params.settings)
