"""Checks a run's edge lists and writes their edges, playlists and tracks as Parquet, as one batch."""

from pathlib import Path

import polars as pl

from segue.data.batches import edge_files
from segue.data.edge_checks import ROLES
from segue.data.edge_lists import read_edges
from segue.data.edge_owners import Owners
from segue.data.edge_tables import tables
from segue.data.provenance import file_record, write_batch
from segue.data.quarantine import SCHEMA, summary
from segue.jobs import log, logged


def parse_edges(settings: dict, targets: dict[str, str]) -> None:
    """``settings``: data.edges, data.on_bad_slice, and ``column``, which is split.column.

    ``targets``: where the tables of `edge_tables.Tables` go, and ``quarantine``, all of them or none.
    Unless on_bad_slice is ``quarantine`` a bad row is an error: a benchmark without it is another one.
    """
    files = edge_files(settings["files"])
    parts, rejected, records, owners = [], [pl.DataFrame(schema=SCHEMA)], [], Owners()
    for file in files:
        read = read_edges(
            file.path,
            form=settings["form"],
            **settings["columns"],
            split=settings["column"],
            role=file.split,
            separator=settings["separator"],
            header=settings["header"],
            quarantine=settings["on_bad_slice"] == "quarantine",
            owners=owners,
        )
        counts = {"rows": read.rows, "set_aside": read.rejected.height}
        log.info("%s: %s rows, %s of them set aside", file.path, *(f"{count:,}" for count in counts.values()))
        parts.append(read.edges)
        rejected.append(read.rejected)
        records.append(file_record(file.path) | counts)
    batch = tables(parts, [Path(file.path).name for file in files])
    rows = ", ".join(f"{len(table):,} {name}" for name, table in batch._asdict().items())
    log.info("%d list(s): %s", len(files), rows)
    if "split" in batch.edges.columns:
        counts = dict(batch.edges["split"].value_counts().rows())
        log.info("assigned: %s", ", ".join(f"{role} {counts.get(role, 0):,} edges" for role in ROLES))
    quarantine = pl.concat(rejected)
    for line in summary(quarantine):
        log.warning(line)
    write_batch(targets, batch._asdict() | {"quarantine": quarantine}, records)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        parse_edges(snakemake.params.settings, dict(snakemake.output.items()))
