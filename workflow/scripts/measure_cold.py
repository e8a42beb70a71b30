"""Measures how well tracks are found that training never saw."""

from typing import Any

import polars as pl
import torch

from segue.evaluate.blends import read_embeddings
from segue.evaluate.cold import OVERLAP, POPULARITY, RANDOM, cold_table, cold_test, coverage_table
from segue.evaluate.relations import models_table
from segue.files import atomic, save_table
from segue.graph.split import load_split
from segue.jobs import log, logged
from segue.scorers.cold import cold_rows
from segue.scorers.load import load_scorer


def measure_cold(
    sources: dict[str, str],
    files: list[tuple[str, str]],
    targets: dict[str, str],
    *,
    models: list[dict[str, Any]],
    k: list[int],
    max_playlists: int | None,
    seed: int,
    block_mb: int,
    threads: int,
) -> None:
    """``sources``: split, tracks, cold tracks and cold edges, and artists and albums where the graph has
    them. ``files``: embeddings and scorer of each of ``models``, which say what ``models_table`` takes.
    ``targets``: parquet, csv and coverage. ``max_playlists`` and ``seed``: as of the test."""
    torch.set_num_threads(threads)
    split, cold = load_split(sources["split"]), pl.read_parquet(sources["cold_tracks"])
    edges = pl.read_parquet(sources["cold_edges"]).select("playlist", "cold").to_torch().long().T
    tracks = pl.read_parquet(sources["tracks"], columns=["artist_uri"])
    names = pl.concat([tracks["artist_uri"], cold["artist_uri"]])
    artists = pl.DataFrame({"artist_uri": names.drop_nulls().unique().sort()}).with_row_index("artist")
    test = cold_test(split, edges, _places(names, artists), max_playlists, seed)
    node = {
        kind: _places(cold[f"{kind}_uri"], pl.read_parquet(sources[f"{kind}s"]))
        if f"{kind}s" in sources
        else torch.full((cold.height,), -1)
        for kind in ("artist", "album")
    }
    found = {
        RANDOM: test.random(k),
        POPULARITY: test.of(test.by_popularity, k, block_mb),
        OVERLAP: test.of(test.by_overlap, k, block_mb),
    }
    for model, (embeddings, scorer) in zip(models, files, strict=True):
        own = cold_rows(load_scorer(scorer), node["artist"], node["album"])
        scores = test.by_model(*read_embeddings(embeddings, split), *own)
        found[model["model"]] = test.of(scores, k, block_mb)
    table = cold_table(found, models_table(models), k, seed)
    save_table(table, targets["parquet"])
    coverage = coverage_table(node["artist"], node["album"], edges)
    for name, each in (("csv", table), ("coverage", coverage)):
        with atomic(targets[name]) as path:
            each.write_csv(path)
    for row in table.iter_rows(named=True):
        log.info(
            "{model} among {among}: Recall@{k} {recall:.4f} ({low:.4f} to {high:.4f}), "
            "{ratio_to_random:.1f} times random".format(**row)
        )


def _places(uris: pl.Series, nodes: pl.DataFrame) -> torch.Tensor:
    """[n] int64: which of ``nodes``, whose first columns are an index and its uri, each uri is; -1: none."""
    index, uri = nodes.columns[:2]
    found = uris.to_frame(uri).join(nodes.select(index, uri), on=uri, how="left", maintain_order="left")
    return found[index].cast(pl.Int64).fill_null(-1).to_torch()


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        single = ("split", "tracks", "cold_tracks", "cold_edges", "artists", "albums")
        measure_cold(
            {name: str(snakemake.input[name]) for name in single if snakemake.input.get(name)},
            [*zip(snakemake.input.embeddings, snakemake.input.scorers, strict=True)],
            dict(snakemake.output.items()),
            **snakemake.params.settings,
            block_mb=snakemake.config["score_block_mb"],
            threads=snakemake.threads,
        )
