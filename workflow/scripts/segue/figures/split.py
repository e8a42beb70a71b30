"""The figure of the split: which edges pass messages and which are predicted, at each stage."""

from dataclasses import dataclass

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from segue.analysis.neighbourhood import by_position, neighbourhood
from segue.figures.names import shortened
from segue.figures.style import GREY, INK, LARGE, NODES, SMALL, STYLE, Sheet, check_columns

# Solid lines pass messages, purple ones are predicted.
PURPLE, DASHES, DOTS = "#6A1B9A", (0, (3.2, 1.4)), (0, (1, 1.8))
LINES = {
    "passes messages": {"color": "#9A9A9A", "linewidth": 1.5, "linestyle": "-", "zorder": 1},
    "passes messages and is predicted": {"color": PURPLE, "linewidth": 1.5, "linestyle": "-", "zorder": 2},
    "is predicted": {"color": PURPLE, "linewidth": 1.7, "linestyle": DASHES, "zorder": 3},
    "not used at this stage": {"color": "#444444", "linewidth": 1.2, "linestyle": DOTS, "zorder": 2},
}
MESSAGE, BOTH, PREDICTED, UNUSED = LINES
SPREAD = 1.1  # rows over which the ends of a playlist's edges stand, so that they do not merge
ROW = 0.25  # inches between two tracks
TRACK_LABEL, PLAYLIST_LABEL, TITLE = 172, 86, 400  # points


@dataclass(frozen=True)
class Stage:
    """Roles of the edges that pass messages, and of those that are predicted."""

    name: str
    message: tuple[str, ...]
    supervision: str


STAGES = (
    Stage("Training", ("train_message",), "train"),
    Stage("Validation", ("train_message", "train"), "validation"),
    Stage("Test", ("train_message", "train", "validation"), "test"),
)


@matplotlib.style.context(STYLE)
def split_picture(roles: pl.DataFrame, playlists: pl.DataFrame, tracks: pl.DataFrame) -> Figure:
    """The split on one playlist's neighbourhood: a panel a stage, the nodes in the same places in each.

    The playlist is in the middle of its column, its tracks are in the order train, validation, test. Above
    each panel stand the numbers of edges in the whole graph.

    ``roles``: playlist, track (integers) and role, as ``split_roles`` gives them; what is
    drawn of it, ``neighbourhood`` says. ``playlists``: playlist, name. ``tracks``: track, track_name and
    artist_name (String, may be null). Raises SegueError when a column is missing.
    """
    check_columns(roles, "split", ["playlist", "track", "role"])
    check_columns(playlists, "playlists", ["playlist", "name"])
    check_columns(tracks, "tracks", ["track", "track_name", "artist_name"])
    edges = neighbourhood(roles)
    own = edges.filter("centre")
    centre = own["playlist"][0]
    rows = {track: row for row, track in enumerate(by_position(own))}
    columns = _heights(edges)
    titles = dict(playlists.filter(pl.col("playlist").is_in(list(columns))).select("playlist", "name").rows())
    names = tracks.filter(pl.col("track").is_in(list(rows))).select("track", _track_label()).rows()
    sheet = Sheet(
        rows=1,
        columns=len(STAGES),
        width=1.75,
        height=ROW * max(len(rows), 6),
        left=2.6,
        right=1.3,
        top=1.2,
        bottom=0.5,
    )
    tracks_of_it = roles.filter(pl.col("playlist") == centre)["track"].n_unique()
    part = f" and {len(rows)} of its {tracks_of_it} tracks" if tracks_of_it > len(rows) else ""
    title = shortened(titles[centre], TITLE, LARGE, "bold")
    figure = sheet.figure(f"The split around the playlist “{title}”{part}")
    for column, stage in enumerate(STAGES):
        ax = sheet.add(figure, 0, column)
        ax.set_axis_off()
        ax.set(xticks=[], yticks=[])
        ax.set(xlim=(-0.06, 1.08), ylim=(max(len(rows), 6) - 0.5, -0.5))
        _draw_edges(ax, edges, stage, rows, columns)
        _draw_nodes(ax, rows, columns, centre)
        for playlist, height in columns.items():
            weight = "bold" if playlist == centre else "normal"
            label = shortened(titles[playlist], PLAYLIST_LABEL, weight=weight)
            _beside(ax, label, (1, height), "left", weight)
        ax.set_title(stage.name, pad=30)
        _note(ax, roles, stage)
    for track, name in names:
        _beside(figure.axes[0], shortened(name, TRACK_LABEL), (0, rows[track]), "right")
    _legend(figure)
    return figure


