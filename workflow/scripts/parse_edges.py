"""Checks a run's edge lists and writes their edges, playlists and tracks as Parquet, as one batch."""

from pathlib import Path

import polars as pl

from segue.data.batches import edge_files
from segue.data.edge_lists import ROLES, read_edges
from segue.data.edge_tables import tables
from segue.data.provenance import file_record, write_batch
from segue.data.quarantine import SCHEMA
from segue.jobs import log, logged


def parse_edges(settings: dict, targets: dict[str, str]) -> None:
    """``settings``: data.edges, and ``column``, which is split.column.

    ``targets``: where the tables of `edge_tables.Tables` go, and ``quarantine``, all of them or none.
    Nothing is rejected here, a bad row is an error: a benchmark that lacks some of its rows is another one.
    """
    files = edge_files(settings["files"])
    parts = []
    for file in files:
        part = read_edges(
            file.path,
            form=settings["form"],
            **settings["columns"],
            split=settings["column"],
            role=file.split,
            separator=settings["separator"],
            header=settings["header"],
        )
        log.info("%s: %s rows", file.path, f"{part.height:,}")
        parts.append(part)
    batch = tables(parts, [Path(file.path).name for file in files])
    rows = ", ".join(f"{len(table):,} {name}" for name, table in batch._asdict().items())
    log.info("%d list(s): %s", len(files), rows)
    if "split" in batch.edges.columns:
        counts = dict(batch.edges["split"].value_counts().rows())
        log.info("assigned: %s", ", ".join(f"{role} {counts.get(role, 0):,} edges" for role in ROLES))
    contents = batch._asdict() | {"quarantine": pl.DataFrame(schema=SCHEMA)}
    write_batch(targets, contents, [file_record(file.path) for file in files])


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        parse_edges(snakemake.params.settings, dict(snakemake.output.items()))
