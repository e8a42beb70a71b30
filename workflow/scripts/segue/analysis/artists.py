"""The study of two artists: playlists that feature one, the other, or both."""

import polars as pl

from segue.errors import SegueError
from segue.nearest import nearest

TARGET = 0.04  # share of the playlists; frequent, but not so common that they dominate (the article's rule)
SHOWN = 10  # candidates in an error
GROUPS = ("a", "b", "both")


def artist_playlists(edges: pl.DataFrame, tracks: pl.DataFrame) -> pl.DataFrame:
    """artist_uri and playlist, each pair once, where a track of the artist is on the playlist.

    ``edges``: playlist and track; ``tracks``: track and artist_uri, null where it is not known.
    """
    known = tracks.select("track", "artist_uri").drop_nulls()
    return edges.select("playlist", "track").join(known, on="track").select("artist_uri", "playlist").unique()


def choose_artists(
    pairs: pl.DataFrame, names: pl.DataFrame, playlists: int, a: str | None, b: str | None
) -> tuple[str, str]:
    """The uris of the study's two artists.

    ``pairs``: artist_uri and playlist (``artist_playlists``); ``names``: artist_uri and artist_name;
    ``playlists``: how many there are in all. ``a`` and ``b`` are uris, or names in any case. A null is the
    artist whose share of the playlists is nearest to TARGET, for ``b`` of those that share a playlist with
    ``a``; of equal ones the first by uri.

    Raises SegueError when a name fits no artist or several, both are the same, or no playlist has both.
    """
    counts = pairs.group_by("artist_uri").len("playlists").join(names.unique("artist_uri"), on="artist_uri")
    if counts.is_empty():
        raise SegueError(
            "There are no artists to study.",
            where="artists",
            found="no track with an artist in the core",
            expected="two artists that share a playlist",
        )
    counts = counts.sort((pl.col("playlists") / playlists - TARGET).abs(), "artist_uri")
    first = _find(a, counts, "artists.a") if a else counts["artist_uri"][0]
    beside = pairs.filter(pl.col("artist_uri") == first).select("playlist").join(pairs, on="playlist")
    shared = counts.filter(
        pl.col("artist_uri").is_in(beside["artist_uri"].implode()), pl.col("artist_uri") != first
    )
    second = _find(b, counts, "artists.b") if b else shared["artist_uri"].first()
    if second == first:
        raise SegueError(
            "The two artists are one.",
            where="artists",
            found=f"a and b are both {_described(counts, first)}",
            expected="two artists",
            fix="change artists.b, or set it to null",
        )
    if second is None or second not in shared["artist_uri"]:
        other = _described(counts, second) if second else "no other artist"
        near = ", ".join(shared["artist_name"].head(SHOWN))
        raise SegueError(
            "The two artists share no playlist of the core.",
            where="artists",
            found=f"{_described(counts, first)} and {other}",
            expected="a playlist that features both",
            fix=f"artists that share one with a: {near}" if near else "choose another artists.a",
        )
    return first, second


def artist_groups(pairs: pl.DataFrame, a: str, b: str) -> pl.DataFrame:
    """playlist and group (``a`` only, ``b`` only, ``both``) of playlists that feature one; by playlist."""
    held = pl.col("artist_uri").implode()
    has_a, has_b = held.list.contains(a), held.list.contains(b)
    group = pl.when(has_a & has_b).then(pl.lit("both")).when(has_a).then(pl.lit("a")).otherwise(pl.lit("b"))
    either = pairs.filter(pl.col("artist_uri").is_in([a, b]))
    return either.group_by("playlist").agg(group=group).sort("playlist")


def _find(wanted: str, counts: pl.DataFrame, where: str) -> str:
    """The uri of the artist that is ``wanted``, by uri or by name."""
    folded = wanted.casefold()
    is_name = pl.Series([name.casefold() == folded for name in counts["artist_name"]], dtype=pl.Boolean)
    fits = counts.filter((pl.col("artist_uri") == wanted) | is_name)
    if fits.height == 1:
        return fits["artist_uri"][0]
    if fits.height:
        listed = "; ".join(_described(counts, uri) for uri in fits["artist_uri"].head(SHOWN))
        raise SegueError(
            "Several artists have that name.",
            where=where,
            found=f"{wanted}: {listed}" + (" and more" if fits.height > SHOWN else ""),
            expected="one artist",
            fix="give the uri",
        )
    names = counts["artist_name"].unique().sort()
    near = [names[place] for place in nearest(folded, [name.casefold() for name in names])]
    raise SegueError(
        "There is no such artist in the core.",
        where=where,
        found=repr(wanted),
        expected="the name or uri of an artist with a track in the core",
        fix=f"did you mean {', '.join(near)}?" if near else "look for artist_name in graph/tracks.parquet",
    )


def _described(counts: pl.DataFrame, uri: str) -> str:
    row = counts.row(by_predicate=pl.col("artist_uri") == uri, named=True)
    return f"{row['artist_name']} ({uri}, {row['playlists']} playlists)"
