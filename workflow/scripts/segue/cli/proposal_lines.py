"""Proposed tracks as lines of a terminal."""

import textwrap

import polars as pl

from segue.cli.terminal import aligned, printable

HIT = "✓"


def proposal_lines(proposals: pl.DataFrame, width: int | None) -> list[str]:
    """A table of at most ``width`` columns: rank, score, whether a hit where that is known, track and artist.

    ``proposals``: rank, score, track_uri, track_name, artist_name and perhaps hit.
    """
    names = track_names(proposals)
    has_hits = "hit" in proposals.columns
    header = ["rank", "score", *([""] if has_hits else []), *("track", "artist")[: len(names[0])]]
    hits = [[HIT if hit else ""] for hit in proposals["hit"]] if has_hits else [[]] * proposals.height
    facts = [[str(rank), f"{score:.3f}"] for rank, score in proposals.select("rank", "score").iter_rows()]
    rows = [[*first, *hit, *last] for first, hit, last in zip(facts, hits, names, strict=True)]
    elastic = range(len(header) - len(names[0]), len(header))
    return aligned([header, *rows], right={0, 1}, elastic=elastic, limit=width)


def track_names(tracks: pl.DataFrame) -> list[list[str]]:
    """The name of each track, or else its uri, and the artist where any is known."""
    columns = [pl.coalesce("track_name", "track_uri")]
    if not tracks["artist_name"].is_null().all():
        columns.append(pl.col("artist_name").fill_null(""))
    return [[printable(text) for text in row] for row in tracks.select(columns).iter_rows()]


def wrapped(text: str, width: int | None) -> list[str]:
    return [text] if width is None else textwrap.wrap(text, max(width, 1))
