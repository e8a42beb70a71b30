"""Slices in the MPD's form, of invented playlists, and zip archives with something the matter."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

FLAGS, METHOD = 6, 8  # where a member's head in a zip archive has them; the directory has them two bytes on
ENCRYPTED = 1


def slice_text(playlists: list[dict[str, Any]], indent: int | None = None) -> str:
    """``playlists`` as a slice. Each is given by the fields that matter, the others have plain values:
    ``{"pid": 7, "tracks": ["a", {"track_uri": ..., "pos": 3}]}``. A track may be a string of letters and
    digits: ``"a"`` has the uri ``spotify:track:000000000000000000000a`` and the name "Song a", is by
    "Artist a" and from "Album a".
    """
    info = {"generated_on": "2017-11-01 00:00:00.000000", "slice": "0-999", "version": "v1"}
    contents = {"info": info, "playlists": [_playlist(**fields) for fields in playlists]}
    return json.dumps(contents, ensure_ascii=False, indent=indent)


def _playlist(pid: Any, tracks: list[str | dict[str, Any]], **fields: Any) -> dict[str, Any]:
    entries = [_entry(pos, track) for pos, track in enumerate(tracks)]
    plain = {
        "name": f"List {pid}",
        "collaborative": "false",
        "pid": pid,
        "modified_at": 1_500_000_000,
        "num_tracks": len(entries),
        "num_albums": len({entry["album_uri"] for entry in entries}),
        "num_followers": 1,
        "tracks": entries,
        "num_edits": 2,
        "duration_ms": sum(entry["duration_ms"] for entry in entries),
        "num_artists": len({entry["artist_uri"] for entry in entries}),
    }
    return plain | fields


def _entry(pos: int, track: str | dict[str, Any]) -> dict[str, Any]:
    key, fields = (track, {}) if isinstance(track, str) else ("x", track)
    plain = {
        "pos": pos,
        "artist_name": f"Artist {key}",
        "track_uri": f"spotify:track:{key:0>22}",
        "artist_uri": f"spotify:artist:{key:0>22}",
        "track_name": f"Song {key}",
        "album_uri": f"spotify:album:{key:0>22}",
        "duration_ms": 200_000,
        "album_name": f"Album {key}",
    }
    return plain | fields


def change_last_member(archive: str | Path, field: int, change: Callable[[int], int]) -> None:
    """``change``: from the byte at ``field``, FLAGS or METHOD, of the zip's last member to the new one."""
    path = Path(archive)
    whole = bytearray(path.read_bytes())
    for at in (whole.rindex(b"PK\x03\x04") + field, whole.rindex(b"PK\x01\x02") + field + 2):
        whole[at] = change(whole[at])
    path.write_bytes(whole)


def damage_last_member(archive: str | Path) -> None:
    """Overwrites packed bytes of the last member of the zip, behind what says how they are packed."""
    path = Path(archive)
    whole = bytearray(path.read_bytes())
    head = whole.rindex(b"PK\x03\x04")
    start = head + 30 + int.from_bytes(whole[head + 26 : head + 28], "little")
    whole[start + 9 : start + 20] = b"\xff" * 11
    path.write_bytes(whole)
