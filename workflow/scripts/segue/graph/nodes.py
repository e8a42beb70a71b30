"""Artists and albums as nodes, and the edges between them and tracks, from the core's tracks alone."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import torch

from segue.errors import SegueError, shown
from segue.graph.edge_types import RELATIONS
from segue.graph.relations import Relations
from segue.jobs import log
from segue.run.models import KINDS


@dataclass(frozen=True)
class Nodes:
    """``tables``: by kind, ``{kind}`` Int32 (0, 1, ... in the order of uri), ``{kind}_uri``, ``{kind}_name``,
    ``tracks`` Int32 (of the core). ``relations``: the edges, by rows of these tables."""

    tables: dict[str, pl.DataFrame]
    relations: Relations


def nodes_of(tracks: pl.DataFrame, kinds: Sequence[str], min_degree: int) -> Nodes:
    """``tracks``: of ``segue.graph.tables.Core``; ``kinds``: some of KINDS.

    An artist or album is a node where ``min_degree`` tracks or more are its own. A track has an edge to its
    artist and one to its album, where these are nodes; an album to every artist of a track that is on it. A
    uri with several names has that of most of its tracks, of equally many the first in order. Raises
    SegueError for a relation without an edge.
    """
    tables, codes = {}, {}
    for kind in KINDS:
        if kind in kinds:
            tables[kind] = _table(tracks, kind, min_degree)
            uri = f"{kind}_uri"
            codes[kind] = tracks.select(uri).join(
                tables[kind].select(uri, kind), on=uri, how="left", maintain_order="left"
            )[kind]
    codes["track"] = tracks["track"]
    edges = {}
    for relation in RELATIONS:
        if codes.keys() >= {*relation}:
            pairs = pl.DataFrame([codes[node] for node in relation]).drop_nulls().unique().sort(relation)
            if pairs.is_empty():
                raise _without_edges(tracks, relation, min_degree)
            edges[relation] = torch.stack([pairs[node].cast(pl.Int64).to_torch() for node in relation])
    num_nodes = {kind: table.height for kind, table in tables.items()}
    return Nodes(tables, Relations(tracks.height, num_nodes, edges))


def _table(tracks: pl.DataFrame, kind: str, min_degree: int) -> pl.DataFrame:
    uri, name = f"{kind}_uri", f"{kind}_name"
    counted = _named(tracks, kind).group_by(uri, maintain_order=True)
    table = counted.agg(pl.col(name).first(), pl.col("tracks").sum().cast(pl.Int32))
    table = table.filter(pl.col("tracks") >= min_degree)
    return table.select(pl.int_range(pl.len(), dtype=pl.Int32).alias(kind), pl.all())


def _named(tracks: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Each uri and name of ``kind`` with its number of tracks, by uri, the name first that most have."""
    uri, name = f"{kind}_uri", f"{kind}_name"
    counts = tracks.drop_nulls(uri).group_by(uri, name).agg(pl.len().alias("tracks"))
    order = [pl.col(uri), pl.col(name).is_null(), pl.col("tracks"), pl.col(name)]
    return counts.sort(order, descending=[False, False, True, False])


def _without_edges(tracks: pl.DataFrame, relation: tuple[str, str], min_degree: int) -> SegueError:
    first, kind = relation
    if first == "album":
        return SegueError(
            "No album of the graph has an artist of the graph.",
            where="graph.relations, graph.min_degree",
            found=f"artists and albums of {min_degree} tracks or more, and no track of both",
            expected="one track or more whose artist and album are both nodes",
            fix="lower graph.min_degree, or take artist or album out of graph.relations",
        )
    sizes = _named(tracks, kind).group_by(f"{kind}_uri").agg(pl.col("tracks").sum())["tracks"]
    found = f"no track of {tracks.height:,} has an {kind}"
    fix = f"take {kind} out of graph.relations; of edge lists, data.edges.columns.{kind} names its column"
    if len(sizes):
        found = f"{len(sizes):,} {kind}s of at most {sizes.max()} tracks of the core"
        fix = f"lower graph.min_degree or graph.k_core, read more, or take {kind} out of graph.relations"
    return SegueError(
        f"No {kind} is a node of the graph.",
        where="graph.relations, graph.min_degree",
        found=found,
        expected=f"one {kind} or more with {min_degree} tracks of the core, as graph.min_degree has it",
        fix=fix,
    )


def report(nodes: Nodes, tracks: pl.DataFrame, raw_ids: bool) -> None:
    """Logs how many nodes and edges there are, and what of the tracks' artists and albums is ambiguous.

    ``raw_ids``: of edge lists, where an album is known by its name alone, and equal names are one album.
    """
    for kind, table in nodes.tables.items():
        covered = nodes.relations.edges["track", kind].size(1)
        log.info("%ss: %s, with %s tracks", kind, f"{table.height:,}", f"{covered:,} of {tracks.height:,}")
        _report_names(_named(tracks.join(table, on=f"{kind}_uri", how="semi"), kind), kind)
    for relation, edges in nodes.relations.edges.items():
        log.info("%s: %s edges", "-".join(relation), f"{edges.size(1):,}")
    if "album" in nodes.tables:
        _report_albums(tracks.join(nodes.tables["album"], on="album_uri", how="semi"), raw_ids)


def _report_names(named: pl.DataFrame, kind: str) -> None:
    uri, name = f"{kind}_uri", f"{kind}_name"
    several = named.drop_nulls(name).group_by(uri, maintain_order=True).agg(pl.col(name), pl.len())
    several = several.filter(pl.col("len") > 1)
    if not several.is_empty():
        first, (kept, other, *_) = several.select(uri, name).row(0)
        count, example = f"{several.height:,}", f"{shown(first)} {shown(kept)}, not {shown(other)}"
        log.info("%ss of several names: %s, named as most of their tracks: %s", kind, count, example)


def _report_albums(tracks: pl.DataFrame, raw_ids: bool) -> None:
    """``tracks``: of the albums that are nodes."""
    counts = (
        tracks.drop_nulls("artist_uri")
        .group_by("album_uri")
        .agg(pl.col("album_name").min(), pl.col("artist_uri").n_unique().alias("artists"))
    )
    several = counts.filter(pl.col("artists") > 1).sort("artists", "album_uri", descending=[True, False])
    if several.is_empty():
        return
    album, artists = shown(several["album_name"][0] or several["album_uri"][0]), several["artists"][0]
    line = f"albums of several artists: {several.height:,}, as {album} of {artists}"
    if raw_ids:
        line += (
            ". An album is known by its name alone; next step: where these are different albums of one name, "
            "write the artist into the album's column too"
        )
    log.log(logging.WARNING if raw_ids else logging.INFO, "%s", line)
