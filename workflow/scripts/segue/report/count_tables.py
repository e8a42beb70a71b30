"""Tables of the report: what was read, what the core kept of it, how it was split, what was rejected."""

from typing import Any

import polars as pl

SIZES = ("playlists", "tracks", "nodes", "edges")
MEANS = {
    "mean_degree": "edges of a node, mean",
    "mean_degree_playlists": "edges (tracks) of a playlist, mean",
    "mean_degree_tracks": "edges (playlists) of a track, mean",
}
ROLES = {
    "train_message": "training: pass messages",
    "train": "training: are predicted",
    "validation": "validation: are predicted",
    "test": "test: are predicted",
}


def read_counts(files: int, stats: dict[str, Any]) -> pl.DataFrame:
    """what and count (Int64): ``files`` with playlists, what was taken and what was rejected (stats.json)."""
    rows = [
        ("files with playlists", files),
        ("playlists", stats["before"]["playlists"]),
        ("playlists rejected", stats["rejected"]["playlists"]),
        ("whole files rejected", stats["rejected"]["files"]),
    ]
    if "held_out" in stats:
        rows.insert(2, ("playlists held out for the challenge", stats["held_out"]))
    return pl.DataFrame(rows, schema={"what": pl.String, "count": pl.Int64}, orient="row")


def graph_counts(stats: dict[str, Any], entries: tuple[int, int]) -> pl.DataFrame:
    """count, the graph as it was read, the core (Float64) and the share that it kept (of sizes; 0 to 1).

    ``stats``: stats.json of the graph. ``entries``: how many tracks stand on playlists before and after,
    repeats counted; an edge is a pair of playlist and track, each once.
    """
    before, after = stats["before"], stats["after"]
    sizes = [(name, before[name], after[name]) for name in SIZES]
    sizes.append(("entries on playlists, repeats counted", *entries))
    means = [(text, before[name], after[name], None) for name, text in MEANS.items()]
    rows = [(name, old, new, new / old if old else None) for name, old, new in sizes] + means
    names = ["count", "read", f"{stats['k_core']}-core", "kept"]
    schema = dict(zip(names, [pl.String, *3 * [pl.Float64]], strict=True))
    return pl.DataFrame(rows, schema=schema, orient="row")


def split_counts(roles: pl.DataFrame) -> pl.DataFrame:
    """A row a role: edges, their share of all edges (0 to 1), and how many playlists and tracks they touch.

    ``roles``: playlist, track and role, as ``split_roles`` gives them.
    """
    total = roles.select("playlist", "track").n_unique()
    counted = roles.group_by("role").agg(
        edges=pl.len(),
        share=pl.len() / total,
        playlists=pl.col("playlist").n_unique(),
        tracks=pl.col("track").n_unique(),
    )
    names = pl.DataFrame({"role": list(ROLES), "edges that": list(ROLES.values())})
    table = names.join(counted, on="role", how="left", maintain_order="left").drop("role")
    return table.rename({"share": "share of all edges"})


def rejected_counts(quarantine: pl.DataFrame) -> pl.DataFrame:
    """reason, rows of the quarantine and playlists in them, the most first.

    ``quarantine``: what and playlists of each row of quarantine.parquet.
    """
    counted = quarantine.group_by(reason="what").agg(rows=pl.len(), playlists=pl.col("playlists").sum())
    return counted.sort("playlists", "reason", descending=[True, False])
