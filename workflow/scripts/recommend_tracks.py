"""Recommends tracks for the chosen playlists with one model."""

import polars as pl
from safetensors.torch import load_file

from segue.files import save_table
from segue.graph.ids import with_ids
from segue.graph.split import load_split
from segue.jobs import log, logged
from segue.serve.recommendation import recommendation_table


def recommend_tracks(sources: dict[str, str], target: str, *, n: int, raw_ids: bool, block_mb: int) -> None:
    """``sources``: split, embeddings, chosen (playlist indices), and the core's playlists and tracks.
    ``raw_ids``: whether ids are of edge lists."""
    playlists, tracks = (pl.read_parquet(sources[name]) for name in ("playlists", "tracks"))
    table = recommendation_table(
        load_split(sources["split"]),
        load_file(sources["embeddings"]),
        pl.read_parquet(sources["chosen"])["playlist"].cast(pl.Int64).to_torch(),
        n,
        with_ids(playlists, raw_ids),
        tracks,
        block_mb,
    )
    top = table.filter(pl.col("rank") <= 10).group_by("playlist").agg(pl.col("hit").any())["hit"]
    log.info("%d playlists, %d of them with a hit in the top 10", len(top), top.sum())
    save_table(table, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        recommend_tracks(
            dict(snakemake.input.items()),
            snakemake.output.table,
            **snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
        )
