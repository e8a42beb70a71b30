"""Maps of playlists over the epochs, drawn: the last one large and named, and epochs on the way to it.

All are seen from one side, near points above far ones. Artists that a model has as nodes are triangles among
the playlists, the most frequent ones with their names.
"""

from collections.abc import Sequence

import matplotlib.style
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from segue.analysis.groups import Group, alike, by_genre, genres_of
from segue.analysis.view import frames, window
from segue.figures.names import name_points, shortened
from segue.figures.style import (
    GREY,
    INK,
    LARGE,
    POINTS,
    RELATED,
    SMALL,
    STYLE,
    Sheet,
    check_columns,
    legend_below_title,
    room_for,
)

COLUMN_NAMES = ["epoch", "playlist", "group", "x", "y", "z"]
EARLIER, ROWS = 6, 3  # epochs beside the last one, and their rows
SMALL_SIDE, LARGE_SIDE, GAP, HEAD = 1.72, 5.76, 0.12, 0.3  # inches; HEAD: above a panel, for its title
TOP, LINE = 0.42, 0.2  # inches, for the title and for a line of the legend
AREA = 2.4  # square points of a dot, in a panel an inch wide
CROWD = 3000  # playlists, from which on dots shrink
ARTISTS = Group("artists", RELATED["artist"].colour, RELATED["artist"].marker)
NAMED = 12  # artists, where their names find room
NAME_SIZE, NAME_WIDTH, GROUP_WIDTH = 8.0, 160, 260  # points
# Of genres with a group, of artists and of other genres.
NAME_LOOKS = {
    "group": {"color": INK, "weight": "bold"},
    "artist": {"color": INK, "style": "italic"},
    "genre": {"color": GREY},
}


def read_map(source: str) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The playlists of a map, and the artists where it has some: epoch, x, y, z, artist and artist_name."""
    table = pl.read_parquet(source)
    if "artist" not in table.columns:
        return table, None
    artists = table.filter(pl.col("artist").is_not_null()).drop("playlist")
    return table.filter(pl.col("playlist").is_not_null()).drop("artist", "artist_name"), artists


def genre_map(source: str, playlists: str, themes: Sequence[str]) -> tuple[pl.DataFrame, list[Group]]:
    """The map of ``source`` grouped by genre, or in one group where there are no ``themes``, and its artists.

    ``playlists``: the core's table, with playlist and pid; ``themes``: the sample's, with pid and genre.
    """
    table, artists = read_map(source)
    if themes:
        table, groups = by_genre(
            table, genres_of(pl.read_parquet(playlists, columns=["playlist", "pid"]), themes)
        )
    else:
        table, groups = alike(table)
    return (table, groups) if artists is None else with_artists(table, groups, artists)


def with_artists(
    table: pl.DataFrame, groups: Sequence[Group], artists: pl.DataFrame
) -> tuple[pl.DataFrame, list[Group]]:
    """``table`` and ``groups`` with the ``artists`` of ``read_map`` as one more group, on top, and a column
    name: the first NAMED artists', else null."""
    name = pl.when(pl.int_range(pl.len()).over("epoch") < NAMED).then("artist_name")
    rows = artists.with_columns(group=pl.lit(len(groups)).cast(table.schema["group"]), name=name)
    return pl.concat([table, rows.drop("artist", "artist_name")], how="diagonal"), [*groups, ARTISTS]