def _track_label() -> pl.Expr:
    name = pl.col("track_name")
    return pl.when(pl.col("artist_name").is_null()).then(name).otherwise(name + " – " + pl.col("artist_name"))


def _heights(edges: pl.DataFrame) -> dict[int, float]:
    """Height of each playlist in the unit of the rows: the playlist halfway, the others above and below."""
    centre = edges.filter("centre")["playlist"][0]
    others = edges.filter(~pl.col("centre"))["playlist"].unique().sort().to_list()
    column = [*others[: len(others) // 2], centre, *others[len(others) // 2 :]]
    last = max(edges["track"].n_unique(), 6) - 1
    return {playlist: last * (2 * place + 1) / (2 * len(column)) for place, playlist in enumerate(column)}


def _draw_edges(
    ax: Axes, edges: pl.DataFrame, stage: Stage, rows: dict[int, int], columns: dict[int, float]
) -> None:
    for (playlist,), own in edges.sort("playlist").group_by("playlist", maintain_order=True):
        used = {track: set(part["role"]) for (track,), part in own.group_by("track")}
        ends = columns[playlist] + SPREAD * (np.arange(len(used)) - (len(used) - 1) / 2) / len(rows)
        for track, end in zip(sorted(used, key=rows.get), ends, strict=True):
            line = _line(used[track], stage)
            ax.plot([0, 1], [rows[track], end], label=line, **LINES[line])


def _line(used: set[str], stage: Stage) -> str:
    """Which of LINES an edge of these roles has at a stage."""
    messages, predicted = bool(used & set(stage.message)), stage.supervision in used
    return (BOTH if predicted else MESSAGE) if messages else (PREDICTED if predicted else UNUSED)


def _draw_nodes(ax: Axes, rows: dict[int, int], columns: dict[int, float], centre: int) -> None:
    places = {"track": [(0, row) for row in rows.values()], "playlist": [(1, y) for y in columns.values()]}
    sizes = {"track": 70, "playlist": [330 if playlist == centre else 170 for playlist in columns]}
    for kind, node in NODES.items():
        ax.scatter(
            *zip(*places[kind], strict=True),
            s=sizes[kind],
            marker=node.marker,
            color=node.colour,
            edgecolor="white",
            zorder=4,
            clip_on=False,
            label=node.name,
        )


def _beside(ax: Axes, text: str, place: tuple[float, float], side: str, weight: str = "normal") -> None:
    ax.annotate(
        text,
        place,
        xytext=(13 if side == "left" else -9, 0),
        textcoords="offset points",
        ha=side,
        va="center",
        size=SMALL,
        weight=weight,
        annotation_clip=False,
    )


def _note(ax: Axes, roles: pl.DataFrame, stage: Stage) -> None:
    message = roles.filter(pl.col("role").is_in(stage.message)).select("playlist", "track").n_unique()
    predicted = roles.filter(pl.col("role") == stage.supervision).height
    ax.annotate(
        f"Of the whole graph {message:,} edges\npass messages, {predicted:,} are predicted",
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(0, 3),
        textcoords="offset points",
        size=SMALL,
        color=GREY,
        va="bottom",
    )


def _legend(figure: Figure) -> None:
    drawn = {line.get_label() for ax in figure.axes for line in ax.get_lines()}
    handles = [Line2D([], [], label=name, **style) for name, style in LINES.items() if name in drawn]
    width, _ = figure.get_size_inches()
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.15 / width, 0),
        ncols=len(LINES),
        handlelength=3.2,
        labelcolor=INK,
    )
