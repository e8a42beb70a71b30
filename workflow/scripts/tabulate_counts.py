"""Writes the page of counts: what was read, kept, split and rejected."""

from collections.abc import Sequence

import polars as pl
from safetensors.numpy import load_file

from segue.analysis.neighbourhood import split_roles
from segue.files import read_json, write_text
from segue.jobs import logged
from segue.report.html import sortable_table, tables_page
from segue.report.relations import relation_counts
from segue.report.tables import graph_counts, read_counts, rejected_counts, split_counts


def tabulate_counts(
    slice_edges: list[str],
    slice_playlists: list[str],
    edges: str,
    stats: str,
    ladder: str,
    quarantine: str,
    split: str,
    target: str,
    relations: Sequence[str] = (),
) -> None:
    """``slice_edges``, ``slice_playlists``: files of the batches; ``edges``: the core's; ``relations``: its
    artists and albums, a file or none."""
    graph = read_json(stats)
    files = pl.scan_parquet(slice_playlists).select(pl.col("slice").n_unique()).collect().item()
    whole = graph_counts(graph, (_entries(slice_edges), _entries([edges])))
    parts = split_counts(split_roles(load_file(split)))
    rejected = rejected_counts(pl.read_parquet(quarantine))
    cores = pl.read_parquet(ladder).rename(lambda name: name.replace("_", " "))
    core = f"{graph['k_core']}-core"
    sections = [
        sortable_table(read_counts(files, graph), "Read", {"count": ","}),
        sortable_table(whole, "The graph", {"read": ",.10g", core: ",.10g", "kept": ".1%"}),
        sortable_table(parts, "The split", _formats(parts) | {"share of all edges": ".1%"}),
        sortable_table(cores, "All cores", _formats(cores)),
    ]
    for path in relations:
        sections.insert(2, sortable_table(relation_counts(path), "Artists and albums", {"count": ","}))
    if rejected.height:
        sections.insert(1, sortable_table(rejected, "Rejected", _formats(rejected)))
    page = tables_page("Counts", sections)
    write_text(target, page)


def _formats(table: pl.DataFrame) -> dict[str, str]:
    kinds = {name: dtype for name, dtype in table.schema.items() if dtype.is_numeric()}
    return {name: ",.1f" if dtype.is_float() else "," for name, dtype in kinds.items()}


def _entries(edges: list[str]) -> int:
    return pl.scan_parquet(edges).select(pl.col("count").cast(pl.Int64).sum()).collect().item()


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tabulate_counts(
            snakemake.input.slice_edges,
            snakemake.input.slice_playlists,
            snakemake.input.edges,
            snakemake.input.stats,
            snakemake.input.ladder,
            snakemake.input.quarantine,
            snakemake.input.split,
            snakemake.output.page,
            list(snakemake.input.relations),
        )
