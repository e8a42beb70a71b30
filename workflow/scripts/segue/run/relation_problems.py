"""What is wrong with sections graph, relations and model where they speak of artists and albums."""

from collections.abc import Mapping
from typing import Any


def relation_problems(config: Mapping[str, Any]) -> list[str]:
    """What does not go together, each with its key."""
    available = config["graph"]["relations"]
    asked = {"relations": config["relations"]}
    asked |= {
        f"model.{name}.relations": block["relations"]
        for name, block in config["model"].items()
        if name != "dim" and "relations" in block
    }
    problems = [
        f"{key}.kinds: found {kind}, expected kinds that graph.relations = {available} has"
        for key, relations in asked.items()
        for kind in relations.get("kinds") or []
        if kind not in available
    ]
    if config["data"]["source"] == "edges":
        columns = config["data"]["edges"]["columns"]
        problems += [
            f"data.edges.columns.{kind}: found null, expected the column of each track's {kind}, since "
            f"graph.relations has {kind}; data.edges.form adjacency has no columns"
            for kind in available
            if columns[kind] is None
        ]
    return problems
