"""What may be meant by a track's names that are not found."""

import polars as pl

from segue.nearest import nearest
from segue.serve.lists import NUMBER
from segue.serve.names import key

NEAREST = 3
LOOKED_FOR = 100  # artists of whom near ones are looked for, at some 20 ms each among 300,000


def otherwise(unknown: pl.DataFrame, tracks: pl.DataFrame, artists: pl.DataFrame) -> dict[int, list[str]]:
    """By place those of ``unknown`` that are a track's names, by their exact keys, the other way round or
    behind a list's number, with that track: whether it is meant is for who asks to say.

    ``unknown``: place, artist, track_name.
    """
    artist, title = pl.col("artist"), pl.col("track_name")
    readings = {
        "the other way round: artist before title": (title, artist),
        "without its number": (artist.str.replace(f"^{NUMBER}", ""), title),
    }
    asked = pl.concat(
        unknown.select("place", exact=key(first), title=key(second), reading=pl.lit(reading))
        for reading, (first, second) in readings.items()
    ).filter(pl.col("exact") != "", pl.col("title") != "")
    links = asked.join(artists.select("artist_name", "exact"), on="exact")
    named = tracks.drop_nulls("track_name").join(links.select("artist_name").unique(), on="artist_name")
    named = named.with_columns(title=key(pl.col("track_name"))).join(links, on=["artist_name", "title"])
    named = named.sort("place", "reading", pl.col("track").is_null(), "track_uri")
    rows = named.unique("place", keep="first").select("place", "artist_name", "track_name", "reading")
    return {place: [f"“{artist} - {title}”, {reading}"] for place, artist, title, reading in rows.iter_rows()}


def near_names(
    unknown: pl.DataFrame, links: pl.DataFrame, artists: pl.DataFrame, theirs: pl.DataFrame
) -> dict[int, list[str]]:
    """For each place titles of the same artists, or else artists, that are like it, the likest first.

    Artists are looked for LOOKED_FOR times; what is asked for after that comes with none.
    """
    if unknown.is_empty():
        return {}
    titled = theirs.sort("track_name", "track_uri").select("artist_name", "exact", "track_name")
    titled = links.join(unknown.select("place"), on="place").join(
        titled, on="artist_name", maintain_order="right"
    )
    titled = titled.unique(["place", "exact"], keep="first", maintain_order=True)
    of_place = {place: rows for (place,), rows in titled.group_by("place", maintain_order=True)}
    artists = artists.unique("exact", keep="first", maintain_order=True)
    keys = artists["exact"].to_list()
    of_artist: dict[str, list[str]] = {}
    near = {}
    wanted = unknown.select("place", "exact", artist=key(pl.col("artist")))
    for place, title, artist in wanted.iter_rows():
        if (rows := of_place.get(place)) is not None:
            likest = nearest(title, rows["exact"].to_list(), NEAREST)
            near[place] = [f"“{rows['track_name'][one]}”" for one in likest]
            continue
        if artist not in of_artist and len(of_artist) < LOOKED_FOR:
            likest = nearest(artist, keys, NEAREST)
            of_artist[artist] = [f"the artist {artists['artist_name'][one]}" for one in likest]
        near[place] = of_artist.get(artist, [])
    return near
