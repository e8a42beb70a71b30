"""A challenge set that is given, as the organisers' is: read, refused where it is none, and counted."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from segue.errors import SegueError
from segue.jobs import log
from segue.serve.forms import Playlist
from segue.serve.read import read_playlists

FIX = "give the organisers' challenge_set.json as it is"


def read_challenge_set(path: str | Path) -> list[Playlist]:
    """The playlists of ``path``, in its order; logs the rows that are left out.

    Raises SegueError where it cannot be read, is no challenge set (a playlist has no pid), or has no title at
    all: one category of ten has nothing else, and all that goes by titles would be asked for nothing.
    """
    read = read_playlists(path)
    playlists, where = read.playlists, str(path)
    unnumbered = sum(playlist.pid is None for playlist in playlists)
    if unnumbered:
        raise SegueError(
            "The file is no challenge set.",
            where=where,
            found=f"{unnumbered:,} of {len(playlists):,} playlists without a pid",
            expected="JSON with playlists, each with its pid, which a submission names it by",
            fix=FIX,
        )
    if not any(_titled(playlist) for playlist in playlists):
        raise SegueError(
            "All titles of the challenge set are missing.",
            where=where,
            found=f"{len(playlists):,} playlists, none with a name",
            expected="a name for most: a playlist without tracks has nothing else to go by, and neighbours "
            "and channels by title, and the second stage that learned from them, would find nothing",
            fix=f"{FIX}; `segue continue` answers for playlists that have tracks alone",
        )
    for row in read.left_out:
        log.warning("left out: %s", row)
    return playlists


def counted(playlists: Sequence[Playlist], known: Collection[str]) -> dict[str, Any]:
    """How many playlists there are, with a title, and by number of given tracks; the distinct given tracks,
    and how many of them are ``known``, uris that the run has read."""
    sizes = Counter(len(set(playlist.tracks)) for playlist in playlists)
    tracks = {track for playlist in playlists for track in playlist.tracks}
    return {
        "playlists": len(playlists),
        "titled": sum(map(_titled, playlists)),
        "given": [{"tracks": size, "playlists": sizes[size]} for size in sorted(sizes)],
        "tracks": len(tracks),
        "tracks_read": len(tracks.intersection(known)),
    }


def _titled(playlist: Playlist) -> bool:
    return bool((playlist.title or "").strip())
