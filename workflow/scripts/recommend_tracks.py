"""Recommends tracks for some playlists with one model."""

from functools import partial

import polars as pl
from safetensors.torch import load_file

from segue.files import save_table
from segue.graph.ids import why_dropped, with_ids
from segue.graph.split import load_split
from segue.jobs import log, logged
from segue.serve.recommendation import choose_playlists, recommendation_table


def recommend_tracks(
    sources: dict[str, str],
    slices: dict[str, list[str]],
    target: str,
    *,
    settings: dict,
    block_mb: int,
) -> None:
    """``sources``: split, embeddings, playlists and tracks. ``slices``: the batches' tables of playlists,
    edges and tracks, to say what became of a playlist that the core lacks; else empty. ``settings``: the
    section ``recommend`` of the configuration, ``k_core``, and ``raw_ids``: whether ids are of edge lists."""
    split = load_split(sources["split"])
    raw_ids = settings["raw_ids"]
    playlists, tracks = (pl.read_parquet(sources[name]) for name in ("playlists", "tracks"))
    playlists = with_ids(playlists, raw_ids)
    why = partial(why_dropped, k=settings["k_core"], **slices, core_tracks=tracks, raw_ids=raw_ids)
    chosen = choose_playlists(settings["playlists"], split, playlists, settings["seed"], raw_ids, why)
    embeddings = load_file(sources["embeddings"])
    table = recommendation_table(split, embeddings, chosen, settings["n"], playlists, tracks, block_mb)
    top = table.filter(pl.col("rank") <= 10).group_by("playlist").agg(pl.col("hit").any())["hit"]
    log.info("%d playlists, %d of them with a hit in the top 10", len(top), top.sum())
    save_table(table, target)


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
            block_mb=snakemake.config["score_block_mb"],
        )
