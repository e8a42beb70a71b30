"""Tracks that are given by artist and title, found among those that a run has read."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from rapidfuzz import fuzz, process

from segue.errors import SegueError
from segue.serve.forms import NamedTrack

NEAREST, SHOWN = 3, 5
LEAST_ALIKE = 60  # of 100, to be worth naming
FEATURED = r"(?i)[\s]*[(\[]\s*(?:feat|ft|featuring|with)\b.*?[)\]]|\s+(?:feat|ft)\.?\s.*$"
VERSION = r"\s+[-–—]\s.*$"  # - Remastered 2011, - Live


@dataclass(frozen=True)
class Matched:
    """``uris``: of each track that was asked for, None where it was not found. ``ambiguous``, ``unknown``:
    those that were not, each with what might be meant, as words."""

    uris: list[str | None] = field(default_factory=list)
    ambiguous: list[tuple[NamedTrack, list[str]]] = field(default_factory=list)
    unknown: list[tuple[NamedTrack, list[str]]] = field(default_factory=list)

    @property
    def found(self) -> list[str]:
        """The uris of the tracks that were found, in the order in which they were asked for."""
        return [uri for uri in self.uris if uri is not None]

    def problems(self) -> list[str]:
        """A line for each track that was not found, or not for certain."""
        return [
            *(f"{_named(one)}: could be by {' or by '.join(artists)}" for one, artists in self.ambiguous),
            *(
                f"{_named(one)}: not found" + (f"; near it: {', '.join(near)}" if near else "")
                for one, near in self.unknown
            ),
        ]


def match_names(named: Sequence[NamedTrack], tracks: pl.DataFrame) -> Matched:
    """The uri of each of ``named``.

    Names are compared by their letters and digits, whatever their case and accents; where that finds nothing,
    without featured artists and what follows a dash in the title (a version). Of several tracks by one artist
    the one in the graph is meant, else the first by uri; of tracks by different artists of one name none is.

    ``tracks``: track_uri, track_name, artist_uri, artist_name, track (null outside the graph).
    """
    matched = Matched()
    if not named:
        return matched
    asked = pl.DataFrame(
        {
            "place": range(len(named)),
            "artist_name": [one.artist for one in named],
            "track_name": [one.title for one in named],
        },
        schema_overrides={"artist_name": pl.String, "track_name": pl.String},
    ).with_columns(_key(pl.col("artist_name")).alias("artist"), *_titles())
    artists = _artists(tracks)
    wanted = artists.filter(pl.col("artist").is_in(asked["artist"].implode()))
    theirs = tracks.join(wanted, on="artist_name").with_columns(*_titles())
    theirs = theirs.sort(pl.col("track").is_null(), "track_uri")
    found: dict[int, pl.DataFrame] = {}
    for title in ("title", "short_title"):
        wanted = asked.filter(~pl.col("place").is_in(list(found)))
        joined = wanted.select("place", "artist", title).join(
            theirs, on=["artist", title], how="inner", maintain_order="right"
        )
        found |= {place: rows for (place,), rows in joined.group_by("place", maintain_order=True)}
    artists = artists.unique("artist", keep="first", maintain_order=True)
    for place, one in enumerate(named):
        matched.uris.append(None)
        if place not in found:
            matched.unknown.append((one, _nearest(asked.row(place, named=True), theirs, artists)))
        elif found[place]["artist_uri"].n_unique() > 1:
            rows = found[place].unique("artist_uri", maintain_order=True)
            artists = [
                f"{name} ({uri})" for name, uri in rows.select("artist_name", "artist_uri").iter_rows()
            ]
            matched.ambiguous.append((one, artists))
        else:
            matched.uris[place] = found[place]["track_uri"][0]
    return matched


def require_some(matched: Matched, where: str) -> None:
    """Raises SegueError that shows what was not found; for a file of which nothing else is known."""
    problems = matched.problems()
    more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
    raise SegueError(
        "\n".join(["No track of the playlist is known.", *(f"  {line}" for line in problems[:SHOWN] + more)]),
        where=where,
        found=f"{len(problems)} tracks by name, none of which the run has read",
        expected="a track that is on a playlist of the run, or a line # title: ...",
        fix="check the names, write artist before title, or give uris",
    )


def _key(text: pl.Expr) -> pl.Expr:
    """Letters and digits in lower case, without accents; the whole text where it has neither."""
    plain = text.str.normalize("NFKD").str.to_lowercase()
    letters = plain.str.replace_all(r"[^\p{L}\p{N}]", "")
    return pl.when(letters == "").then(plain).otherwise(letters)


def _titles() -> tuple[pl.Expr, pl.Expr]:
    title = pl.col("track_name")
    short = title.str.replace_all(FEATURED, "").str.replace(VERSION, "")
    return _key(title).alias("title"), _key(short).alias("short_title")


def _artists(tracks: pl.DataFrame) -> pl.DataFrame:
    """Each artist once, by name, and ``artist``, the key that names are compared by."""
    names = tracks.select(pl.col("artist_name").drop_nulls().unique().sort())
    return names.with_columns(_key(pl.col("artist_name")).alias("artist"))


def _nearest(one: dict[str, str], theirs: pl.DataFrame, artists: pl.DataFrame) -> list[str]:
    """Titles of the same artist, or else artists, whose keys are like those of ``one``, the likest first."""
    mine = theirs.filter(pl.col("artist") == one["artist"]).drop_nulls("track_name")
    if not mine.is_empty():
        titles = mine.unique("title").sort("track_name")
        return [f"“{name}”" for name in _alike(one["title"], titles["title"], titles["track_name"])]
    return [f"the artist {name}" for name in _alike(one["artist"], artists["artist"], artists["artist_name"])]


def _alike(key: str, keys: pl.Series, names: pl.Series) -> list[str]:
    """Of equally like ones the first."""
    found = process.extract(key, keys.to_list(), scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE, limit=NEAREST)
    return [names[place] for _, _, place in found]


def _named(one: NamedTrack) -> str:
    return f"{one.place}, {one.artist} - {one.title}"
