"""The figure of a part of the core: its communities as discs, with bands for the edges between them."""

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke

from segue.analysis.communities import name_communities
from segue.errors import SegueError, counted
from segue.figures.names import shortened
from segue.figures.style import GREY, NODES, STYLE, Sheet, check_columns

DOT = 2.6  # points^2 of a node's area, for each edge that it has
LEAST = 3.5  # points^2, on top
NODES_AT_ONE = 1000  # from which on they are no larger
SIDE = 8.1  # inches
BAND = 0.15  # points of a band's width, for an edge
BANDS, DISC, RIM, EDGE = "#C9D0D8", "#FAFAF8", "#BDBDBD", "#8A8A8A"
NAME_SIZE, NAME_WIDTH = 9.0, 130  # points


@matplotlib.style.context(STYLE)
def subgraph(nodes: pl.DataFrame, edges: pl.DataFrame, playlists: pl.DataFrame, k: int, total: int) -> Figure:
    """Nodes in the discs of their communities, whose edges are lines within and bands between them.

    A node's area grows with its drawn edges, a band's width with the edges that it stands for. Beside a disc
    stand words of the titles of its playlists, as ``name_communities`` chooses them.

    ``nodes``: kind (playlist, track; String), index (integer), degree, community (integers) and x, y
    (Float64). ``edges``: playlist, track (integer indices of nodes) and drawn (Boolean): those that are not
    drawn are counted only. ``playlists``: playlist, name. ``k``: the K of the core, and ``total`` its nodes,
    for the title. Raises SegueError when a column is missing, there is no node or an edge's end is no node.
    """
    check_drawing(nodes, edges)
    check_columns(playlists, "playlists", ["playlist", "name"])
    nodes = on_top(nodes)
    drawn = edges.filter("drawn").sort("playlist", "track")
    ends = ends_of(drawn, nodes)
    sheet = Sheet(rows=1, columns=1, width=SIDE, height=7.2, left=0.15, right=0.15, top=0.6, bottom=0.6)
    figure = sheet.figure(title_of(nodes, edges, k, total))
    ax = sheet.add(figure, 0, 0)
    ax.set_axis_off()
    ax.set_aspect("equal", adjustable="datalim")
    zoom = zoom_of(nodes)
    discs = discs_of(nodes)
    between = bands_of(ends)
    for (one, other), count in between.items():
        ax.plot(
            *zip(discs[one][:2], discs[other][:2], strict=True),
            color=BANDS,
            linewidth=BAND * zoom * count,
            zorder=0,
            solid_capstyle="butt",
        )
    for x, y, radius in discs.values():
        ax.add_patch(Circle((x, y), radius, facecolor=DISC, edgecolor=RIM, linewidth=0.8, zorder=1))
    within = ends.filter(pl.col("community_playlist") == pl.col("community_track"))
    lines = within.select("x_playlist", "y_playlist", "x_track", "y_track").to_numpy().reshape(-1, 2, 2)
    ax.add_collection(LineCollection(lines, colors=EDGE, linewidths=0.35 * zoom**0.5, alpha=0.5, zorder=2))
    for kind, node in NODES.items():
        table = nodes.filter(pl.col("kind") == kind)
        ax.scatter(
            table["x"],
            table["y"],
            s=area_of(table["degree"].to_numpy(), zoom),
            marker=node.marker,
            color=node.colour,
            edgecolor="white",
            linewidth=0.3,
            zorder=3 if kind == "track" else 4,
            label=kind,
        )
    ax.margins(0.02)
    _names(ax, community_names(nodes, playlists), discs)
    _legend(ax, nodes, within.height, between)
    return figure


def check_drawing(nodes: pl.DataFrame, edges: pl.DataFrame) -> None:
    check_columns(nodes, "nodes", ["kind", "index", "degree", "community", "x", "y"])
    check_columns(edges, "edges", ["playlist", "track", "drawn"])


def on_top(nodes: pl.DataFrame) -> pl.DataFrame:
    """In the order in which nodes are drawn, small ones last."""
    return nodes.sort("degree", "kind", "index", descending=[True, False, False])


def title_of(nodes: pl.DataFrame, edges: pl.DataFrame, k: int, total: int) -> str:
    counts = _share(nodes.height, total), _share(edges["drawn"].sum(), edges.height)
    return f"{k}-core: {counts[0]} nodes, {counts[1]} edges between them"


