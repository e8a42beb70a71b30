"""What was rejected: slices, playlists, and entries by themselves, that could not be read, and why."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from segue.errors import SegueError

# ``whole_file``: whether it is a slice as a whole. ``playlists`` is 1 or, of a whole file, what its name
# promises, and 0 of entries that were set aside by themselves, of which there are ``entries``. ``pid`` is
# null of these and of whole files, where it cannot be read, and where the slice has an accepted playlist with
# it: readers leave out by slice and pid.
# ``what``, ``where``, ``found`` and ``expected`` are those of the SegueError that says why.
SCHEMA = {
    "slice": pl.String,
    "pid": pl.Int64,
    "playlists": pl.Int64,
    "entries": pl.Int64,
    "whole_file": pl.Boolean,
    **dict.fromkeys(("what", "where", "found", "expected"), pl.String),
}

SHOWN = 20  # rows in a log, at most


def rejected_row(
    name: str,
    pid: int | None,
    playlists: int,
    reason: SegueError,
    whole_file: bool = False,
    entries: int = 0,
) -> dict[str, Any]:
    """A row of SCHEMA; ``name`` is the slice's file name."""
    counts = {"playlists": playlists, "entries": entries, "whole_file": whole_file}
    why = {"what": reason.what, "where": reason.where, "found": reason.found, "expected": reason.expected}
    return {"slice": name, "pid": pid, **counts, **why}


def summary(rejected: pl.DataFrame) -> Iterator[str]:
    """Lines for a log: the first SHOWN rows of ``rejected`` (SCHEMA), and the total; none for none."""
    for row in rejected.head(SHOWN).iter_rows(named=True):
        expected = f", expected {row['expected']}" if row["expected"] else ""
        yield f"Rejected: {row['where']}: {row['what']} Found {row['found']}{expected}"
    if rejected.height > SHOWN:
        yield f"and {rejected.height - SHOWN:,} more"
    if rejected.height:
        counts = {kind: rejected[kind].sum() for kind in ("playlists", "entries")}
        listed = " and ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
        yield f"Rejected in all: {listed}, in {rejected.height:,} rows"


def require_few_rejected(rejected: pl.DataFrame, accepted: dict[str, int], max_fraction: float) -> None:
    """Raises SegueError when over ``max_fraction`` of all playlists, or of all entries, are in ``rejected``.

    ``rejected``: SCHEMA; ``accepted``: the ``playlists`` and ``entries`` that are left.
    """
    for kind, left in accepted.items():
        some = rejected.filter(pl.col(kind) > 0)
        count = int(some[kind].sum())
        total = count + left
        if count > max_fraction * total:
            raise SegueError(
                "Too much of the data was rejected.",
                where=some["where"][0] + (f" and {some.height - 1} more" if some.height > 1 else ""),
                found=f"{count:,} of {total:,} {kind} rejected ({count / total:.2%})",
                expected=f"at most {max_fraction:.2%}, since data.max_bad_fraction is {max_fraction:g}",
                fix="read quarantine.parquet in the results, mend the data or raise data.max_bad_fraction",
            )


def repeated_playlists(playlists: pl.DataFrame) -> pl.DataFrame:
    """A row of SCHEMA for each playlist whose pid stands in an earlier row of ``playlists`` (slice, pid)."""
    first = pl.col("slice").first().over("pid")
    where = pl.format("{} and {}", first, "slice")
    found = pl.format("pid {} {} times", "pid", pl.len().over("pid"))
    return playlists.select(
        "slice",
        "pid",
        pl.lit(1, pl.Int64).alias("playlists"),
        pl.lit(0, pl.Int64).alias("entries"),
        pl.lit(False).alias("whole_file"),
        pl.lit("A playlist stands in several slices.").alias("what"),
        where.alias("where"),
        found.alias("found"),
        pl.lit("each pid once").alias("expected"),
    ).filter(~playlists["pid"].is_first_distinct())
