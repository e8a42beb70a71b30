"""Tracks that a model is told of after its training, by their artists and albums."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from segue.errors import SegueError, shown
from segue.graph.tables import core_digest
from segue.scorers.cold import with_cold
from segue.serve.answering import Continuation
from segue.serve.from_core import KNOWN_BY, FromCore, knows_nodes
from segue.serve.tracks import node_indices
from segue.serve.uris import URI_FORM, uri_or_id

WHERE = "add_tracks"
REQUIRED = "track_uri"
NODES = ("artist_uri", "album_uri")  # one of these at least
NAMES = ("track_name", "artist_name")
TRAINED = "trained"


def add_tracks(model: Continuation, table: Any, where: str = WHERE) -> FromCore:
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
    rows = _checked(table, core, where)
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


def read_tracks(path: str | Path) -> pl.DataFrame:
    """The table in a ``.csv``, ``.tsv`` or ``.parquet`` file, with a header. Raises SegueError for another
    file, and where it cannot be read."""
    path = Path(path)
    readers = {
        ".csv": lambda: pl.read_csv(path, infer_schema=False),
        ".tsv": lambda: pl.read_csv(path, infer_schema=False, separator="\t", quote_char=None),
        ".parquet": lambda: pl.read_parquet(path),
    }
    reader = readers.get(path.suffix.lower())
    expected = f"a table (.csv, .tsv, .parquet) with {REQUIRED}, and {' or '.join(NODES)}"
    if reader is None:
        found = f"a file {path.suffix or 'without suffix'}"
        raise SegueError(
            "The tracks to add are in no table.", where=str(path), found=found, expected=expected
        )
    try:
        return reader()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise SegueError(
            "The table of tracks to add cannot be read.",
            where=str(path),
            found=getattr(error, "strerror", None) or str(error).split("\n")[0],
            expected=expected,
            fix="correct the name, or write the table anew",
        ) from error


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
        found, fix = f"{shown(model)}, a {type(model).__name__}", 'model = segue.load("results")'
    raise SegueError(
        "Tracks cannot be added to this model.",
        where=where,
        found=found,
        expected="a network that was trained with artists or albums",
        fix=fix,
    )


def _checked(table: Any, core: FromCore, where: str) -> pl.DataFrame:
    """track_uri, the uris of NODES and NAMES as String, null where they are not known."""
    rows = _table(table, where)
    if REQUIRED not in rows.columns or not any(name in rows.columns for name in NODES):
        raise SegueError(
            "The table of tracks to add lacks a column.",
            where=where,
            found="columns " + (", ".join(rows.columns) or "none"),
            expected=f"{REQUIRED}, and {' or '.join(NODES)}, or both; also {' and '.join(NAMES)}",
            fix="name the columns so",
        )
    if rows.is_empty():
        raise SegueError("There are no tracks to add.", where=where, found="no row", expected="a row a track")
    names = (REQUIRED, *NODES, *NAMES)
    rows = rows.select(
        _text(pl.col(name) if name in rows.columns else pl.lit(None)).alias(name) for name in names
    )
    uris = [uri and (uri if core.raw_ids else uri_or_id(uri)) for uri in rows[REQUIRED]]
    rows = rows.with_columns(pl.Series(REQUIRED, uris, dtype=pl.String))
    for wrong, what, expected in (
        (rows[REQUIRED].is_null(), "A track to add has no uri.", "an id" if core.raw_ids else URI_FORM),
        (rows[REQUIRED].is_duplicated(), "A track to add stands there twice.", "each track once"),
        (
            rows[REQUIRED].is_in(core.core["track_uri"].implode()),
            "A track to add is in the graph already.",
            "tracks that the model does not know",
        ),
    ):
        if wrong.any():
            row = int(wrong.arg_true()[0])
            more = f" ({wrong.sum():,} such rows in all)" if wrong.sum() > 1 else ""
            raise SegueError(
                what,
                where=f"{where}, row {row + 1}",
                found=f"{shown(uris[row])}{more}",
                expected=expected,
                fix="correct the row, or take it out",
            )
    return rows


def _table(table: Any, where: str) -> pl.DataFrame:
    if isinstance(table, pl.DataFrame):
        return table
    is_list = isinstance(table, Iterable) and not isinstance(table, str | bytes | Mapping)
    rows = [*table] if is_list else []
    if not is_list or not all(isinstance(row, Mapping) for row in rows):
        raise SegueError(
            "The tracks to add come in a table.",
            where=where,
            found=f"{shown(table)}, a {type(table).__name__}",
            expected="a polars table, or a list of dicts, one a track",
            fix='add_tracks(model, [{"track_uri": ..., "artist_uri": ...}])',
        )
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame(
        {str(name): pl.Series([row.get(name) for row in rows], strict=False) for name in names}
    )


def _text(column: pl.Expr) -> pl.Expr:
    stripped = column.cast(pl.String, strict=False).str.strip_chars()
    return pl.when(stripped != "").then(stripped)


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
