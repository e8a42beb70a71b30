"""The figure that explains the k-core, on a graph small enough to check by eye."""

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from scipy.spatial import ConvexHull

from segue.figures.style import GREY, INK, LARGE, NODES, SMALL, STYLE, Sheet
from segue.graph.kcore import Corenesses, corenesses

# Places of the nodes. The 3-core is a cube seen from above, the 2-core adds two paths and a ring, and the
# 1-core adds trees; playlist 5 and track 8 have more edges than their coreness.
# fmt: off
PLAYLISTS = np.array([
    (1.2, 1.2), (-1.2, -1.2), (-0.5, 0.5), (0.5, -0.5), (-0.75, 2.15), (2.2, -0.75), (-2.55, 0.25),
    (-2.55, -0.95), (3.95, -0.6), (3.95, -1.45), (3.25, -1.95), (-3.75, 0.4), (0.95, -2.25), (3.25, 1.2),
    (1.6, 2.75),
])
TRACKS = np.array([
    (-1.2, 1.2), (1.2, -1.2), (0.5, 0.5), (-0.5, -0.5), (0.75, 2.15), (2.2, 0.75), (-1.95, -0.35),
    (-3.1, -0.35), (3.2, -1.05), (-4.0, 1.25), (-1.6, 2.75), (-2.75, -1.95),
])
# fmt: on
CUBE = [(0, 0), (1, 0), (1, 1), (0, 1), (2, 2), (2, 3), (3, 3), (3, 2), (0, 2), (2, 0), (1, 3), (3, 1)]
PATHS = [(0, 4), (4, 4), (4, 0), (5, 1), (5, 5), (0, 5)]
RING = [(1, 6), (6, 6), (6, 7), (7, 7), (7, 6)]
TREES = [(5, 8), (8, 8), (9, 8), (10, 8), (11, 7), (11, 9), (12, 1), (13, 5), (14, 4), (4, 10), (7, 11)]
EDGES = np.array(sorted(CUBE + PATHS + RING + TREES), dtype=np.int32)  # playlist, track

HUB = 8  # the track of the note
NOTE = (
    "Circles: playlists. Squares: tracks. Numbers: coreness, the largest K whose core holds the node.\n"
    "Ringed: a track with 4 edges, of which 3 lead to playlists with no other. Without these it has 1, "
    "so it is in the 1-core only."
)
SHADES = {1: "#EEF2F5", 2: "#CBD8E1", 3: "#93AFC2"}
LABELS = {1: (0, 2.87), 2: (0, 1.84), 3: (0, 0.86)}
PADDING = {1: 0.5, 2: 0.42, 3: 0.34}  # of an outline around its nodes, in the unit of the places


def example_corenesses() -> Corenesses:
    """Of the playlists and tracks of the figure's graph."""
    return corenesses(*EDGES.T, len(PLAYLISTS), len(TRACKS))


@matplotlib.style.context(STYLE)
def kcore_idea() -> Figure:
    """A bipartite graph of 27 nodes, its 1-, 2- and 3-core as shades one within the other.

    A node is labelled with its coreness, the largest K whose core holds it, as `graph.kcore` computes it.
    """
    cores = example_corenesses()
    sheet = Sheet(rows=1, columns=1, width=7.52, height=5.04, left=0.2, right=0.2, top=0.5, bottom=0.62)
    figure = sheet.figure("K-cores of a small graph, one within the other")
    ax = sheet.add(figure, 0, 0)
    ax.set_axis_off()
    ax.set(xlim=(-4.7, 4.7), ylim=(-3.0, 3.3))
    for k, shade in SHADES.items():
        ax.add_patch(
            Polygon(
                outline(core_places(cores, k), PADDING[k]), facecolor=shade, edgecolor=GREY, linewidth=0.8
            )
        )
        ax.annotate(f"{k}-core", LABELS[k], ha="center", va="center", size=LARGE, weight="bold")
    for playlist, track in EDGES:
        ax.plot(*zip(PLAYLISTS[playlist], TRACKS[track], strict=True), color=INK, linewidth=1.1, zorder=2)
    _draw_nodes(ax, PLAYLISTS, cores.playlists, "playlist")
    _draw_nodes(ax, TRACKS, cores.tracks, "track")
    # No line leads to it: beside edges that would be one more.
    ax.scatter(
        *TRACKS[HUB], s=520, facecolor="none", edgecolor=INK, linestyle=(0, (2, 1.5)), zorder=3, label="hub"
    )
    width, height = figure.get_size_inches()
    figure.text(0.15 / width, 0.15 / height, NOTE, size=SMALL, color=GREY, linespacing=1.5)
    return figure


def core_places(cores: Corenesses, k: int) -> np.ndarray:
    """[n, 2]: where the nodes of the k-core are."""
    return np.concatenate([PLAYLISTS[cores.playlists >= k], TRACKS[cores.tracks >= k]])


def outline(places: np.ndarray, radius: float) -> np.ndarray:
    """[m, 2]: the convex hull of circles of ``radius`` around ``places`` [n, 2], counter-clockwise."""
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    circle = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = (places[:, None] + circle).reshape(-1, 2)
    return points[ConvexHull(points).vertices]


def _draw_nodes(ax: Axes, places: np.ndarray, coreness: np.ndarray, kind: str) -> None:
    node = NODES[kind]
    ax.scatter(
        *places.T, s=190, marker=node.marker, color=node.colour, edgecolor="white", zorder=3, label=kind
    )
    for place, k in zip(places, coreness, strict=True):
        ax.annotate(
            f"{k}",
            place,
            ha="center",
            va="center_baseline",
            size=SMALL,
            weight="bold",
            color="white",
            zorder=4,
        )
