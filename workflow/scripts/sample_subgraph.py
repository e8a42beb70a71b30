"""Chooses a part of the core to draw, and lays it out."""

import polars as pl

from segue.analysis.communities import place_nodes
from segue.analysis.subgraph import sample_subgraph
from segue.files import save_table
from segue.jobs import log, logged


def write_subgraph(edges: str, nodes_target: str, edges_target: str, settings: dict[str, int]) -> None:
    """``edges``: the core's; ``settings``: nodes and edges to draw, and seed."""
    table = pl.read_parquet(edges, columns=["playlist", "track"])
    graph = sample_subgraph(table, settings["nodes"], settings["edges"], settings["seed"])
    log.info(
        "drawn: %s nodes of %s, %s edges of %s",
        f"{graph.nodes.height:,}",
        f"{settings['nodes']:,} asked for",
        f"{graph.edges['drawn'].sum():,}",
        f"{settings['edges']:,} asked for",
    )
    nodes = place_nodes(graph, settings["seed"])
    for table, target in ((nodes, nodes_target), (graph.edges, edges_target)):
        save_table(table, target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        write_subgraph(
            snakemake.input.edges,
            snakemake.output.nodes,
            snakemake.output.edges,
            snakemake.params.settings,
        )
