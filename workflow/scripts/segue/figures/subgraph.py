"""The figure of a part of the core."""

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from segue.errors import SegueError
from segue.figures.style import GREY, NODES, STYLE, Sheet, check_columns

DOT = 2.6  # points^2 of a node's area, for each edge that it has
LEAST = 3.5  # points^2, on top
NODES_AT_ONE = 1000  # from which on they are no larger


@matplotlib.style.context(STYLE)
def subgraph(nodes: pl.DataFrame, edges: pl.DataFrame, k: int, total: int) -> Figure:
    """Nodes and edges in their places; a node's area grows with the edges that it has in the drawing.

    ``nodes``: kind (playlist, track; String), index (integer), degree (integer) and x, y (Float64).
    ``edges``: playlist, track (integer indices of nodes) and drawn (Boolean): those that are not drawn are
    counted only. ``k``: the K of the core, and ``total`` its nodes, for the title. Raises SegueError when a
    column is missing, there is no node or an edge's end is no node.
    """
    check_columns(nodes, "nodes", ["kind", "index", "degree", "x", "y"])
    check_columns(edges, "edges", ["playlist", "track", "drawn"])
    drawn = edges.filter("drawn")
    ends = np.stack([_places(drawn, nodes, kind) for kind in NODES], axis=1)
    sheet = Sheet(rows=1, columns=1, width=8.6, height=8.2, left=0.15, right=0.15, top=0.75, bottom=0.55)
    counts = _share(nodes.height, total), _share(drawn.height, edges.height)
    figure = sheet.figure(f"{counts[0].capitalize()} nodes of the {k}-core, {counts[1]} edges between them")
    ax = sheet.add(figure, 0, 0)
    ax.set_axis_off()
    ax.set_aspect("equal", adjustable="datalim")
    zoom = _zoom(nodes)
    ax.add_collection(LineCollection(ends, colors="#8A8A8A", linewidths=0.35 * zoom**0.5, alpha=0.45))
    nodes = nodes.sort("degree", "kind", "index", descending=[True, False, False])  # small ones on top
    for kind, node in NODES.items():
        table = nodes.filter(pl.col("kind") == kind)
        ax.scatter(
            table["x"],
            table["y"],
            s=_area(table["degree"].to_numpy(), zoom),
            marker=node.marker,
            color=node.colour,
            edgecolor="white",
            linewidth=0.3,
            zorder=2 if kind == "track" else 3,
            label=kind,
        )
    ax.margins(0.02)
    _legend(ax, nodes)
    return figure


def _places(edges: pl.DataFrame, nodes: pl.DataFrame, kind: str) -> np.ndarray:
    """[E, 2]: where the ends of one kind are."""
    places = nodes.filter(pl.col("kind") == kind).select(pl.col("index").alias(kind), "x", "y")
    ends = edges.join(places, on=kind, how="left", maintain_order="left")
    lost = ends.filter(pl.col("x").is_null())
    if nodes.is_empty() or lost.height:
        raise SegueError(
            "A drawing lacks nodes.",
            where="nodes" if nodes.is_empty() else f"nodes, {kind} {lost[kind][0]}",
            found="no row",
            expected="one row a node",
            fix="sample the subgraph again",
        )
    return ends.select("x", "y").to_numpy()


def _share(part: int, whole: int) -> str:
    return f"all {whole:,}" if part == whole else f"{part:,} of the {whole:,}"


def _zoom(nodes: pl.DataFrame) -> float:
    """How much larger things are drawn where there are few of them."""
    return float(np.clip(NODES_AT_ONE / nodes.height, 1, 20))


def _area(degree: int | np.ndarray, zoom: float) -> float | np.ndarray:
    """Points^2."""
    return zoom * (LEAST + DOT * degree)


def _legend(ax: Axes, nodes: pl.DataFrame) -> None:
    """Below the axes: left the kinds with their counts, right the sizes."""
    kinds = []
    for kind, node in NODES.items():
        count = nodes.filter(pl.col("kind") == kind).height
        label = f"{count:,} {node.name}{'' if count == 1 else 's'}"
        kinds.append(_dot(node.marker, 8.0, node.colour, label))
    place = {"handletextpad": 0.6, "columnspacing": 1.4, "borderaxespad": 0.0, "borderpad": 0}
    ax.add_artist(ax.legend(handles=kinds, loc="upper left", bbox_to_anchor=(0.005, -0.01), ncols=2, **place))
    highest = nodes["degree"].max()
    sizes = [size for size in (1, 3, 10, 30, 100, 300) if size <= highest][-4:]
    dots = [_dot("o", _area(size, _zoom(nodes)) ** 0.5, GREY, f"{size}") for size in sizes]
    ax.legend(
        handles=[_dot("", 0, GREY, "edges in the drawing:"), *dots],
        loc="upper right",
        bbox_to_anchor=(0.995, -0.01),
        ncols=1 + len(dots),
        **place,
    )


def _dot(marker: str, size: float, colour: str, label: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=marker, markersize=size, color=colour, label=label)
