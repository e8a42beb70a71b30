"""A table's text as rows of cells, none of which a stray quote can swallow."""

import csv
import re
from collections.abc import Callable, Sequence

from segue.serve.lists import LINE_END, TITLE

SEPARATORS = ",;\t|"
SAID = re.compile(r'"?sep=([^\w\s"]|\t)"?', re.IGNORECASE)  # Excel's first line
LOOKED_AT = 200  # lines, by which the separator is told
LONGEST_CELL = 100  # lines; a quote that is not closed by then is a quote, and no more

Cells = tuple[int, list[str]]  # a row's line, from 1, and its cells


def rows_of_text(
    text: str, likely: str, named: Callable[[Sequence[Cells]], int]
) -> tuple[str | None, list[Cells]]:
    """The title, where lines ``# title: ...`` above the table give one, and the rows, but for blank ones.

    ``named``: how well rows name tracks. The separator is ``likely``, unless another makes that better,
    or a line ``sep=;`` says so.
    """
    lines = LINE_END.split(text)
    title, separators, first = None, [*dict.fromkeys((likely, *SEPARATORS))], 0
    for line in lines:
        said, titled = SAID.fullmatch(line.strip(" ")), TITLE.match(line.strip())
        if said:
            separators = [said[1]]
        elif titled:
            title = titled[1].strip().rstrip(SEPARATORS).strip() or None
        elif line.strip():
            break
        first += 1
    best = max(separators, key=lambda one: named(_rows(lines, first, one, first + LOOKED_AT)))
    return title, _rows(lines, first, best, len(lines))


class _Lines:
    """The lines ``start`` to ``stop`` for a csv reader, which can be set back to where a row began."""

    def __init__(self, lines: Sequence[str], start: int, stop: int):
        self.lines, self.begun, self.at, self.stop = lines, start, start, min(stop, len(lines))

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.at >= self.stop or self.at - self.begun >= LONGEST_CELL:
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1] + "\n"


def _rows(lines: Sequence[str], start: int, separator: str, stop: int) -> list[Cells]:
    source = _Lines(lines, start, stop)
    # Strict, so that it does not take the rest of the file for one cell, but says that it would.
    reader = csv.reader(source, delimiter=separator, strict=True, skipinitialspace=True)
    rows = []
    while source.at < source.stop:
        source.begun = source.at
        try:
            cells = next(reader)
        except (csv.Error, StopIteration):
            source.at = source.begun + 1
            cells = split_line(lines[source.begun], separator)
        cells = [cell.strip() for cell in cells]
        if any(cells):
            rows.append((source.begun + 1, cells))
    return rows


def split_line(line: str, separator: str) -> list[str]:
    """The cells of a row that stands on one line, whatever its quotes."""
    if line.count('"') % 2 == 0:
        try:
            return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        except csv.Error:  # a cell of over 128 KiB
            pass
    return line.split(separator)
