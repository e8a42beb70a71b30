"""Maps of playlists over the epochs: read, grouped by what they are coloured by, drawn and animated.

Pictures and animation show the three dimensions in parallel projection, near points above far ones. Artists
that a model has as nodes are triangles among the playlists, the most frequent ones with their names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.animation import PillowWriter
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from segue.figures.names import name_points
from segue.figures.style import INK, RELATED, SMALL, STYLE, Sheet, check_columns
from segue.files import atomic

COLUMN_NAMES = ["epoch", "group", "x", "y", "z"]
AZIMUTH, ELEVATION = 30.0, 20.0  # degrees; where the panels are seen from
COLUMNS = 5  # of panels
BACKGROUND = "#C9C9C9"
FRAMES_PER_EPOCH, LAST_FRAMES = 4, 24  # of the animation; the last map turns on for LAST_FRAMES
TURN = 3.0  # degrees a frame
FRAMES_PER_SECOND, FRAME_DPI = 8, 100


@dataclass(frozen=True)
class Group:
    """Points that are drawn alike."""

    name: str
    colour: str
    marker: str
    size: float  # square points, in a panel an inch wide


OTHERS = Group("others", BACKGROUND, "o", 1.1)
ARTISTS = Group("artists", RELATED["artist"].colour, RELATED["artist"].marker, 2.4)
NAMED = 12  # artists, where their names find room
NAME_SIZE, NAME_SIZE_OF_ONE = 5.5, 8.0  # points, of several panels and of one


def read_map(source: str) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The playlists of a map, and the artists where it has some: epoch, x, y, z, artist and artist_name."""
    table = pl.read_parquet(source)
    if "artist" not in table.columns:
        return table, None
    artists = table.filter(pl.col("artist").is_not_null()).drop("playlist")
    return table.filter(pl.col("playlist").is_not_null()).drop("artist", "artist_name"), artists


def genre_map(source: str, playlists: str, themes: list[str]) -> tuple[pl.DataFrame, list[Group]]:
    """The map of ``source`` grouped by genre, or in one group where there are no ``themes``, and its artists.

    ``playlists``: the core's table, with playlist and pid; ``themes``: the sample's, with pid and genre.
    """
    table, artists = read_map(source)
    if themes:
        genres = pl.concat([pl.read_parquet(path, columns=["pid", "genre"]) for path in themes])
        core = pl.read_parquet(playlists, columns=["playlist", "pid"])
        table, groups = by_genre(table, core.join(genres, on="pid").select("playlist", "genre"))
    else:
        table, groups = alike(table)
    return (table, groups) if artists is None else with_artists(table, groups, artists)


def with_artists(
    table: pl.DataFrame, groups: list[Group], artists: pl.DataFrame
) -> tuple[pl.DataFrame, list[Group]]:
    """``table`` and ``groups`` with the ``artists`` of ``read_map`` as one more group, on top, and a column
    name: the first NAMED artists', else null."""
    name = pl.when(pl.int_range(pl.len()).over("epoch") < NAMED).then("artist_name")
    rows = artists.with_columns(group=pl.lit(len(groups)).cast(table.schema["group"]), name=name)
    return pl.concat([table, rows.drop("artist", "artist_name")], how="diagonal"), [*groups, ARTISTS]


# Colours of Okabe and Ito, the yellow darkened to be seen on white; shapes tell the same in grey.
LOOKS = (
    ("#E69F00", "o"),
    ("#56B4E9", "s"),
    ("#009E73", "^"),
    ("#CDB400", "D"),
    ("#0072B2", "v"),
    ("#D55E00", "P"),
    ("#CC79A7", "X"),
)
SIZE = 2.6


