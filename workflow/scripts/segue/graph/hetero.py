"""The graph of a run as PyG's HeteroData.

torch_geometric is imported by the function, when it is called: the import takes seconds.
"""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import torch
from torch import Tensor

from segue.errors import SegueError
from segue.graph.edge_types import FORWARD, REVERSE, edge_type
from segue.graph.relations import load_relations
from segue.graph.split import Split, load_split

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

STAGES = ("train", "validation", "test")
RELATIONS_FILE = "split/relations.safetensors"


def to_hetero_data(results: str | Path, stage: str) -> "HeteroData":
    """The graph of the run in the folder ``results`` at a ``stage``: ``train``, ``validation`` or ``test``.

    - ``data["playlist"]``: ``num_nodes`` P; ``title``, a list of P texts or None; ``pid`` [P]. Of
      edge lists the title is the playlist's id, and the pid a place in tables, which means nothing
    - ``data["track"]``: ``num_nodes`` T; ``uri``, ``name`` and ``artist``, lists of T texts or None
    - ``data["playlist", "contains", "track"]``: ``edge_index`` [2, E], what the stage passes messages over;
      ``edge_label_index`` [2, S], the edges that it predicts; ``edge_label`` [S] float32, all 1
    - ``data["track", "rev_contains", "playlist"]``: ``edge_index`` [2, E], the same edges the other way

    Of a run with ``graph.relations``, at every stage alike:

    - ``data["artist"]``, ``data["album"]``: ``num_nodes``; ``uri`` and ``name``, lists of texts or None
    - ``data["track", "by", "artist"]``, ``data["track", "on", "album"]``, ``data["album", "by", "artist"]``:
      ``edge_index``; and the other way, as ``data["artist", "rev_by", "track"]``. None of them is predicted,
      and none joins a playlist and an artist or album

    Indices are int64, playlist indices 0..P-1 and track indices 0..T-1. It is what PyG's ``RandomLinkSplit``
    gives for that stage and split with ``neg_sampling_ratio=0``: draw negatives as you like them. Which edges
    pass messages and which are predicted at each stage says ``segue.graph.split.Split``.

    Raises SegueError for another stage, or where the run has not got as far as its split.
    """
    from torch_geometric.data import HeteroData

    if stage not in STAGES:
        close = difflib.get_close_matches(str(stage), STAGES, n=1)
        raise SegueError(
            f"There is no stage {stage!r}.",
            where="to_hetero_data(results, stage)",
            found=repr(stage),
            expected=f"one of {', '.join(STAGES)}",
            fix=f"did you mean {close[0]!r}?" if close else "name one of them",
        )
    paths = {
        name: Path(results, part)
        for name, part in (
            ("split", "split/split.safetensors"),
            ("playlists", "graph/playlists.parquet"),
            ("tracks", "graph/tracks.parquet"),
        )
    }
    for path in paths.values():
        _require_file(path)
    split = load_split(paths["split"])
    playlists = pl.read_parquet(paths["playlists"], columns=["pid", "name"])
    tracks = pl.read_parquet(paths["tracks"], columns=["track_uri", "track_name", "artist_name"])
    found = {"playlist": split.num_playlists, "track": split.num_tracks}
    expected = {"playlist": playlists.height, "track": tracks.height}
    if found != expected:
        raise _of_another_graph(paths["split"], found, expected)
    data = HeteroData()
    data["playlist"].num_nodes = playlists.height
    data["playlist"].title = playlists["name"].to_list()
    data["playlist"].pid = playlists["pid"].cast(pl.Int64).to_torch()
    data["track"].num_nodes = tracks.height
    for name, column in (("uri", "track_uri"), ("name", "track_name"), ("artist", "artist_name")):
        data["track"][name] = tracks[column].to_list()
    message, supervision = _edges_of(split, stage)
    data[FORWARD].edge_index = message
    data[FORWARD].edge_label = torch.ones(supervision.size(1))
    data[FORWARD].edge_label_index = supervision
    data[REVERSE].edge_index = message.flip([0])
    if Path(results, RELATIONS_FILE).is_file():
        _add_relations(data, Path(results))
    return data


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise SegueError(
            "The results hold no graph that is split.",
            where=str(path.parents[1]),
            found=f"no file {path}",
            expected="the results folder of a run",
            fix="name another folder, or make the run: `snakemake --cores 8`",
        )


def _add_relations(data: "HeteroData", results: Path) -> None:
    """Artists and albums, and their edges in both directions."""
    relations = load_relations(results / RELATIONS_FILE)
    found = {"track": relations.num_tracks} | relations.num_nodes
    expected = {"track": data["track"].num_nodes}
    for kind in relations.num_nodes:
        path = results / f"graph/{kind}s.parquet"
        _require_file(path)
        table = pl.read_parquet(path, columns=[f"{kind}_uri", f"{kind}_name"])
        data[kind].num_nodes = expected[kind] = table.height
        for name in ("uri", "name"):
            data[kind][name] = table[f"{kind}_{name}"].to_list()
    if found != expected:
        raise _of_another_graph(results / RELATIONS_FILE, found, expected)
    for (first, second), edges in relations.edges.items():
        data[edge_type(first, second)].edge_index = edges
        data[edge_type(second, first)].edge_index = edges.flip([0])


def _of_another_graph(path: Path, found: dict[str, int], expected: dict[str, int]) -> SegueError:
    """``found``, ``expected``: how many nodes of each type."""

    def listed(nodes: dict[str, int]) -> str:
        return ", ".join(f"{count:,} {kind}s" for kind, count in nodes.items())

    return SegueError(
        f"{path.name} is of another graph than the tables of nodes.",
        where=str(path),
        found=listed(found),
        expected=f"{listed(expected)}, as in {path.parents[1] / 'graph'}",
        fix="run the workflow again: it makes what is out of date",
    )


def _edges_of(split: Split, stage: str) -> tuple[Tensor, Tensor]:
    """Message passing and supervision edges, both [2, n]."""
    return {
        "train": (split.train_message, split.train),
        "validation": (split.all_train, split.validation),
        "test": (split.train_and_validation, split.test),
    }[stage]