def ends_of(edges: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """``edges`` with x, y and community of both ends, as x_playlist, x_track and so on."""
    for kind in NODES:
        of = nodes.filter(pl.col("kind") == kind).select(
            pl.col("index").alias(kind),
            *(pl.col(name).alias(f"{name}_{kind}") for name in ("x", "y", "community")),
        )
        edges = edges.join(of, on=kind, how="left", maintain_order="left")
        lost = edges.filter(pl.col(f"x_{kind}").is_null())
        if nodes.is_empty() or lost.height:
            raise SegueError(
                "A drawing lacks nodes.",
                where="nodes" if nodes.is_empty() else f"nodes, {kind} {lost[kind][0]}",
                found="no row",
                expected="one row a node",
                fix="sample the subgraph again",
            )
    return edges


def discs_of(nodes: pl.DataFrame) -> dict[int, tuple[float, float, float]]:
    """The middle (x, y) of each community's box, and the radius that holds all its nodes."""
    discs = {}
    for (community,), part in sorted(nodes.partition_by("community", as_dict=True).items()):
        points = part.select("x", "y").to_numpy()
        x, y = (points.min(axis=0) + points.max(axis=0)) / 2
        discs[community] = x, y, float(np.linalg.norm(points - (x, y), axis=1).max())
    return discs


def bands_of(ends: pl.DataFrame) -> dict[tuple[int, int], int]:
    """The edges between each two communities that have some."""
    pair = pl.concat_list("community_playlist", "community_track").list.sort()
    apart = (
        ends.filter(pl.col("community_playlist") != pl.col("community_track"))
        .group_by(pair.alias("pair"))
        .len()
    )
    return {tuple(pair): count for pair, count in sorted(apart.rows())}


def community_names(nodes: pl.DataFrame, playlists: pl.DataFrame) -> dict[int, str]:
    """By community, of the titles of its playlists, those with most edges first."""
    of = on_top(nodes.filter(kind="playlist")).join(
        playlists, left_on="index", right_on="playlist", how="left", maintain_order="left"
    )
    communities = nodes["community"].unique().sort()
    return name_communities(
        {number: of.filter(community=number)["name"].drop_nulls().to_list() for number in communities}
    )


def _names(ax: Axes, names: dict[int, str], discs: dict[int, tuple[float, float, float]]) -> None:
    """On the upper rims of the discs, within the axes."""
    ax.apply_aspect()  # which is when the limits are known
    left, right = ax.get_xlim()
    for number, name in names.items():
        x, y, radius = discs[number]
        text = ax.annotate(
            shortened(name, NAME_WIDTH, NAME_SIZE, "bold"),
            (x, y + radius),
            ha="center",
            va="center",
            size=NAME_SIZE,
            weight="bold",
            zorder=6,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )
        half = text.get_window_extent().width / ax.bbox.width * (right - left) / 2
        text.set_x(max(left + half, min(right - half, x)))


def _share(part: int, whole: int) -> str:
    return f"all {whole:,}" if part == whole else f"{part:,} of the {whole:,}"


def zoom_of(nodes: pl.DataFrame) -> float:
    """How much larger things are drawn where there are few of them."""
    return float(np.clip(NODES_AT_ONE / nodes.height, 1, 20))


def area_of(degree: int | np.ndarray, zoom: float) -> float | np.ndarray:
    """Points^2."""
    return zoom * (LEAST + DOT * degree)


def _legend(ax: Axes, nodes: pl.DataFrame, within: int, between: dict[tuple[int, int], int]) -> None:
    """Below the axes: left what there is, in numbers, right the sizes."""
    kinds = []
    for kind, node in NODES.items():
        count = nodes.filter(pl.col("kind") == kind).height
        kinds.append(_dot(node.marker, 8.0, node.colour, counted(count, node.name)))
    communities = nodes["community"].n_unique()
    one = "communities" if communities != 1 else "community"
    kinds.append(
        Line2D(
            [], [], color=EDGE, linewidth=0.8, label=f"{counted(within, 'edge')} within {communities} {one}"
        )
    )
    if between:
        total = sum(between.values())
        kinds.append(
            Line2D(
                [],
                [],
                color=BANDS,
                linewidth=6,
                solid_capstyle="butt",
                label=f"{counted(total, 'edge')} between them, as bands",
            )
        )
    place = {"handletextpad": 0.6, "columnspacing": 1.4, "borderaxespad": 0.0, "borderpad": 0}
    ax.add_artist(ax.legend(handles=kinds, loc="upper left", bbox_to_anchor=(0.005, -0.01), ncols=2, **place))
    highest = nodes["degree"].max()
    sizes = [size for size in (1, 3, 10, 30, 100, 300) if size <= highest][-4:]
    dots = [_dot("o", area_of(size, zoom_of(nodes)) ** 0.5, GREY, f"{size}") for size in sizes]
    ax.legend(
        handles=[_dot("", 0, GREY, "edges in the drawing:"), *dots],
        loc="upper right",
        bbox_to_anchor=(0.995, -0.01),
        ncols=1 + len(dots),
        **place,
    )


def _dot(marker: str, size: float, colour: str, label: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=marker, markersize=size, color=colour, label=label)