@matplotlib.style.context(STYLE)
def map_picture(table: pl.DataFrame, groups: Sequence[Group], title: str) -> Figure:
    """The last epoch of ``table`` with the names of its genres and artists, and up to EARLIER epochs before.

    ``table``: epoch (integer), group (index in ``groups``), x, y, z (Float32), a row a playlist and epoch;
    genre and name (String, null of most) where they are known. ``groups`` are drawn in their order, the last
    on top. Raises SegueError when a column is missing.
    """
    check_columns(table, "map", COLUMN_NAMES)
    maps = frames(table)
    square = window(maps.values())
    *before, last = maps
    shown = [
        before[place]
        for place in np.linspace(0, len(before) - 1, min(EARLIER, len(before))).round().astype(int)
    ]
    columns = -(-len(shown) // ROWS)
    left = GAP + columns * (SMALL_SIDE + GAP)
    handles = _handles(groups, maps[last])
    lines = _lines(handles, left + LARGE_SIDE)
    top = TOP + lines * LINE + HEAD
    sheet = Sheet(1, 1, LARGE_SIDE, LARGE_SIDE, left=left, right=GAP, top=top, bottom=GAP)
    figure = sheet.figure(shortened(title, POINTS * (left + LARGE_SIDE), LARGE, "bold"))
    _legend(figure, handles, lines)
    for place, epoch in enumerate(shown):
        row, column = divmod(place, columns)
        corner = GAP + column * (SMALL_SIDE + GAP), top + row * (SMALL_SIDE + HEAD)
        _panel(_axes(figure, corner, SMALL_SIDE), epoch, maps[epoch], groups, square, SMALL_SIDE)
    ax = sheet.add(figure, 0, 0)
    _panel(ax, last, maps[last], groups, square, LARGE_SIDE)
    named = names_of(maps[last], groups)
    points = maps[last].select("x", "y").to_numpy()[[row for row, _, _ in named]]
    texts = [shortened(name, NAME_WIDTH, NAME_SIZE) for _, name, _ in named]
    name_points(ax, points, texts, NAME_SIZE, [NAME_LOOKS[look] for _, _, look in named])
    return figure


def names_of(last: pl.DataFrame, groups: Sequence[Group]) -> list[tuple[int, str, str]]:
    """Row of ``last``, name and which of NAME_LOOKS it has: of each genre, at the playlist that is nearest to
    the median place of its playlists, and of artists. Genres with a group come first, then artists, then
    the other genres by their number of playlists."""
    rows, own = last.with_row_index("row"), {group.name for group in groups}
    coloured, artists, rarer = [], [], []
    if "name" in rows.columns:
        named = rows.drop_nulls("name")
        artists = [(row, name, "artist") for row, name in named.select("row", "name").rows()]
    if "genre" in rows.columns:
        away = sum((pl.col(axis) - pl.col(axis).median().over("genre")) ** 2 for axis in ("x", "y"))
        known = rows.drop_nulls("genre").with_columns(away=away, count=pl.len().over("genre"))
        known = known.sort("count", "genre", "away", "row", descending=[True, False, False, False])
        for row, genre in (
            known.unique("genre", keep="first", maintain_order=True).select("row", "genre").rows()
        ):
            (coloured if genre in own else rarer).append((row, genre, "group" if genre in own else "genre"))
    return [*coloured, *artists, *rarer]


def dot_area(group: Group, side: float, points: int) -> float:
    """Square points of a dot, in a panel of ``side`` inches that has so many points."""
    return AREA * side * group.share * min(1, CROWD / points) ** 0.5


def _axes(figure: Figure, corner: tuple[float, float], side: float) -> Axes:
    """``corner``: inches from the left and from the top."""
    width, height = figure.get_size_inches()
    (x, y) = corner
    return figure.add_axes((x / width, (height - y - side) / height, side / width, side / height))


def _panel(
    ax: Axes,
    epoch: int,
    part: pl.DataFrame,
    groups: Sequence[Group],
    square: tuple[float, float, float],
    side: float,
) -> None:
    ax.set_title(f"Epoch {epoch}", size=SMALL, pad=3)
    x, y, half = square
    ax.set(xlim=(x - half, x + half), ylim=(y - half, y + half), xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color="#DDDDDD", linewidth=0.8)
    part = part.sort("near", maintain_order=True)
    for number, group in enumerate(groups):
        rows = part.filter(group=number)
        ax.scatter(
            rows["x"],
            rows["y"],
            s=dot_area(group, side, part.height),
            marker=group.marker,
            color=group.colour,
            linewidths=0,
            label=group.name,
        )


def _legend(figure: Figure, handles: Sequence[Line2D], lines: int) -> None:
    columns = -(-len(handles) // lines)
    legend_below_title(figure, handles, columns, handletextpad=0.1, columnspacing=1.0)


def _handles(groups: Sequence[Group], last: pl.DataFrame) -> list[Line2D]:
    """Of the groups with their counts in ``last``, the rest at the end."""
    counts = dict(last["group"].value_counts().rows())
    return [
        Line2D(
            [],
            [],
            linestyle="",
            marker=groups[number].marker,
            markersize=5,
            color=groups[number].colour,
            label=f"{shortened(groups[number].name, GROUP_WIDTH)} ({counts.get(number, 0):,})",
        )
        for number in [*range(1, len(groups)), 0]
    ]


def _lines(handles: Sequence[Line2D], width: float) -> int:
    """Lines that a legend ``width`` inches wide has, with some room to spare."""
    return int(-(-sum(room_for([handle.get_label()]) for handle in handles) // width))