def by_genre(table: pl.DataFrame, genres: pl.DataFrame) -> tuple[pl.DataFrame, list[Group]]:
    """``table`` with a column group, and the groups: those of LOOKS for the genres with most playlists.

    ``table``: playlist and the columns of a map. ``genres``: playlist and genre; all others stay in the
    background. Of equally frequent genres the first by name is drawn.
    """
    counts = table.select(pl.col("playlist").unique()).join(genres, on="playlist")["genre"].value_counts()
    names = counts.sort(["count", "genre"], descending=[True, False])["genre"].head(len(LOOKS)).to_list()
    groups = [Group(name, *look, SIZE) for name, look in zip(names, LOOKS, strict=False)]
    return _grouped(table, genres.rename({"genre": "name"}), names), [OTHERS, *groups]


def by_artist(table: pl.DataFrame, members: pl.DataFrame, a: str, b: str) -> tuple[pl.DataFrame, list[Group]]:
    """``table`` with a column group, and the groups: artist ``a`` only, ``b`` only, both.

    ``members``: playlist and group (a, b, both). ``a`` and ``b`` are names.
    """
    groups = [
        Group(f"{a} only", "#E69F00", "o", SIZE),
        Group(f"{b} only", "#0072B2", "s", SIZE),
        Group("both", INK, "X", 2 * SIZE),
    ]
    return _grouped(table, members.rename({"group": "name"}), ["a", "b", "both"]), [OTHERS, *groups]


def alike(table: pl.DataFrame) -> tuple[pl.DataFrame, list[Group]]:
    """``table`` with one group, where nothing is known about the playlists."""
    return table.with_columns(group=pl.lit(0)), [Group("playlists", "#0072B2", "o", 1.1)]


