"""Tracks that are given by artist and title, found among those that a run has read."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from segue.errors import SegueError, counted
from segue.serve.forms import NamedTrack, place_order
from segue.serve.hints import near_names, otherwise
from segue.serve.names import artists_of, key, spelled, titles

SHOWN = 5
# How a track was found, the surest first: by which key of the title, and whether by one artist of several.
KINDS = {
    "exact": ("exact", False),
    "spelling": ("spelling", False),
    "featured artists": ("featured", False),
    "version": ("version", False),
    "artist of several": ("spelling", True),
    "artist of several, featured artists": ("featured", True),
    "artist of several, version": ("version", True),
}


@dataclass(frozen=True)
class Matched:
    """``uris`` and ``kinds``: of each track that was asked for, None where it was not found; a kind is one of
    KINDS. ``ambiguous``, ``unknown``: those that were not, each with what might be meant, as words."""

    uris: list[str | None] = field(default_factory=list)
    kinds: list[str | None] = field(default_factory=list)
    ambiguous: list[tuple[NamedTrack, list[str]]] = field(default_factory=list)
    unknown: list[tuple[NamedTrack, list[str]]] = field(default_factory=list)

    @property
    def found(self) -> list[str]:
        """The uris of the tracks that were found, in the order in which they were asked for."""
        return [uri for uri in self.uris if uri is not None]

    def counted(self) -> dict[str, int]:
        """How many tracks were found in each way, the surest first; ways that found none are left out."""
        return {kind: count for kind in KINDS if (count := self.kinds.count(kind))}

    def not_found(self) -> list[tuple[NamedTrack, str]]:
        """The tracks that were not found, or not for certain, in the order of the file, and why."""
        why = [(one, f"could be {_any_of(several)}") for one, several in self.ambiguous]
        near_it = ((one, "; near it: " * bool(near) + ", ".join(near)) for one, near in self.unknown)
        why += [(one, f"not found{near}") for one, near in near_it]
        return sorted(why, key=lambda pair: place_order(pair[0].place))

    def problems(self) -> list[str]:
        """A line for each of ``not_found``."""
        return [f"{_named(one)}: {why}" for one, why in self.not_found()]


def match_names(
    named: Sequence[NamedTrack], tracks: pl.DataFrame, artists: pl.DataFrame | None = None
) -> Matched:
    """The uri of each of ``named``.

    Names are compared by their letters and digits, whatever their case and accents. What that does not find
    is looked for by looser keys, in the order of KINDS: in letters as people type them (ø and o, & and
    "and"), then without the artists that a title features, then without what the version of a song is called;
    and all this again for each artist of a cell that may name several. The first kind that finds anything
    counts.

    Of tracks of one title by one artist that in the graph is meant, else the first by uri; of versions of a
    song that which is none, then likewise. Of different artists, or titles that only SPELLED makes one, none
    is: such a track is ambiguous.

    ``tracks``: track_uri, track_name, artist_uri, artist_name, track (null outside the graph). ``artists``:
    ``artists_to_match(tracks)``, where that is there already: it takes longer than the rest.
    """
    if not named:
        return Matched()
    asked = pl.DataFrame(
        {
            "place": range(len(named)),
            "artist": [one.artist for one in named],
            "track_name": [one.title for one in named],
        },
        schema={"place": pl.UInt32, "artist": pl.String, "track_name": pl.String},
    )
    artists = artists_to_match(tracks) if artists is None else artists
    keys = titles(pl.col("track_name"))
    # Most are found by their exact keys; the others take longer to make.
    surest, *looser = KINDS
    links = _by_key(asked, artists, "exact")
    theirs = _tracks_of(links, tracks).with_columns(exact=keys["exact"])
    found = _found(surest, asked.with_columns(exact=keys["exact"]), links, theirs)
    near = {}
    if len(found) < len(named):
        links, asked = _links(asked, artists), asked.with_columns(**keys)
        theirs = _tracks_of(links, tracks).with_columns(**keys)
        for kind in looser:
            left = asked.filter(~pl.col("place").is_in([*found]))
            found |= _found(kind, left, links, theirs)
        unknown = asked.filter(~pl.col("place").is_in([*found]))
        near = otherwise(unknown, tracks, artists)
        near |= near_names(unknown.filter(~pl.col("place").is_in([*near])), links, artists, theirs)
    rows = [found.get(place, (None, None, [])) for place in range(len(named))]
    kinds, uris, candidates = zip(*rows, strict=True)
    return Matched(
        [*uris],
        [kind if uri else None for kind, uri in zip(kinds, uris, strict=True)],
        [(named[place], several) for place, several in enumerate(candidates) if several],
        [(named[place], near[place]) for place in sorted(near)],
    )


def artists_to_match(tracks: pl.DataFrame) -> pl.DataFrame:
    """artist_name of all ``tracks``, each once, with its keys."""
    artists = tracks.select(pl.col("artist_name").drop_nulls().unique().sort())
    return artists.with_columns(exact=key(pl.col("artist_name")), spelling=spelled(pl.col("artist_name")))


def require_some(matched: Matched, where: str) -> None:
    """Raises SegueError that shows what was not found; for a file of which nothing else is known."""
    problems = matched.problems()
    more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
    raise SegueError(
        "\n".join(["No track of the playlist is known.", *(f"  {line}" for line in problems[:SHOWN] + more)]),
        where=where,
        found=f"{counted(len(problems), 'track')} by name, none of which the run has read",
        expected="a track that is on a playlist of the run, or a line # title: ...",
        fix="check the names, write artist before title, or give uris",
    )


# How much of a cell an artist's name is: all of it, by its exact key or as it is spelled; else, above 0, how
# many of its parts.
WHOLE = {"exact": 0, "spelling": -1}


def _by_key(asked: pl.DataFrame, artists: pl.DataFrame, by: str) -> pl.DataFrame:
    """place and artist_name of artists whose name is the cell ``artist`` by its key ``by``; ``parts`` of
    WHOLE."""
    make = {"exact": key, "spelling": spelled}[by]
    links = asked.select("place", make(pl.col("artist")).alias(by)).join(artists, on=by)
    return links.select("place", "artist_name", parts=pl.lit(WHOLE[by], pl.Int32))


def _links(asked: pl.DataFrame, artists: pl.DataFrame) -> pl.DataFrame:
    """place and artist_name of artists whose name is, or may be in, the cell ``artist``, each pair once, and
    ``parts``, as WHOLE says."""
    rows = asked.select("place", "artist").iter_rows()
    within = [(place, name, parts) for place, cell in rows for name, parts in artists_of(cell)]
    parts = pl.DataFrame(
        within, schema={"place": pl.UInt32, "name": pl.String, "parts": pl.Int32}, orient="row"
    )
    several = parts.with_columns(spelling=spelled(pl.col("name"))).join(
        artists, on="spelling", maintain_order="left"
    )
    links = [*(_by_key(asked, artists, by) for by in WHOLE), several.select("place", "artist_name", "parts")]
    return pl.concat(links).unique(["place", "artist_name"], keep="first", maintain_order=True)


def _tracks_of(links: pl.DataFrame, tracks: pl.DataFrame) -> pl.DataFrame:
    """``tracks`` with a name, of the artists of ``links``."""
    return tracks.drop_nulls("track_name").join(links, on="artist_name", how="semi")


# The key that is stricter by one step: a title that has both alike lacks what the looser one leaves out.
STRICTER = {"featured": "spelling", "version": "featured"}


Found = tuple[str, str | None, list[str]]


def _found(kind: str, asked: pl.DataFrame, links: pl.DataFrame, theirs: pl.DataFrame) -> dict[int, Found]:
    """By place of those of ``asked`` that ``kind`` finds: ``kind``, the uri, None where several are, and what
    might be meant then."""
    by, is_several = KINDS[kind]
    of_cell = (
        pl.col("parts") > 0 if is_several else pl.col("parts") == 0 if by == "exact" else pl.col("parts") <= 0
    )
    rows = (
        asked.filter(pl.col(by) != "")
        .select("place", by)
        .join(links.filter(of_cell), on="place")
        .join(theirs, on=["artist_name", by])
        .with_columns(plain=pl.lit(True) if by not in STRICTER else pl.col(by) == pl.col(STRICTER[by]))
    )
    for best in ("parts", "plain"):
        rows = rows.filter(pl.col(best) == pl.col(best).max().over("place"))
    rows = rows.sort("place", pl.col("track").is_null(), "track_uri")
    # Titles that spelling alone makes one may be two songs; versions are one.
    song = pl.col("exact") if by == "spelling" else pl.lit("")
    groups = rows.group_by("place", maintain_order=True).agg(
        pl.col("track_uri").first(), artists=pl.col("artist_uri").n_unique(), songs=song.n_unique()
    )
    found: dict[int, Found] = {}
    for place, uri, num_artists, songs in groups.iter_rows():
        if num_artists == songs == 1:
            found[place] = kind, uri, []
        else:
            mine = rows.filter(pl.col("place") == place)
            found[place] = kind, None, _artists_of(mine) if num_artists > 1 else _songs_of(mine)
    return found


def _artists_of(rows: pl.DataFrame) -> list[str]:
    rows = rows.unique("artist_uri", keep="first", maintain_order=True)
    return [f"by {name} ({uri})" for name, uri in rows.select("artist_name", "artist_uri").iter_rows()]


def _songs_of(rows: pl.DataFrame) -> list[str]:
    rows = rows.unique("exact", keep="first", maintain_order=True)
    return [f"“{name}” ({uri})" for name, uri in rows.select("track_name", "track_uri").iter_rows()]


def _any_of(candidates: Sequence[str]) -> str:
    more = f" or {len(candidates) - SHOWN} more" if len(candidates) > SHOWN else ""
    return " or ".join(candidates[:SHOWN]) + more


def _named(one: NamedTrack) -> str:
    return f"{one.place}, {one.artist} - {one.title}"
