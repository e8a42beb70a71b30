"""Makes artists and albums nodes of the graph, from the core's tracks."""

import polars as pl

from segue.files import save_table
from segue.graph.nodes import nodes_of, report
from segue.graph.relations import KINDS, save_relations
from segue.jobs import logged


def build_relations(tracks: str, tables: dict[str, str], relations: str, settings: dict) -> None:
    """``tracks``: the core's. ``tables``, by kind, and ``relations``: what is written.

    ``settings``: graph.min_degree, and ``raw_ids``, whether the tracks are of edge lists.
    """
    columns = ["track", *(f"{kind}_{column}" for kind in KINDS for column in ("uri", "name"))]
    table = pl.read_parquet(tracks, columns=columns)
    nodes = nodes_of(table, [*tables], settings["min_degree"])
    report(nodes, table, settings["raw_ids"])
    for kind, path in tables.items():
        save_table(nodes.tables[kind], path)
    save_relations(nodes.relations, relations)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        build_relations(
            snakemake.input.tracks,
            dict(zip(snakemake.params.settings["kinds"], snakemake.output.tables, strict=True)),
            snakemake.output.relations,
            snakemake.params.settings,
        )
