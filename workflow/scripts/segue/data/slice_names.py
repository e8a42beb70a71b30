"""What the name of a slice's file says, and where a slice lies."""

import re
from typing import NamedTuple

# As file managers and browsers name a copy: "... (1)", "... copy 2", "... - Copy".
COPY = r"(?: ?\([0-9]+\)| copy(?: [0-9]+)?| - copy(?: \([0-9]+\))?)"
NAME = re.compile(
    rf"(?:copy of )?mpd\.slice\.([0-9]+)-([0-9]+){COPY}?\.json{COPY}?(?:\.gz|\.zst)?", re.IGNORECASE
)
NAMES = "mpd.slice.{first pid}-{last pid}.json, .json.gz or .json.zst"
PACKED = (".gz", ".zst")

Pids = tuple[int, int]  # first and last pid of a slice, as its file name tells them


class Source(NamedTuple):
    """Where a slice lies: in the file ``path``, or in the zip archive ``path`` as ``member``."""

    path: str
    member: str | None = None

    @property
    def name(self) -> str:
        """The file name of the slice, such as ``mpd.slice.0-999.json.gz``."""
        return (self.path if self.member is None else self.member).rpartition("/")[2]

    @property
    def plain_name(self) -> str:
        """The MPD's name of the slice's text, ``mpd.slice.0-999.json``, whatever the file is called."""
        first, last = NAME.fullmatch(self.name).groups()
        return f"mpd.slice.{first}-{last}.json"

    @property
    def is_plain(self) -> bool:
        """Whether the bytes of ``path`` are the text."""
        return self.member is None and not self.name.lower().endswith(PACKED)

    @property
    def pids(self) -> Pids:
        """First and last pid, as the name tells them."""
        first, last = NAME.fullmatch(self.name).groups()
        return int(first), int(last)

    def __str__(self) -> str:
        return self.path if self.member is None else f"{self.path}: {self.member}"


def slice_name(first: int, last: int) -> str:
    """The file name of the slice that holds pids ``first`` to ``last``, both included."""
    return f"mpd.slice.{first}-{last}.json"
