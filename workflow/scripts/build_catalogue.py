"""Lists every playlist that was not held out, and every track on one: what answers may come from."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from segue.catalogue.catalogue import save_catalogue
from segue.catalogue.tables import catalogue_tables
from segue.challenge.holdout import CATEGORIES
from segue.challenge.submission import require_candidates
from segue.graph.merge import merge
from segue.jobs import log, logged

TABLES = ("edges", "playlists", "tracks")


def build_catalogue(
    sources: dict[str, list[str]],
    quarantine: str,
    held_out: Sequence[str],
    core: dict[str, str],
    folder: str,
    min_degree: int,
    categories: Sequence[int],
) -> None:
    """``sources``: lists of files by table, one a batch; ``held_out``: tables of playlists, by pid, that are
    left out; ``core``: the tables of playlists and tracks of the k-core; ``categories``: of the challenge's
    playlists that are to be continued, by number. Raises SegueError where too few tracks are candidates."""
    kept_back = pl.concat(pl.read_parquet(path)["pid"] for path in held_out) if held_out else None
    files = [sources[name] for name in TABLES]
    merged = merge(*files, pl.read_parquet(quarantine), kept_back)
    tables = catalogue_tables(*files[1:], merged, *map(pl.read_parquet, (core["playlists"], core["tracks"])))
    degree, in_core = tables.tracks["degree"], tables.tracks["core"].count()
    candidates = int((degree >= min_degree).sum())
    log.info("%d playlists, %d tracks, %d edges", *tables.listed.shape, tables.listed.nnz)
    log.info(
        "%d tracks are on %d playlists or more: candidates, %d of them in the core of %d",
        candidates,
        min_degree,
        tables.tracks["core"][:candidates].count(),
        in_core,
    )
    require_candidates(candidates, max(CATEGORIES[number].given for number in categories), min_degree)
    save_catalogue(tables, min_degree, folder)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        build_catalogue(
            {name: snakemake.input[name] for name in TABLES},
            snakemake.input.quarantine,
            snakemake.input.held_out,
            {"playlists": snakemake.input.core_playlists, "tracks": snakemake.input.core_tracks},
            str(Path(snakemake.output.listed).parent),
            **snakemake.params.settings,
        )
