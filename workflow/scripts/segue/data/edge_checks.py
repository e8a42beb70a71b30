"""Rows of an edge list checked one thing after the other: a bad one raises, or is set aside and counted."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from segue.data.edge_faults import edge_error, quotes_error, shown
from segue.data.quarantine import SCHEMA

ROLES = ("train", "validation", "test")
SPLIT = pl.Enum(ROLES)
ALIASES = {role: role for role in ROLES} | {
    "training": "train",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "testing": "test",
}
MAX_POSITION = 2**31 - 1
# As programs write that there is no value; an id that is spelled so cannot be told from it.
MISSING = ("NaN", "nan", "NA", "<NA>", "N/A", "NULL", "null", "None", "\\N")
NO_VALUE = ", which stands for no value"
FIX = "mend or remove the row, or set data.on_bad_slice to quarantine to go on without such rows"


@dataclass
class Checks:
    """Of the edge list ``path``; ``quarantine``: whether bad rows are set aside, or the first raises."""

    path: str
    quarantine: bool
    _rejected: list[pl.DataFrame] = field(default_factory=list)

    def rejected(self) -> pl.DataFrame:
        """`segue.data.quarantine.SCHEMA`, in the order of the rows; each is an entry by itself."""
        listed = pl.concat([pl.DataFrame(schema=SCHEMA | {"row": pl.UInt32}), *self._rejected])
        return listed.sort("row", maintain_order=True).drop("row")

    def widths(self, ragged: pl.DataFrame, width: int, fix: str) -> None:
        """``ragged``: row and width of the rows with more or fewer fields than ``width``."""
        few = (ragged["width"] < width).alias("few")
        for (is_few,), rows in ragged.group_by(few, maintain_order=True):
            self.reject(
                rows["row"],
                f"A row of an edge list has too {'few' if is_few else 'many'} fields",
                [f"{found} field(s)" for found in rows["width"]],
                f"{width}, as in the first row",
                fix,
            )

    def ids(self, edges: pl.DataFrame, side: str) -> pl.DataFrame:
        """``edges`` with an id in the column ``side``. One over two lines raises SegueError in any case."""
        text = edges[side]
        bad = text.is_null() | (text.str.strip_chars() == "") | text.is_in(MISSING)
        what = f"An edge list has a {side} without an id"
        edges = self._sift(edges, bad, side, what, f"the id of a {side}")
        self._require_one_line(edges, side)
        return edges

    def owners(self, edges: pl.DataFrame, side: str) -> pl.DataFrame:
        """``edges`` with null in the column ``side`` where its text stands for no value."""
        text = pl.col(side)
        none = (text.str.strip_chars() == "") | text.is_in(MISSING)
        edges = edges.with_columns(pl.when(~none).then(text).alias(side))
        self._require_one_line(edges, side)
        return edges

    def _require_one_line(self, edges: pl.DataFrame, side: str) -> None:
        broken = edges.filter(pl.col(side).str.contains_any(["\n", "\r"]))
        if not broken.is_empty():
            row, text = broken.select("row", side).row(0)
            raise quotes_error(f"{self.path}: row {row}", f"a line break in {shown(text)}")

    def positions(self, edges: pl.DataFrame) -> pl.DataFrame:
        text = edges["position"]
        numbers = text.str.contains("^[0-9]+$").fill_null(False)
        positions = pl.select(pl.when(numbers).then(text)).to_series().cast(pl.Int64, strict=False)
        edges = self._sift(
            edges,
            positions.is_null() | (positions > MAX_POSITION).fill_null(True),
            "position",
            "An edge list has a position that is none",
            f"an integer from 0 to {MAX_POSITION}",
            f"{FIX}, or set data.edges.columns.position to null and sort the rows instead",
        )
        return edges.with_columns(pl.col("position").cast(pl.Int32))

    def splits(self, edges: pl.DataFrame) -> pl.DataFrame:
        text = edges["split"].str.strip_chars().str.to_lowercase()
        roles = text.replace_strict(ALIASES, default=None, return_dtype=pl.String)
        edges = edges.with_columns(roles.alias("role"))
        edges = self._sift(
            edges,
            roles.is_null(),
            "split",
            "An edge list has a split of another name",
            f"one of {', '.join(ALIASES)}",
            f"{FIX}, rename the value, or correct split.column",
        )
        return edges.with_columns(pl.col("role").cast(SPLIT).alias("split")).drop("role")

    def _sift(
        self, edges: pl.DataFrame, bad: pl.Series, column: str, what: str, expected: str, fix: str = FIX
    ) -> pl.DataFrame:
        """``edges`` without those that are ``bad``, for what ``column`` holds."""
        if not bad.any():
            return edges
        wrong = edges.filter(bad)
        found = [shown(text or None) + (NO_VALUE if text in MISSING else "") for text in wrong[column]]
        self.reject(wrong["row"], what, found, expected, fix)
        return edges.filter(~bad)

    def reject(self, rows: pl.Series, what: str, found: list[str], expected: str, fix: str) -> None:
        """The first of ``rows`` raises, or all are set aside; ``found``: what each has."""
        if not self.quarantine:
            where = f"{self.path}: row {rows[0]}"
            raise edge_error(f"{what} ({len(rows):,} in all).", where, found[0], expected, fix)
        known = {"slice": Path(self.path).name, "playlists": 0, "entries": 1, "whole_file": False}
        known |= {"what": f"{what}.", "expected": expected}
        listed = pl.DataFrame({"row": rows, "found": found}).with_columns(
            pl.format("{}: row {}", pl.lit(self.path), "row").alias("where"),
            pl.lit(None, pl.Int64).alias("pid"),
            *(pl.lit(value, SCHEMA[key]).alias(key) for key, value in known.items()),
        )
        self._rejected.append(listed.select(*SCHEMA, "row"))
