"""What was rejected: slices and playlists that could not be read, and why."""

import polars as pl

from segue.errors import SegueError

# ``pid`` is null where a whole file was rejected.
# ``playlists`` is then the number that its name promises, and 1 otherwise.
# ``what``, ``where``, ``found`` and ``expected`` are those of the SegueError that says why.
SCHEMA = {
    "slice": pl.String,
    "pid": pl.Int64,
    "playlists": pl.Int64,
    **dict.fromkeys(("what", "where", "found", "expected"), pl.String),
}


def require_few_rejected(rejected: pl.DataFrame, accepted: int, max_fraction: float) -> None:
    """Raises SegueError when over ``max_fraction`` of all playlists are in ``rejected`` (SCHEMA).

    ``accepted``: the playlists that are left.
    """
    count = int(rejected["playlists"].sum())
    total = count + accepted
    if count > max_fraction * total:
        first = rejected.row(0, named=True)
        raise SegueError(
            "Too much of the data was rejected.",
            where=first["where"] + (f" and {rejected.height - 1} more" if rejected.height > 1 else ""),
            found=f"{count:,} of {total:,} playlists rejected ({count / total:.2%})",
            expected=f"at most {max_fraction:.2%}, since data.max_bad_fraction is {max_fraction:g}",
            fix="see quarantine.parquet in the results, mend the slices or raise data.max_bad_fraction",
        )