def _grouped(table: pl.DataFrame, labels: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    numbers = range(1, len(names) + 1)
    order = pl.DataFrame({"name": pl.Series(names, dtype=pl.String), "group": numbers})
    rows = labels.join(order, on="name").select("playlist", "group")
    return table.join(rows, on="playlist", how="left", maintain_order="left").with_columns(
        pl.col("group").fill_null(0)
    )


@matplotlib.style.context(STYLE)
def map_panels(table: pl.DataFrame, groups: Sequence[Group], title: str) -> Figure:
    """A panel an epoch of ``table``, all seen from one side and on one scale, each about its middle.

    ``table``: epoch (integer), group (index in ``groups``), x, y, z (Float32), a row a playlist and epoch;
    and name (String, null of most) where some points have one that is written beside them. ``groups`` are
    drawn in their order, the last on top. Raises SegueError when a column is missing.
    """
    check_columns(table, "map", COLUMN_NAMES)
    maps = {epoch: (group, project(points, AZIMUTH), names) for epoch, group, points, names in _epochs(table)}
    columns = min(COLUMNS, len(maps))
    side = 2.05 if len(maps) > 1 else 4.5
    sheet = Sheet(
        -(-len(maps) // columns), columns, side, side, left=0.12, right=0.12, top=1.05, bottom=0.1, gap=0.3
    )
    figure = sheet.figure(title)
    _legend(figure, groups)
    limit = 1.04 * max(np.abs(seen[:, :2]).max() for _, seen, _ in maps.values())
    size = NAME_SIZE if len(maps) > 1 else NAME_SIZE_OF_ONE
    for place, (epoch, (group, seen, names)) in enumerate(maps.items()):
        ax = sheet.add(figure, *divmod(place, columns))
        ax.set_title(f"Epoch {epoch}", size=SMALL, pad=3)
        _frame(ax, limit)
        _scatter(ax, group, seen, groups, side)
        name_points(ax, seen[[*names], :2], [*names.values()], size)
    return figure


def save_animation(table: pl.DataFrame, groups: Sequence[Group], title: str, path: str | Path) -> None:
    """Writes the maps of ``table`` (as for ``map_panels``) as a GIF, whole or not at all.

    Between two epochs the points move in straight lines, while the view turns by TURN a frame.
    """
    check_columns(table, "map", COLUMN_NAMES)
    with matplotlib.style.context(STYLE), atomic(path) as temporary:
        sheet = Sheet(1, 1, 5.2, 5.2, left=0.12, right=0.12, top=1.05, bottom=0.1)
        figure = sheet.figure(title)
        _legend(figure, groups)
        ax = sheet.add(figure, 0, 0)
        epochs = _epochs(table)
        limit = 1.04 * max(np.linalg.norm(points, axis=1).max() for _, _, points, _ in epochs)
        (_, group, _, names), sides = epochs[0], []
        writer = PillowWriter(fps=FRAMES_PER_SECOND)
        with writer.saving(figure, temporary, FRAME_DPI):
            for number, (epoch, points) in enumerate(_frames(epochs)):
                ax.clear()
                ax.set_title(f"Epoch {epoch}", size=SMALL, pad=3)
                _frame(ax, limit)
                seen = project(points, AZIMUTH + TURN * number)
                _scatter(ax, group, seen, groups, 5.2)
                sides = name_points(ax, seen[[*names], :2], [*names.values()], NAME_SIZE_OF_ONE, sides)
                writer.grab_frame()


def project(points: np.ndarray, azimuth: float, elevation: float = ELEVATION) -> np.ndarray:
    r"""``points`` [n, 3], turned about z by ``azimuth`` and towards the eye by ``elevation``, degrees.

    Returns what stands right, what stands up, and what is near, [n, 3]: with a the azimuth, e the elevation,

    .. math:: (x \cos a - y \sin a,\quad z \cos e + (x \sin a + y \cos a) \sin e,\quad
              z \sin e - (x \sin a + y \cos a) \cos e)
    """
    a, e = np.deg2rad([azimuth, elevation])
    x, y, z = points.T
    right, back = x * np.cos(a) - y * np.sin(a), x * np.sin(a) + y * np.cos(a)
    return np.column_stack([right, z * np.cos(e) + back * np.sin(e), z * np.sin(e) - back * np.cos(e)])


Epoch = tuple[int, np.ndarray, np.ndarray, dict[int, str]]


def _epochs(table: pl.DataFrame) -> list[Epoch]:
    """Epoch, group [n], place about the middle [n, 3] and names by row of each epoch, in rising order."""
    parts = table.partition_by("epoch", as_dict=True, maintain_order=True)
    found = []
    for (epoch,), part in sorted(parts.items()):
        points = part.select("x", "y", "z").to_numpy()
        held = part["name"] if "name" in part.columns else []
        names = {row: name for row, name in enumerate(held) if name is not None}
        found.append((epoch, part["group"].to_numpy(), points - np.median(points, axis=0), names))
    return found


def _frames(epochs: Sequence[Epoch]) -> Iterator[tuple[int, np.ndarray]]:
    for (epoch, _, here, _), (_, _, there, _) in pairwise(epochs):
        for step in range(FRAMES_PER_EPOCH):
            yield epoch, here + (there - here) * step / FRAMES_PER_EPOCH
    for _ in range(LAST_FRAMES):
        yield epochs[-1][0], epochs[-1][2]


def _frame(ax: Axes, limit: float) -> None:
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color="#DDDDDD", linewidth=0.8)


def _scatter(ax: Axes, group: np.ndarray, seen: np.ndarray, groups: Sequence[Group], side: float) -> None:
    order = np.argsort(seen[:, 2], kind="stable")
    for number, kind in enumerate(groups):
        rows = order[group[order] == number]
        ax.scatter(
            *seen[rows, :2].T,
            s=kind.size * side,
            marker=kind.marker,
            color=kind.colour,
            linewidths=0,
            label=kind.name,
        )


def _legend(figure: Figure, groups: Sequence[Group]) -> None:
    handles = [
        Line2D([], [], linestyle="", marker=kind.marker, markersize=5, color=kind.colour, label=kind.name)
        for kind in reversed(groups)
    ]
    width, height = figure.get_size_inches()
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.03 / width, 1 - 0.38 / height),
        ncols=-(-len(handles) // (1 if width > 6 else 2)),
        handletextpad=0.1,
        columnspacing=1.0,
        borderaxespad=0,
    )
