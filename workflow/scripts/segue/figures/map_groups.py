"""What the points of a map are coloured by: the sample's genres, or the two artists of the study."""

import polars as pl

from segue.figures.maps import OTHERS, Group
from segue.figures.style import INK

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
