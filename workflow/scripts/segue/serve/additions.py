"""Tracks that a model is told of after its training, by their artists and albums."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from segue.errors import SegueError, shown, typed
from segue.graph.tables import core_digest
from segue.scorers.cold import with_cold
from segue.serve.answering import Continuation
from segue.serve.forms import KNOWN_BY, TRAINED
from segue.serve.from_core import FromCore, knows_nodes
from segue.serve.more_tracks import checked_tracks
from segue.serve.tracks import node_indices


def add_tracks(model: Continuation, table: Any, where: str = "add_tracks") -> FromCore:
    """``model`` over more tracks, which it proposes and takes as given, embedded by their artists and albums.

    ``table``: a polars table or a list of dicts, a row a track: track_uri, and artist_uri or album_uri or
    both; track_name and artist_name where they are known. A track of which neither artist nor album is a node
    of the graph has nothing to be known by: it is in ``left_out`` of the result. ``where``: what errors name.

    Answers have a column more, ``known_by``: ``trained``, or of an added track ``artist``, ``album`` or
    ``artist+album``. Its index, ``track``, comes after those of the graph, in the order of the table.

    Raises SegueError when the model has no artists and albums, the table lacks a column, has no row or a row
    without a uri, or a track twice, when the model has such a track already, and when none can be added.
    """
    core = _core_of(model, where)
    rows = checked_tracks(table, core.core["track_uri"], core.raw_ids, where)
    nodes = {kind: _nodes_of(core, kind, rows) for kind in core.scorer.nodes.kinds}
    rows = rows.with_columns(**nodes).with_columns(known_by=_known_by(nodes))
    added = rows.drop_nulls(KNOWN_BY)
    if added.is_empty():
        raise SegueError(
            "No track can be added: nothing of them is in the graph.",
            where=where,
            found=f"{rows.height:,} tracks, the first with artist {shown(rows['artist_uri'][0])} and album "
            f"{shown(rows['album_uri'][0])}",
            expected=f"the {' or '.join(nodes)} of some track among the graph's nodes: those with "
            "graph.min_degree tracks in the k-core",
            fix="add tracks of such, or train on a graph that has them",
        )
    first = core.scorer.num_tracks
    added = added.with_columns(track=pl.int_range(first, first + pl.len(), dtype=pl.Int32))
    tracks = _with_added(core.tracks, added)
    uris = tracks.drop_nulls("track").sort("track")["track_uri"]
    facts = core.scorer.facts | {"catalogue": core_digest(uris)}
    scorer = with_cold(core.scorer, *node_indices(added), facts)
    left_out = rows.filter(pl.col(KNOWN_BY).is_null())["track_uri"].to_list()
    return FromCore(scorer, tracks, core.titles, core.listed, [*core.left_out, *left_out])


def _core_of(model: Any, where: str) -> FromCore:
    if isinstance(model, FromCore) and knows_nodes(model.scorer):
        return model
    if isinstance(model, Continuation):
        answers = "" if isinstance(model, FromCore) else ", which answers from the catalogue"
        found = f"{model.name}{answers}"
        fix = (
            "name a network of a run with relations, as config/hetero.yaml makes them: graph.relations: "
            "[artist, album]"
        )
    else:
        found, fix = typed(model), 'model = segue.load("results")'
    raise SegueError(
        "Tracks cannot be added to this model.",
        where=where,
        found=found,
        expected="a network that was trained with artists or albums",
        fix=fix,
    )


def _nodes_of(core: FromCore, kind: str, rows: pl.DataFrame) -> pl.Series:
    """Int32, the node of each row's artist or album, null for none."""
    key = f"{kind}_uri"
    nodes = core.tracks.select(key, kind).drop_nulls().unique(key)
    return rows.select(key).join(nodes, on=key, how="left", maintain_order="left")[kind]


def _known_by(kinds: Iterable[str]) -> pl.Expr:
    """Which of the columns ``kinds`` a row has, joined by +, null where none."""
    parts = [pl.when(pl.col(kind).is_not_null()).then(pl.lit(kind)) for kind in kinds]
    joined = pl.concat_str(parts, separator="+", ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def _with_added(tracks: pl.DataFrame, added: pl.DataFrame) -> pl.DataFrame:
    """The table of ``known_tracks`` with ``added`` in it; known_by says which."""
    if KNOWN_BY not in tracks.columns:
        inside = pl.col("track").is_not_null()
        tracks = tracks.with_columns(pl.when(inside).then(pl.lit(TRAINED)).alias(KNOWN_BY))
    # One that the run has read, and that is outside the graph, is in it now.
    others = tracks.join(added, on="track_uri", how="anti")
    added = added.select(name for name in tracks.columns if name in added.columns)
    return pl.concat([others, added], how="diagonal").sort("track_uri")
