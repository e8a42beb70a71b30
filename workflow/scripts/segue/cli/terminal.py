"""Proposals in columns of a terminal."""

import textwrap
import unicodedata
from collections.abc import Collection, Sequence

import polars as pl

EMOJI = "\ufe0f"  # shows the character before it as an emoji, two columns wide; few keyboards type it
LEAST = 4  # columns of a cell, however narrow the terminal
GAP = "  "


def printable(text: str) -> str:
    """``text`` with a space for each control character and line break, which would move the cursor."""
    return "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)


def width(text: str) -> int:
    """Columns that ``text`` takes; more than a terminal shows where it joins several emoji into one."""
    return sum(columns for _, columns in _clusters(text))


def cut(text: str, limit: int | None) -> str:
    """``text`` in at most ``limit`` columns, ending in … where it was longer; whole where that is None."""
    if limit is None or width(text) <= limit:
        return text
    kept, room = "", limit - 1
    for cluster, columns in _clusters(text):
        room -= columns
        if room < 0:
            break
        kept += cluster
    return kept.rstrip() + "…"


def aligned(
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[int] = (),
    elastic: Collection[int] = (),
    limit: int | None = None,
) -> list[str]:
    """A line a row, its cells in columns; those of ``elastic`` are cut so that a line fits into ``limit``.

    ``right``, ``elastic``: numbers of the columns, from 0, that are aligned right, or may be cut.
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    if limit is not None:
        room = limit - len(GAP) * (len(widths) - 1)
        room -= sum(columns for place, columns in enumerate(widths) if place not in elastic)
        # The narrowest first: what it leaves of its share is for the others.
        for left, place in zip(
            range(len(elastic), 0, -1), sorted(elastic, key=widths.__getitem__), strict=True
        ):
            widths[place] = min(widths[place], max(room // left, LEAST))
            room -= widths[place]
    return [
        GAP.join(
            _padded(cut(cell, columns), columns, place in right)
            for place, (cell, columns) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _padded(text: str, columns: int, right: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space


def _clusters(text: str) -> list[tuple[str, int]]:
    """The characters of ``text``, each with the marks that belong to it, and their columns."""
    clusters: list[tuple[str, int]] = []
    for char in text:
        if clusters and unicodedata.category(char) in ("Mn", "Me", "Cf"):
            base, columns = clusters[-1]
            clusters[-1] = base + char, 2 if char == EMOJI else columns
        else:
            clusters.append((char, 2 if unicodedata.east_asian_width(char) in "WF" else 1))
    return clusters


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
