"""A map read from its file, with what is known of its playlists."""

import polars as pl

from segue.figures.map_groups import alike, by_genre
from segue.figures.maps import Group


def genre_map(source: str, playlists: str, themes: list[str]) -> tuple[pl.DataFrame, list[Group]]:
    """The map of ``source`` grouped by genre, or in one group where there are no ``themes``.

    ``playlists``: the core's table, with playlist and pid; ``themes``: the sample's, with pid and genre.
    """
    table = pl.read_parquet(source)
    if not themes:
        return alike(table)
    genres = pl.concat([pl.read_parquet(path, columns=["pid", "genre"]) for path in themes])
    core = pl.read_parquet(playlists, columns=["playlist", "pid"])
    return by_genre(table, core.join(genres, on="pid").select("playlist", "genre"))
