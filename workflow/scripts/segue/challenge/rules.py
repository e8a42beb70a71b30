"""The RecSys Challenge's published rules of a submission, and where a file breaks them."""

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from segue.challenge.submission import CHALLENGE_TRACKS, LENGTH
from segue.data.mpd import are_uris
from segue.errors import SegueError
from segue.serve.forms import Playlist

MAX_LINE = 2**20  # bytes; a line of 500 uris has 19,000
PID = re.compile("[0-9]+")
DIGITS = 19  # of a pid, at most: it is below 2^63
GZIP = b"\x1f\x8b"  # how a packed file begins
SHOWN = 60  # characters of a field, in a message


class Rule(StrEnum):
    """In the words of the challenge's readme, nearly."""

    READABLE = "a submission is UTF-8 text, or such text packed by gzip where its name ends with .gz"
    TEAM_INFO = "the first line is team_info, the track (main or creative; AIcrowd has none), team, contact"
    PID = "a line begins with the pid of a playlist of the challenge set"
    ONE_LINE = "there is one line for each playlist of the challenge set"
    COUNT = f"a line holds exactly {LENGTH} tracks"
    URI = "a track is spotify:track: and 22 of the characters 0-9A-Za-z"
    DUPLICATE = "no track stands twice on a line"
    SEED = "no track is one of the playlist's seed tracks"


class Violation(NamedTuple):
    """``line``: its number in the unpacked file, from 1; None where the fault is what is not there."""

    line: int | None
    rule: Rule
    what: str

    def __str__(self) -> str:
        place = "the file" if self.line is None else f"line {self.line}"
        return f"{place}: {self.what} (rule: {self.rule})"


def violations(playlists: Sequence[Playlist], path: str | Path, where: str = "") -> list[Violation]:
    """Where the submission ``path`` breaks the rules of 2018, for the challenge set ``playlists`` of the
    file ``where``.

    In the order of lines, at most one a rule and line, missing playlists last; empty if the submission is
    right. Fields are separated by commas with any white space around, lines that are empty or start with #
    are skipped. A file that cannot be read to its end is judged as far as it goes, without a word on what
    is missing. A line is read at a time, so that the memory does not depend on the file.

    Raises SegueError when the challenge set has no playlist, or one without a pid or with the pid of
    another, which ``where`` names then, and when there is no file at ``path`` that can be opened.
    """
    given = _given(playlists, where)
    lines = _lines(path)
    found: list[Violation] = []
    line_of: dict[int, int] = {}
    first = True
    for number, line in lines:
        if isinstance(line, Violation):
            return [*found, line]
        if why := _why_no_text(line, number):
            return [*found, Violation(number, Rule.READABLE, f"{why}; the rest is not read")]
        text = line.decode()
        if text.startswith("#") or not text.strip():
            continue
        broken: list[tuple[Rule, str]] = []
        fields = [field.strip() for field in text.split(",")]
        if first:
            broken += _broken_by_header(fields)
        # Without a header, the first line may be a playlist's.
        if not first or PID.fullmatch(fields[0]):
            broken += _broken_by(fields, given, line_of, number)
        found += [Violation(number, rule, what) for rule, what in broken]
        first = False
    if first:
        found.append(Violation(None, Rule.TEAM_INFO, "no line"))
    missing = [pid for pid in given if pid not in line_of]
    return found + [Violation(None, Rule.ONE_LINE, f"no line of the pid {pid}") for pid in missing]


def require_valid(playlists: Sequence[Playlist], path: str | Path) -> None:
    """Raises SegueError with the first of the ``violations``, if there is one."""
    broken = violations(playlists, path)
    if broken:
        raise SegueError(
            "The submission breaks the rules of the challenge.",
            where=str(path),
            found=f"{broken[0]}; {len(broken):,} violation(s) in all",
            expected="none",
            fix="do not send it; segue check-submission lists what is wrong",
        )


