"""Recommends tracks for some playlists with one model."""

import polars as pl
from safetensors.torch import load_file

from segue.errors import SegueError
from segue.files import atomic
from segue.jobs import log, logged
from segue.recommendation_tables import choose_playlists, dropped_playlist, recommendation_table
from segue.split import load_split


def recommend_tracks(
    sources: dict[str, str],
    slices: dict[str, list[str]],
    target: str,
    *,
    settings: dict,
    k: int,
    block_mb: int,
) -> None:
    """``sources``: split, embeddings, playlists and tracks. ``slices``: the batches' tables of playlists,
    edges and tracks, to say what became of a pid of ``settings`` that the ``k``-core lacks; else empty."""
    split = load_split(sources["split"])
    playlists, tracks = (pl.read_parquet(sources[name]) for name in ("playlists", "tracks"))
    wanted = settings["playlists"]
    if isinstance(wanted, list):
        missing = sorted(set(wanted) - set(playlists["pid"]))
        if missing:
            raise SegueError(
                "There are no recommendations for some playlists.",
                where="recommend.playlists",
                found="; ".join(dropped_playlist(pid, k, **slices, core_tracks=tracks) for pid in missing),
                expected=f"pids of playlists of the {k}-core",
                fix="take these pids out, or lower graph.k_core",
            )
    chosen = choose_playlists(wanted, split, playlists, settings["seed"])
    embeddings = load_file(sources["embeddings"])
    table = recommendation_table(split, embeddings, chosen, settings["n"], playlists, tracks, block_mb)
    top = table.filter(pl.col("rank") <= 10).group_by("playlist").agg(pl.col("hit").any())["hit"]
    log.info("%d playlists, %d of them with a hit in the top 10", len(top), top.sum())
    with atomic(target) as path:
        table.write_parquet(path, compression="zstd")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        recommend_tracks(
            {name: snakemake.input[name] for name in ("split", "embeddings", "playlists", "tracks")},
            {
                name: list(snakemake.input[f"slice_{name}"])
                for name in ("playlists", "edges", "tracks")
                if isinstance(snakemake.params.settings["playlists"], list)
            },
            snakemake.output.table,
            settings=snakemake.params.settings,
            k=snakemake.params.k,
            block_mb=snakemake.params.block_mb,
        )
