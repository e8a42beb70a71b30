"""A user's own HeteroData as the data of a run.

torch_geometric is imported by the function, when it is called: the import takes seconds.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import torch
import yaml
from torch import Tensor

from segue.data.edge_checks import SPLIT
from segue.files import atomic, write_text
from segue.graph.hetero import STAGES
from segue.graph.hetero_checks import graph_error, ids_of, num_nodes, require_pairs, sorted_edges
from segue.graph.hetero_owners import owner_of_tracks, without_owners

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

RECALL_K, KS = 20, [10, 20, 50, 100]  # what benchmarks on edge lists report


def from_hetero_data(
    data: "HeteroData | Sequence[HeteroData]",
    folder: str | Path,
    *,
    ids: Mapping[str, str] | None = None,
    owners: Mapping[str, str] | None = None,
) -> Path:
    """Writes a bipartite graph as the data of a run, and returns the path of the configuration to run.

    ``data``: two node types and one edge type between them, with or without its reverse; its source nodes
    become the playlists and its targets the tracks. One of

    - a HeteroData with ``edge_index`` alone: the run draws the split;
    - a HeteroData that also has ``edge_label_index``: those edges are tested, those of ``edge_index`` train,
      and the run draws its validation edges from them;
    - the three that ``RandomLinkSplit`` returns: train, validation and test edges as they are in there.

    Pairs of ``edge_label_index`` whose ``edge_label`` is 0 are negatives: they are left out, as Segue draws
    its own. So are nodes without an edge, which have no place in an edge list. ``ids``: by node type, the
    attribute with the nodes' ids, all different; without it a node's index is its id.

    ``owners``: further node types that become the artists and albums of the tracks, by these words, such as
    ``{"artist": "brand"}``. A track has one at most of each, and other edges of theirs are not taken: the run
    joins albums with the artists of their tracks.

    ``folder``: receives ``edges.parquet`` (playlist, track, and split where there is one) and
    ``config.yaml``, to run with ``snakemake --cores 8 --configfile folder/config.yaml``; its results go to
    ``folder/results``.

    Raises SegueError when ``data`` is no such graph, before it writes anything.
    """
    from torch_geometric.data import HeteroData

    stages = [data] if isinstance(data, HeteroData) else list(data)
    if len(stages) not in (1, 3) or not all(isinstance(stage, HeteroData) for stage in stages):
        raise graph_error(
            "This is no HeteroData to run.",
            f"{len(stages)} object(s): {', '.join(type(stage).__name__ for stage in stages)}",
            "a HeteroData, or the three that RandomLinkSplit returns",
        )
    ids, owners, whole = ids or {}, owners or {}, stages
    stages = without_owners(whole, owners)
    kind = _forward_type(stages[0])
    parts = _parts(stages, kind)
    nodes = kind[0], kind[2], *owners.values()
    names = {node: ids_of(whole[0], node, ids.get(node)) for node in nodes}
    if unknown := [*ids.keys() - {*nodes}]:
        raise graph_error("`ids` names a node type that is not there.", repr(unknown[0]), " or ".join(nodes))
    theirs = {word: owner_of_tracks(whole, kind[2], node, names[node]) for word, node in owners.items()}
    edges = torch.cat([*parts.values()], dim=1).numpy()
    table = pl.DataFrame(
        {
            side: names[node][index]
            for side, node, index in zip(("playlist", "track"), nodes, edges, strict=False)
        }
    )
    table = table.with_columns(column.gather(edges[1]).alias(word) for word, column in theirs.items())
    if len(parts) > 1:
        roles = np.repeat([*parts], [part.size(1) for part in parts.values()])
        table = table.with_columns(pl.Series("split", roles, dtype=pl.String).cast(SPLIT))
    folder = Path(folder)
    with atomic(folder / "edges.parquet") as path:
        table.write_parquet(path)
    write_text(folder / "config.yaml", _config(folder, kind, len(parts) > 1, [*owners]))
    return folder / "config.yaml"


def _forward_type(data: "HeteroData") -> tuple[str, str, str]:
    """The edge type that leads from the playlists to the tracks."""
    types = data.edge_types
    if len(data.node_types) != 2:
        raise graph_error(
            "The graph has not two node types.",
            f"{len(data.node_types)}: {', '.join(data.node_types)}",
            "two: what has lists (playlists, users) and what is on them (tracks, items)",
            'build a HeteroData of those two alone, or name what tracks are of: owners={"artist": "brand"}',
        )
    loops = [kind for kind in types if kind[0] == kind[2]]
    if loops or not types:
        raise graph_error(
            "The graph is not bipartite.",
            f"edge type {loops[0]}" if loops else "no edge type",
            f"edges between {' and '.join(data.node_types)}",
        )
    reverse = [kind for kind in types if kind[1].startswith("rev_")] if len(types) > 1 else []
    forward = [kind for kind in types if kind not in reverse]
    if len(forward) != 1 or len(reverse) > 1 or any(kind[0] != forward[0][2] for kind in reverse):
        raise graph_error(
            "The graph has more than one edge type.",
            ", ".join(map(str, types)),
            "one, and at most its reverse, named rev_… as PyG's ToUndirected does",
            "choose one: build a HeteroData with it alone",
        )
    for kind in types:
        if "edge_index" not in data[kind]:
            raise graph_error(
                "An edge type has no edge_index.",
                f"{kind}: {', '.join(data[kind].keys())}",
                "edge_index [2, E]",
            )
    if reverse and not torch.equal(
        sorted_edges(data[reverse[0]].edge_index.flip([0])), sorted_edges(data[forward[0]].edge_index)
    ):
        raise graph_error(
            "The reverse edge type holds other edges.",
            f"{data[reverse[0]].edge_index.size(1):,} edges in {reverse[0]}",
            f"the {data[forward[0]].edge_index.size(1):,} of {forward[0]} the other way round",
            "remove it: Segue passes messages in both directions over the same edges",
        )
    return forward[0]


def _parts(stages: Sequence["HeteroData"], kind: tuple[str, str, str]) -> dict[str, Tensor]:
    """The edges by their role; ``train`` alone where nothing is assigned."""
    sizes = tuple(num_nodes(stages[0], node) for node in (kind[0], kind[2]))
    stores = [stage[kind] for stage in stages]
    if len(stores) == 3:
        for stage, store in zip(STAGES, stores, strict=True):
            if "edge_index" not in store or "edge_label_index" not in store:
                raise graph_error(
                    f"The HeteroData of {stage} has no edges to predict.",
                    ", ".join(store.keys()),
                    "edge_index and edge_label_index, as RandomLinkSplit writes them",
                )
        parts = {
            "train": stores[1].edge_index,
            "validation": _positives(stores[1]),
            "test": _positives(stores[2]),
        }
    elif "edge_label_index" in stores[0]:
        parts = {"train": stores[0].edge_index, "test": _positives(stores[0])}
    else:
        parts = {"train": stores[0].edge_index}
    for role, edges in parts.items():
        require_pairs(edges, sizes, kind, role if len(parts) > 1 else "edge_index")
    if len(stores) == 3:
        known = torch.cat([parts["train"], parts["validation"]], dim=1)
        if not torch.equal(sorted_edges(known), sorted_edges(stores[2].edge_index)):
            raise graph_error(
                "The three HeteroData are of different splits.",
                f"{stores[2].edge_index.size(1):,} edges pass messages in the test",
                f"the {known.size(1):,} of train and validation",
                "pass them in the order that RandomLinkSplit returns them: train, validation, test",
            )
    keys = torch.cat([*parts.values()], dim=1)
    repeats = keys.size(1) - keys.unique(dim=1).size(1)
    if repeats:
        raise graph_error(
            "A pair is both trained and predicted.",
            f"{repeats:,} edges of edge_label_index that pass messages too",
            "each pair in one stage, or what is tested would be known",
            "pass the HeteroData of the test, or all three that RandomLinkSplit returns",
        )
    return {role: edges.cpu() for role, edges in parts.items()}


def _positives(store: Any) -> Tensor:
    """Edges to predict, without negatives."""
    if "edge_label" not in store:
        return store.edge_label_index
    return store.edge_label_index[:, store.edge_label != 0]


def _config(folder: Path, kind: tuple[str, str, str], assigned: bool, owners: list[str]) -> str:
    """The YAML of a run on ``edges.parquet``; paths are absolute, so that it runs from any folder."""
    folder = folder.resolve()
    config = {
        "results": str(folder / "results"),
        "data": {"source": "edges", "edges": {"files": [str(folder / "edges.parquet")]}},
        "graph": {"k_core": 1},
        "train": {"recall_k": RECALL_K},
        "evaluate": {"k": KS},
    }
    if owners:
        config["data"]["edges"]["columns"] = {word: word for word in owners}
        config["graph"] |= {"relations": owners, "min_degree": 1}
    if assigned:
        config["split"] = {"column": "split"}
    head = f"# A run on the edges {kind}, written by segue.from_hetero_data. Keys: config/README.md.\n"
    return head + yaml.safe_dump(config, sort_keys=False)
