"""Which slice files a run reads, by their names alone."""

import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Literal

from segue.errors import SegueError

NAME = re.compile(r"mpd\.slice\.([0-9]+)-([0-9]+)\.json")
NAMES = "mpd.slice.{first pid}-{last pid}.json"
SHOWN_RANGES = 10  # at most, in a message

Pids = tuple[int, int]  # first and last pid of a slice, as its file name tells them


def slice_name(first: int, last: int) -> str:
    """The file name of the slice that holds pids ``first`` to ``last``, both included."""
    return f"mpd.slice.{first}-{last}.json"


def select_slices(
    folder: str | Path, count: int | Literal["all"], order: Literal["numeric", "lexicographic"]
) -> list[Path]:
    """The first ``count`` slice files of ``folder``, in order; other files and folders in it are ignored.

    ``numeric`` goes by first pid. ``lexicographic`` compares file names as text, character by character
    ('-' comes before '0'), as Python's ``sorted`` does: 0-999, 1000-1999, 10000-10999, 100000-100999,
    101000-101999, and so on to 109000-109999, then 11000-11999, with 2000-2999 far behind. The first 50
    slices of the MPD are pids 0 to 49,999 in numeric order; 7 of them are in the lexicographic first 50.

    Raises SegueError when the folder cannot be read, holds no slice or fewer than ``count``, or when two
    of its slices, asked for or not, claim the same pid.
    """
    folder = Path(folder)
    found = _slices_in(folder)
    _require_disjoint(folder, found)
    wanted = len(found) if count == "all" else count
    if len(found) < max(wanted, 1):
        raise SegueError(
            "There are fewer slices than the run asks for." if found else "There is no slice in the folder.",
            where=str(folder),
            found=f"{len(found)} slice(s) with the pids {_coverage(found)}" if found else "no slice",
            expected=f"{wanted or 'one or more'} file(s) named {NAMES}",
            fix="put the missing slices there, lower data.slices or correct data.dir",
        )
    key = {"numeric": found.__getitem__, "lexicographic": str}[order]
    return [folder / name for name in sorted(found, key=key)[:wanted]]


def sample_slices(folder: str | Path, count: int, playlists_per_slice: int) -> list[Path]:
    """The paths of the built-in sample's slices, in the order of their pids, which start at 0."""
    starts = range(0, count * playlists_per_slice, playlists_per_slice)
    return [Path(folder) / slice_name(start, start + playlists_per_slice - 1) for start in starts]


def batches(paths: list[Path], size: int) -> dict[str, list[Path]]:
    """Runs of ``size`` consecutive paths (the last may be shorter) by name: "000", "001", ...

    Names have three digits, so a batch keeps its name when slices are added behind it, and four or more
    only where there are over 1,000 batches; in either case they sort as their numbers do.
    """
    starts = range(0, len(paths), size)
    width = max(3, len(str(len(starts) - 1)))
    return {f"{number:0{width}}": paths[start : start + size] for number, start in enumerate(starts)}


def _slices_in(folder: Path) -> dict[str, Pids]:
    try:
        with os.scandir(folder) as entries:
            names = [(entry.name, NAME.fullmatch(entry.name)) for entry in entries if entry.is_file()]
    except OSError as error:
        raise SegueError(
            "The folder of the slices cannot be read.",
            where=str(folder),
            found=error.strerror,
            expected=f"a folder with files named {NAMES}",
            fix="set data.dir to the folder of your slices, or data.source to sample",
        ) from error
    return {name: (int(match[1]), int(match[2])) for name, match in names if match}


def _require_disjoint(folder: Path, found: dict[str, Pids]) -> None:
    names = sorted(found, key=lambda name: (found[name], name))
    for name in names:
        first, last = found[name]
        if last < first:
            raise SegueError(
                "The name of a slice has its pids in the wrong order.",
                where=str(folder / name),
                found=f"first pid {first}, last pid {last}",
                expected=NAMES,
                fix="rename or remove the file",
            )
    # Sorted by first pid: where any two overlap, two neighbours do.
    for name, following in pairwise(names):
        if found[following][0] <= found[name][1]:
            raise SegueError(
                "Two slices claim the same pids.",
                where=str(folder),
                found=f"{name} and {following}",
                expected="each pid in one slice",
                fix="keep one of the two in data.dir",
            )


def _coverage(found: dict[str, Pids]) -> str:
    """The pids that disjoint slices cover, adjoining ones as one range."""
    ranges: list[Pids] = []
    for first, last in sorted(found.values()):
        if ranges and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    shown = ", ".join(f"{first}-{last}" for first, last in ranges[:SHOWN_RANGES])
    return shown + (f" and {len(ranges) - SHOWN_RANGES} more ranges" if len(ranges) > SHOWN_RANGES else "")
