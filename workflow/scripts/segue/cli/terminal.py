"""Tables and paragraphs for a terminal, or plain and whole where the output is piped."""

import io
import shutil
import sys
import unicodedata
from collections.abc import Sequence

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from segue.serve.forms import KNOWN_BY

HIT = "✓"
LEAST = 4  # columns of a cell that may be cut, however narrow the terminal
WHOLE = 100_000  # columns, where lines are not to be broken


def printable(text: str) -> str:
    """``text`` with a space for each control character and line break, which would move the cursor."""
    return "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)


def line(text: str, style: str = "") -> Text:
    """One line, whatever it holds, ending in … where there is no room. What looks like markup is text."""
    return Text(printable(text), style, no_wrap=True, overflow="ellipsis")


def cut(text: str, columns: int) -> str:
    """``text`` in at most ``columns`` columns, ending in … where it was longer."""
    short = line(text)
    short.truncate(columns, overflow="ellipsis")
    return short.plain


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = (), bare: bool = False
) -> Table:
    """Cells in columns parted by two spaces; those of the columns ``right`` stand right and are never cut.

    ``bare``: without the line of ``header``.
    """
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold", show_header=not bare)
    for place, name in enumerate(header):
        if place in right:
            width = max(len(cell) for cell in [name, *(row[place] for row in rows)])
            grid.add_column(name, justify="right", width=width, no_wrap=True)
        else:
            grid.add_column(name, min_width=min(LEAST, max(map(len, [name, *(row[place] for row in rows)]))))
    for row in rows:
        grid.add_row(*map(line, row))
    return grid


def plain(*parts: RenderableType | str, width: int | None = None) -> str:
    """``parts`` as lines of text of at most ``width`` columns, or as long as they are."""
    console = Console(file=io.StringIO(), width=width or WHOLE, height=1, color_system=None)
    return _rendered(console, parts)


def show(*parts: RenderableType | str) -> None:
    """Prints ``parts``: in a terminal its width and colours, elsewhere whole lines of plain text."""
    if sys.stdout.isatty():
        columns, lines = shutil.get_terminal_size()
        # The height too, or rich takes a simple terminal for one of 80 columns.
        console = Console(file=io.StringIO(), width=columns, height=lines, force_terminal=True)
        text = _rendered(console, parts)
    else:
        text = plain(*parts)
    print(text, end="")


def _rendered(console: Console, parts: Sequence[RenderableType | str]) -> str:
    for part in parts:
        # In a group, since rich joins bare texts, and forgets which must not be broken.
        console.print(Group(Text(part) if isinstance(part, str) else part))
    return "\n".join(row.rstrip(" ") for row in console.file.getvalue().split("\n"))


def proposal_table(proposals: pl.DataFrame) -> Table:
    """Rank, score, whether a hit where that is known, track and artist, and where tracks were added, by what
    each is known.

    ``proposals``: rank, score, track_uri, track_name, artist_name and perhaps hit or known_by.
    """
    names = track_names(proposals)
    has_hits = "hit" in proposals.columns
    header = ["rank", "score", *([""] if has_hits else []), *("track", "artist")[: len(names[0])]]
    hits = [[HIT if hit else ""] for hit in proposals["hit"]] if has_hits else [[]] * proposals.height
    facts = [[str(rank), f"{score:.3f}"] for rank, score in proposals.select("rank", "score").iter_rows()]
    rows = [[*first, *hit, *last] for first, hit, last in zip(facts, hits, names, strict=True)]
    if KNOWN_BY in proposals.columns:
        header.append("known by")
        rows = [[*row, by] for row, by in zip(rows, proposals[KNOWN_BY], strict=True)]
    return table(header, rows, right=(0, 1))


def track_names(tracks: pl.DataFrame) -> list[list[str]]:
    """The name of each track, or else its uri, and the artist where any is known."""
    columns = [pl.coalesce("track_name", "track_uri")]
    if not tracks["artist_name"].is_null().all():
        columns.append(pl.col("artist_name").fill_null(""))
    return [list(row) for row in tracks.select(columns).iter_rows()]
