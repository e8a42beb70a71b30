"""What playlists of a map are grouped by: the genre of a sample, or which of two artists they feature.

A group has a name that is read, a colour and a marker (matplotlib's letter), which figures and pages share.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Group:
    """Points that are drawn alike. ``share``: of the area of a point of a map."""

    name: str
    colour: str
    marker: str = "o"
    share: float = 1.0


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
REST, BOTH, ALIKE = "#C4C4C4", "#222222", "#0072B2"  # grey is whatever has no colour of its own
REST_SHARE = 0.5


def genres_of(playlists: pl.DataFrame, themes: Iterable[str]) -> pl.DataFrame:
    """playlist and genre (String) of those that the sample's tables of ``themes`` know.

    ``playlists``: the core's, with playlist and pid; ``themes``: Parquet files with pid and genre.
    """
    genres = pl.concat([pl.read_parquet(path, columns=["pid", "genre"]) for path in themes])
    return playlists.select("playlist", "pid").join(genres, on="pid").select("playlist", "genre")


def by_genre(table: pl.DataFrame, genres: pl.DataFrame) -> tuple[pl.DataFrame, list[Group]]:
    """``table`` with genre (String) and group (an index of the groups), and the groups: first that of all
    genres without a colour of their own, then those of LOOKS for the genres with most playlists.

    ``table``: playlist and the columns of a map. ``genres``: playlist and genre. Of equally frequent genres
    the first by name comes first.
    """
    known = table.select(pl.col("playlist").unique()).join(genres, on="playlist")
    counts = known["genre"].value_counts().sort(["count", "genre"], descending=[True, False])
    names = counts["genre"].head(len(LOOKS)).to_list()
    groups = [Group(name, *look) for name, look in zip(names, LOOKS, strict=False)]
    rarer = counts.height - len(names)
    rest = f"{rarer} rarer genre{'' if rarer == 1 else 's'}" if rarer else "no genre known"
    table = table.join(genres, on="playlist", how="left", maintain_order="left")
    grouped = _grouped(table, genres.rename({"genre": "name"}), names)
    return grouped, [Group(rest, REST, share=REST_SHARE), *groups]


def by_artist(table: pl.DataFrame, members: pl.DataFrame, a: str, b: str) -> tuple[pl.DataFrame, list[Group]]:
    """``table`` with group, and the groups: neither, artist ``a`` only, ``b`` only, both.

    ``members``: playlist and group (a, b, both). ``a`` and ``b`` are names.
    """
    groups = [
        Group("neither", REST, share=REST_SHARE),
        Group(f"{a} only", LOOKS[0][0], "o"),
        Group(f"{b} only", LOOKS[4][0], "s"),
        Group("both", BOTH, "X", 2.0),
    ]
    return _grouped(table, members.rename({"group": "name"}), ["a", "b", "both"]), groups


def alike(table: pl.DataFrame) -> tuple[pl.DataFrame, list[Group]]:
    """``table`` with one group, where nothing is known about the playlists."""
    return table.with_columns(group=pl.lit(0)), [Group("playlists", ALIKE, share=REST_SHARE)]


def _grouped(table: pl.DataFrame, labels: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    order = pl.DataFrame({"name": pl.Series(names, dtype=pl.String), "group": range(1, len(names) + 1)})
    rows = labels.join(order, on="name").select("playlist", "group")
    return table.join(rows, on="playlist", how="left", maintain_order="left").with_columns(
        pl.col("group").fill_null(0)
    )
