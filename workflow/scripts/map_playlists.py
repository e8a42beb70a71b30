"""Maps the playlists of one model by UMAP, at each epoch with a snapshot, and its artists among them."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from segue.analysis.artists import artist_playlists
from segue.analysis.likeness import artist_members
from segue.analysis.maps import (
    NEIGHBOURS,
    align_maps,
    choose_points,
    frequent_artists,
    load_snapshots,
    place_among,
    purity,
    share_near,
    shuffled_purity,
    trust,
)
from segue.files import save_table
from segue.jobs import log, logged
from segue.run.models import Model


def map_playlists(
    snapshots: str,
    playlists: str,
    themes: list[str],
    targets: dict[str, str],
    *,
    name: dict,
    settings: dict,
    artists: Sequence[str] = (),
) -> None:
    """``themes``: the sample's tables of themes; none where playlists are real. ``artists``: of a model with
    artists their table, and the core's edges and tracks; else none.

    ``targets``: map (epoch, playlist, x, y, z) and quality, a row an epoch. ``name``: conv, sampler, alpha.
    """
    vectors = load_snapshots(snapshots)
    count = len(next(iter(vectors.values())))
    points = choose_points(count, settings["max_playlists"], settings["seed"])
    vectors = {epoch: unit[points] for epoch, unit in vectors.items()}
    options = {key: settings[key] for key in ("neighbours", "min_dist", "seed")}
    maps = align_maps(vectors, **options)
    genres = None
    if themes:
        known = pl.concat([pl.read_parquet(path, columns=["pid", "genre"]) for path in themes])
        pids = pl.read_parquet(playlists, columns=["pid"])[points]
        genres = pids.join(known, on="pid", how="left", maintain_order="left")["genre"]
    placed, members = _artists(snapshots, artists, vectors, maps, points) if artists else ({}, None)
    rows = []
    for epoch, places in maps.items():
        row = name | {"epoch": epoch, "playlists": len(points), "neighbours": NEIGHBOURS}
        row["trustworthiness"] = trust(vectors[epoch], places)
        if genres is not None:
            row["purity"] = purity(places, genres)
            row["shuffled_purity"] = shuffled_purity(places, genres, settings["seed"])
        if epoch in placed:
            row["artist_share"] = share_near(placed[epoch].select("x", "y", "z").to_numpy(), places, members)
            row["any_share"] = float(members.mean())
        rows.append(row)
        log.info("epoch %d: trustworthiness %.3f", epoch, row["trustworthiness"])
    save_table(pl.DataFrame(rows), targets["quality"])
    tables = [_table(epoch, points, places) for epoch, places in maps.items()]
    save_table(pl.concat([*tables, *placed.values()], how="diagonal"), targets["map"])


def _table(epoch, points, places) -> pl.DataFrame:
    columns = {"playlist": pl.Series(points, dtype=pl.Int32)} | dict(zip("xyz", places.T, strict=True))
    return pl.DataFrame(columns).select(pl.lit(epoch, pl.Int32).alias("epoch"), pl.all())


def _artists(snapshots, artists, vectors, maps, points) -> tuple[dict[int, pl.DataFrame], np.ndarray]:
    """Of each epoch the most frequent artists among the playlists: epoch, x, y, z, artist and artist_name;
    and on which of the playlists ``points`` each of them is, [m, n] bool."""
    nodes, edges, tracks = map(pl.read_parquet, artists)
    shown = frequent_artists(nodes)
    pairs, uris = artist_playlists(edges, tracks), shown["artist_uri"].to_list()
    members = artist_members(pairs, uris, edges["playlist"].max() + 1)[:, points].toarray() > 0
    placed = {}
    for epoch, unit in load_snapshots(snapshots, "artists").items():
        places = place_among(unit[shown["artist"].to_numpy()], vectors[epoch], maps[epoch])
        row = dict(zip("xyz", places.T, strict=True))
        placed[epoch] = shown.drop("artist_uri").with_columns(pl.lit(epoch, pl.Int32).alias("epoch"), **row)
    return placed, members


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        map_playlists(
            snakemake.input.snapshots,
            snakemake.input.playlists,
            list(snakemake.input.themes),
            dict(snakemake.output.items()),
            name=Model.of(snakemake.wildcards).parts,
            settings=snakemake.params.settings,
            artists=list(snakemake.input.artists),
        )
