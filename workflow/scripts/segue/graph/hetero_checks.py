"""What is asked of each part of a user's own HeteroData, and how it is told where it is otherwise."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from segue.errors import SegueError

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData


def require_pairs(edges: Tensor, sizes: tuple[int, int], kind: tuple[str, str, str], what: str) -> None:
    """``edges``: [2, E] int64, indices of nodes, each pair once."""
    if edges.dim() != 2 or edges.size(0) != 2 or edges.dtype != torch.int64 or not edges.size(1):
        raise graph_error(
            "The edges are no edge_index.",
            f"{what}: {tuple(edges.shape)} {edges.dtype}",
            "[2, E] torch.int64, at least one edge",
        )
    for row, node, size in zip(edges, (kind[0], kind[2]), sizes, strict=True):
        outside = int(((row < 0) | (row >= size)).sum())
        if outside:
            raise graph_error(
                f"Edges name nodes of type {node} that are not there ({outside:,} in all).",
                f"{what}: ids from {int(row.min())} to {int(row.max())}",
                f"ids from 0 to {size - 1}",
                "correct the edges, or num_nodes",
            )
    repeats = edges.size(1) - edges.unique(dim=1).size(1)
    if repeats:
        raise graph_error(
            f"The graph has {repeats:,} edges more than once.",
            f"{what}: {edges.size(1):,} edges, {edges.size(1) - repeats:,} different ones",
            "each pair once",
            "remove the repeats first, with data.coalesce() before the graph is split",
        )


def num_nodes(data: "HeteroData", node: str) -> int:
    size = data[node].num_nodes
    if size is None:
        raise graph_error(
            f"The number of nodes of type {node} is not known.", "no features and no num_nodes", "num_nodes"
        )
    return size


def ids_of(data: "HeteroData", node: str, attribute: str | None) -> np.ndarray:
    """[n] the nodes' ids, integers or text."""
    size = num_nodes(data, node)
    if attribute is None:
        return np.arange(size)
    values = data[node].get(attribute, [])
    ids = values.numpy(force=True) if isinstance(values, Tensor) else np.array(values)
    different = len(set(ids.tolist()))
    if ids.dtype.kind not in "iuU" or ids.shape != (size,) or different < size:
        raise graph_error(
            f"The attribute {attribute!r} is no id of the nodes of type {node}.",
            f"{different:,} different values of type {ids.dtype}" if len(ids) else "no such attribute",
            f"{size:,} texts or integers, all different",
        )
    return ids


def sorted_edges(edges: Tensor) -> Tensor:
    return edges[:, np.lexsort(edges.flip([0]).numpy(force=True))]


def graph_error(what: str, found: str, expected: str, fix: str = "") -> SegueError:
    return SegueError(
        what, where="from_hetero_data", found=found, expected=expected, fix=fix or "correct the graph"
    )
