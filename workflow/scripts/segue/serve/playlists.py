"""A playlist that is to be continued."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Playlist:
    """``tracks``: raw uris, in any order; one that repeats counts once. ``pid``: where it has a number."""

    tracks: tuple[str, ...]
    title: str | None = None
    pid: int | None = None
