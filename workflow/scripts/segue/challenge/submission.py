"""The RecSys Challenge's submission file: a team_info line, then a pid and 500 tracks a line."""

import gzip
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

import polars as pl

from segue.data.mpd import URIS
from segue.errors import SegueError
from segue.files import atomic

LENGTH = 500  # tracks for each playlist
CHALLENGE_TRACKS = ("main", "creative")
# A quarter quicker than the default level, for a file a thirtieth larger: uris are random characters.
LEVEL = 1


def require_candidates(candidates: int, given: int, min_degree: int) -> None:
    """Raises SegueError where ``candidates``, the tracks of ``min_degree`` playlists or more, are too few to
    fill a playlist that has ``given`` of them already."""
    if candidates < LENGTH + given:
        raise SegueError(
            "There are too few candidates to fill every playlist of the challenge.",
            where="candidates.min_degree",
            found=f"{min_degree}, which {candidates:,} tracks reach",
            expected=f"{LENGTH + given:,} candidates or more: {LENGTH}, and {given} that are given",
            fix="lower candidates.min_degree, or read more slices",
        )


def write_submission(
    table: pl.DataFrame,
    path: str | Path,
    team: str,
    contact: str,
    challenge_track: Literal["main", "creative"] = "main",
) -> None:
    """Writes a submission to ``path``, whole or not at all; packed where the name ends with ``.gz``.

    ``table``: columns pid, rank and track_uri, a row for each recommended track, such as
    `serve.continuation` gives. The lines stand in the order in which the pids come first, their tracks in
    that of rank. The same table gives the same bytes.

    Raises SegueError, before anything is written, unless each playlist has a pid and the ranks 1 to 500
    with 500 distinct uris of the MPD's form, and ``team`` and ``contact`` are words without comma, quotation
    mark or line break. Given tracks among them are for `segue.challenge.rules`: the table does not tell them.
    """
    if challenge_track not in CHALLENGE_TRACKS:
        raise SegueError(
            "The challenge has no such track.",
            found=repr(challenge_track),
            expected=" or ".join(CHALLENGE_TRACKS),
        )
    for name, text in (("name of the team", team), ("contact", contact)):
        _require_field(name, text)
    lines = _lines(table)
    with atomic(path) as temporary, temporary.open("wb") as file, _packed(file, path) as target:
        target.write(f"team_info,{challenge_track},{team.strip()},{contact.strip()}\n".encode())
        for pid, uris in lines.iter_rows():
            target.write(f"{pid}, {uris}\n".encode())


def _lines(table: pl.DataFrame) -> pl.DataFrame:
    """pid and its uris, joined, of each playlist in the order of ``table``."""
    if table.is_empty():
        raise SegueError("There is no recommendation to submit.", expected="one playlist or more")
    if missing := table["pid"].null_count():
        raise SegueError("A recommendation has no pid.", found=f"{missing} such rows", expected="none")
    rank, uri = pl.col("rank"), pl.col("track_uri")
    playlists = table.group_by("pid", maintain_order=True).agg(
        uri.sort_by(rank).str.join(", ").alias("uris"),
        rank.len().alias("rows"),
        rank.drop_nulls().n_unique().alias("ranks"),
        uri.n_unique().alias("tracks"),
        rank.min().alias("first"),
        rank.max().alias("last"),
    )
    whole = (pl.col("first") == 1) & (pl.col("last") == LENGTH)
    for column in ("rows", "ranks", "tracks"):
        whole &= pl.col(column) == LENGTH
    wrong = playlists.filter(~whole.fill_null(False))
    for pid, _, rows, ranks, tracks, first, last in wrong.head(1).iter_rows():
        raise SegueError(
            "A playlist's recommendations are no line of a submission.",
            where=f"pid {pid}",
            found=f"{rows} rows, {ranks} ranks from {first} to {last}, {tracks} tracks; "
            f"{wrong.height} such playlist(s)",
            expected=f"{LENGTH} distinct tracks with the ranks 1 to {LENGTH}",
            fix=f"ask for {LENGTH} tracks for each playlist, of a catalogue that has as many",
        )
    pattern, form = URIS["track_uri"]
    right = uri.str.contains(f"^(?:{pattern.pattern})$").fill_null(False)
    for (other,) in table.select(uri.unique()).filter(~right).head(1).iter_rows():
        raise SegueError("A recommended track has no uri of the MPD.", found=repr(other), expected=form)
    return playlists.select("pid", "uris")


def _require_field(name: str, text: str) -> None:
    breaks = [char for char in text if char in ',"' or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    if breaks or not text.strip():
        raise SegueError(
            f"The {name} cannot stand in a submission.",
            found=repr(text),
            expected="a word or more, without comma, quotation mark, line break or other control character",
        )


@contextmanager
def _packed(file: IO[bytes], path: str | Path) -> Iterator[IO[bytes]]:
    """``file``, through gzip where ``path`` ends with .gz; without a time and a name, which differ by run."""
    if not str(path).lower().endswith(".gz"):
        yield file
        return
    with gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=file, mtime=0) as packed:
        yield packed
