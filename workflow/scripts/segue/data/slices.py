"""Which slices a run reads, by the names of files and of members of zip archives alone."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeVar

from segue.data.slice_names import NAMES, Pids, Source, slice_name
from segue.data.slice_places import not_looked_into, slices_in
from segue.errors import SegueError

WILDCARD = re.compile(r"\{\s*[.\w]+\s*(,[^{}]*)?\}")  # as Snakemake sees it; there is no way to escape one
SHOWN_RANGES = 10  # at most, in a message

T = TypeVar("T")


def select_slices(
    place: str | Path, count: int | Literal["all"], order: Literal["numeric", "lexicographic"]
) -> list[Source]:
    """The first ``count`` slices of ``place``, in order.

    ``place`` is a folder or a zip archive, which `slices_in` looks into. Files of other names are ignored.

    ``numeric`` goes by first pid. ``lexicographic`` compares file names as text, character by character
    ('-' comes before '0'), as Python's ``sorted`` does: 0-999, 1000-1999, 10000-10999, 100000-100999,
    101000-101999, and so on to 109000-109999, then 11000-11999, with 2000-2999 far behind. The first 50
    slices of the MPD are pids 0 to 49,999 in numeric order; 7 of them are in the lexicographic first 50.

    Raises SegueError when the place or an archive cannot be read, holds no slice or fewer than ``count``,
    when something with the name of a slice is no regular file, when two slices, asked for or not, claim the
    same pid, or when the path holds a word in braces.
    """
    if WILDCARD.search(str(place)):
        raise SegueError(
            "The path of the slices has a word in braces, which Snakemake takes for a wildcard.",
            where=str(place),
            found=WILDCARD.search(str(place))[0],
            expected="a path without it",
            fix="rename the folder, or link to it under another name",
        )
    found = sorted(slices_in(str(place)), key=lambda source: (source.pids, str(source)))
    _require_disjoint(place, found)
    wanted = len(found) if count == "all" else count
    if len(found) < max(wanted, 1):
        packed, unpack = not_looked_into(str(place))
        raise SegueError(
            "There are fewer slices than the run asks for." if found else "There is no slice in the folder.",
            where=str(place),
            found=(f"{len(found)} slice(s) with the pids {_coverage(found)}" if found else "no slice")
            + packed,
            expected=f"{wanted or 'one or more'} file(s) named {NAMES}, or a zip of them",
            fix=unpack or "put the missing slices there, lower data.slices or correct data.dir",
        )
    if order == "lexicographic":
        found.sort(key=lambda source: source.plain_name)
    return found[:wanted]


def sample_slices(folder: str | Path, count: int, playlists_per_slice: int) -> list[Source]:
    """The built-in sample's slices, in the order of their pids, which start at 0."""
    starts = range(0, count * playlists_per_slice, playlists_per_slice)
    return [Source(f"{folder}/{slice_name(start, start + playlists_per_slice - 1)}") for start in starts]


def batches(slices: list[T], size: int) -> dict[str, list[T]]:
    """Runs of ``size`` consecutive slices (the last may be shorter) by name: "000", "001", ...

    Names have three digits, so a batch keeps its name when slices are added behind it, and four or more
    only where there are over 1,000 batches; in either case they sort as their numbers do.
    """
    starts = range(0, len(slices), size)
    width = max(3, len(str(len(starts) - 1)))
    return {f"{number:0{width}}": slices[start : start + size] for number, start in enumerate(starts)}


def files_of(slices: list[Source]) -> list[str]:
    """The files that ``slices`` lie in, each once, in order."""
    return list(dict.fromkeys(source.path for source in slices))


def _require_disjoint(place: str | Path, found: list[Source]) -> None:
    """``found``: sorted by first pid, so that where any two overlap, two neighbours do."""
    for source in found:
        first, last = source.pids
        if last < first:
            raise SegueError(
                "The name of a slice has its pids in the wrong order.",
                where=str(source),
                found=f"first pid {first}, last pid {last}",
                expected=NAMES,
                fix="rename or remove the file",
            )
    for source, following in pairwise(found):
        if following.pids[0] <= source.pids[1]:
            raise SegueError(
                "Two slices claim the same pids.",
                where=str(place),
                found=f"{source} and {following}",
                expected="each pid in one slice",
                fix="keep one of the two in data.dir",
            )


def _coverage(found: list[Source]) -> str:
    """The pids that disjoint slices cover, adjoining ones as one range."""
    ranges: list[Pids] = []
    for first, last in (source.pids for source in found):
        if ranges and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    shown = ", ".join(f"{first}-{last}" for first, last in ranges[:SHOWN_RANGES])
    return shown + (f" and {len(ranges) - SHOWN_RANGES} more ranges" if len(ranges) > SHOWN_RANGES else "")