def _broken_by_header(fields: list[str]) -> Iterator[tuple[Rule, str]]:
    # The rerun at AIcrowd, since 2020, has no tracks: team_info, the name of the team, a contact.
    has_track = len(fields) > 1 and fields[1] in CHALLENGE_TRACKS
    right = fields[0] == "team_info" and all(fields) and len(fields) == (4 if has_track else 3)
    if not right:
        yield Rule.TEAM_INFO, _shown(",".join(fields))


def _broken_by(
    fields: list[str], given: dict[int, frozenset[str]], line_of: dict[int, int], number: int
) -> Iterator[tuple[Rule, str]]:
    """What breaks the rules on a playlist's line; notes its ``number`` in ``line_of``."""
    name, *tracks = fields
    own: frozenset[str] = frozenset()
    if name == "team_info":
        yield Rule.TEAM_INFO, "team_info on a later line"
        return
    if not PID.fullmatch(name):
        yield Rule.PID, f"{_shown(name)} is no number"
    elif len(name) > DIGITS or (pid := int(name)) not in given:
        yield Rule.PID, f"{_shown(name)} is not in the challenge set"
    elif pid in line_of:
        yield Rule.ONE_LINE, f"the pid {pid} again, after line {line_of[pid]}"
    else:
        line_of[pid], own = number, given[pid]
    if len(tracks) != LENGTH:
        yield Rule.COUNT, f"{len(tracks)} tracks"
    if not are_uris("track_uri", tracks):
        yield Rule.URI, _first_of([not are_uris("track_uri", [track]) for track in tracks], tracks)
    distinct = set(tracks)
    if len(distinct) < len(tracks):
        before: set[str] = set()
        again = [track in before or before.add(track) is not None for track in tracks]
        yield Rule.DUPLICATE, _first_of(again, tracks)
    if not own.isdisjoint(distinct):
        yield Rule.SEED, _first_of([track in own for track in tracks], tracks)


def _first_of(faults: list[bool], tracks: list[str]) -> str:
    place, others = faults.index(True), sum(faults) - 1
    return f"track {place + 1}, {_shown(tracks[place])}" + (f", and {others} more" if others else "")


def _given(playlists: Sequence[Playlist], where: str) -> dict[int, frozenset[str]]:
    given: dict[int, frozenset[str]] = {}
    for number, playlist in enumerate(playlists, 1):
        if playlist.pid is None or playlist.pid in given:
            raise SegueError(
                "A challenge set has a playlist without a pid, or two with the same.",
                where=f"{where}: playlist number {number}" if where else f"playlist number {number}",
                found="no pid" if playlist.pid is None else f"the pid {playlist.pid} again",
                expected="a pid for each playlist, and no two the same",
                fix="give the challenge set itself, challenge_set.json, before the submission",
            )
        given[playlist.pid] = frozenset(playlist.tracks)
    if not given:
        raise SegueError("The challenge set has no playlist.", where=where, expected="one playlist or more")
    return given


def _lines(path: str | Path) -> Iterator[tuple[int, bytes | Violation]]:
    """The lines of ``path`` with their numbers; ends with a Violation where no more can be read."""
    number = 0
    try:
        with (
            Path(path).open("rb") as file,
            gzip.open(file) if str(path).lower().endswith(".gz") else file as text,
        ):
            while line := text.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    yield (
                        number,
                        Violation(number, Rule.COUNT, f"over {MAX_LINE:,} bytes; the rest is not read"),
                    )
                    return
                yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield number + 1, Violation(number + 1, Rule.READABLE, f"damaged gzip: {error}")
    except OSError as error:
        raise SegueError(
            "A submission cannot be read.",
            where=str(path),
            found=error.strerror or str(error),
            expected="a CSV file, or one packed by gzip (.csv.gz)",
            fix="check the path and its permissions",
        ) from error


def _why_no_text(line: bytes, number: int) -> str:
    """Why a line cannot be judged; empty where it can."""
    if number == 1 and line.startswith(GZIP):
        return "packed by gzip, and its name does not end with .gz"
    if b"\0" in line:
        return "no text: it has the byte 0x00"
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"no UTF-8, by the byte 0x{line[error.start]:02x}"
    return ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…")
