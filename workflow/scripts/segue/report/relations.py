"""What a graph has beside playlists and tracks, and how much models make of it."""

import json
from pathlib import Path

import polars as pl
from safetensors import safe_open

from segue.graph.edge_types import RELATIONS, ways_of


def relation_counts(path: str | Path) -> pl.DataFrame:
    """what and count (Int64) of artists and albums and their edges, of the file of ``save_relations``."""
    with safe_open(str(path), framework="numpy") as file:
        nodes = json.loads(file.metadata()["counts"])
        edges = {name: file.get_slice(name).get_shape()[1] for name in file.keys()}  # noqa: SIM118, no dict
    tracks = nodes.pop("track")
    rows = [(f"{kind}s", count) for kind, count in nodes.items()]
    rows += [
        (f"edges of {one}s and {other}s", edges[f"{one}-{other}"])
        for one, other in RELATIONS
        if f"{one}-{other}" in edges
    ]
    rows += [(f"tracks of which no {kind} is a node", tracks - edges[f"track-{kind}"]) for kind in nodes]
    return pl.DataFrame(rows, schema={"what": pl.String, "count": pl.Int64}, orient="row")


def relation_weights(path: str | Path) -> pl.DataFrame | None:
    """from and to (String), and a column a layer (Float64): how much each way that messages pass weighs in a
    model, a file of ``train_model``. None of one whose weights are fixed, or that has none."""
    with safe_open(str(path), framework="numpy") as file:
        relations = json.loads(file.metadata()["segue"]).get("relations")
        if relations is None or relations["weights"] == "fixed":
            return None
        weights = file.get_tensor("relation_weights").astype("float64")
    ways = ways_of(["playlist", "track", *relations["kinds"]])
    columns = {f"layer {number}": row for number, row in enumerate(weights, start=1)}
    return pl.DataFrame(ways, schema=["from", "to"], orient="row").with_columns(**columns)
