"""Playlists as they are given, by uris."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Playlist:
    tracks: tuple[str, ...]
    title: str | None = None
    pid: int | None = None
