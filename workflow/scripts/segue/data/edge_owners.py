"""Whose a track is: its artist and its album, in edge lists that have columns of them."""

import polars as pl

from segue.data.edge_checks import FIX, Checks
from segue.data.edge_faults import shown

OWNERS = ("artist", "album")


class Owners:
    """The artist and the album of each track by the rows that were read so far, of all lists of a run."""

    def __init__(self) -> None:
        schema = {"track": pl.String, "row": pl.UInt32, "path": pl.String}
        self._known = {side: pl.DataFrame(schema=schema | {side: pl.String}) for side in OWNERS}

    def checked(self, edges: pl.DataFrame, side: str, checks: Checks) -> pl.DataFrame:
        """``edges`` (row, track and the column ``side``) without rows that contradict an earlier one.

        A row without a value says nothing of its track. The first that has one says whose it is, in this list
        or in one that was checked before; others must say the same.
        """
        said = edges.drop_nulls(side).select("track", "row", side)
        # Each pair once: of millions of rows these are few.
        pairs = said.unique(["track", side], keep="first", maintain_order=True)
        pairs = pairs.select("track", "row", pl.lit(checks.path).alias("path"), side)
        first = pl.concat([self._known[side], pairs]).unique("track", keep="first", maintain_order=True)
        self._known[side] = first
        others = pairs.drop("row", "path").join(first, on="track", suffix="_first")
        others = others.filter(pl.col(side) != pl.col(f"{side}_first"))
        if others.is_empty():
            return edges
        wrong = said.join(others, on=["track", side], suffix="_first", maintain_order="left")
        checks.reject(
            wrong["row"],
            f"An edge list has a track of two {side}s",
            [
                f"{shown(value)} of the track {shown(track)}, and {shown(earlier)} in {path}: row {row}"
                for value, track, earlier, path, row in wrong.select(
                    side, "track", f"{side}_first", "path", "row_first"
                ).iter_rows()
            ],
            f"one {side} of a track in all its rows",
            f"{FIX}; or set data.edges.columns.{side} to null",
        )
        return edges.filter(~pl.col("row").is_in(wrong["row"].implode()))
