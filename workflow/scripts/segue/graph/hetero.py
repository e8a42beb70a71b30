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
from segue.graph.split import Split, load_split

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

FORWARD = ("playlist", "contains", "track")
REVERSE = ("track", "rev_contains", "playlist")  # as PyG's ToUndirected names it
STAGES = ("train", "validation", "test")
RECALL_K, KS = 20, [10, 20, 50, 100]  # what benchmarks on edge lists report


def to_hetero_data(results: str | Path, stage: str) -> "HeteroData":
    """The graph of the run in the folder ``results`` at a stage: ``train``, ``validation`` or ``test``.

    - ``data["playlist"]``: ``num_nodes`` P; ``title``, a list of P texts or None; ``pid`` [P]. Of
      edge lists the title is the playlist's id, and the pid a place in tables, which means nothing
    - ``data["track"]``: ``num_nodes`` T; ``uri``, ``name`` and ``artist``, lists of T texts or None
    - ``data["playlist", "contains", "track"]``: ``edge_index`` [2, E], what the stage passes messages over;
      ``edge_label_index`` [2, S], the edges that it predicts; ``edge_label`` [S] float32, all 1
    - ``data["track", "rev_contains", "playlist"]``: ``edge_index`` [2, E], the same edges the other way

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
        if not path.is_file():
            raise SegueError(
                "The results hold no graph that is split.",
                where=str(results),
                found=f"no file {path}",
                expected="the results folder of a run",
                fix="name another folder, or make the run: `snakemake --cores 8`",
            )
    split = load_split(paths["split"])
    playlists = pl.read_parquet(paths["playlists"], columns=["pid", "name"])
    tracks = pl.read_parquet(paths["tracks"], columns=["track_uri", "track_name", "artist_name"])
    if (playlists.height, tracks.height) != (split.num_playlists, split.num_tracks):
        raise SegueError(
            "The split is of another graph than the tables of nodes.",
            where=str(paths["split"]),
            found=f"{split.num_playlists:,} playlists and {split.num_tracks:,} tracks",
            expected=f"{playlists.height:,} and {tracks.height:,}, as in {paths['playlists'].parent}",
            fix="run the workflow again: it makes what is out of date",
        )
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
    return data


def _edges_of(split: Split, stage: str) -> tuple[Tensor, Tensor]:
    """Message passing and supervision edges, both [2, n]."""
    return {
        "train": (split.train_message, split.train),
        "validation": (split.all_train, split.validation),
        "test": (split.train_and_validation, split.test),
    }[stage]
