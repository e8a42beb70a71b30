"""The slices, folders and archives of slices.yaml, made anew for each run of its test.

Nothing with the name of a slice is committed, whatever it holds: so that no slice of the MPD ever is.
"""

import codecs
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zstandard
from slice_cases import ENCRYPTED, FLAGS, METHOD, change_last_member, damage_last_member, slice_text

DEFLATE64 = 9


def _track(number: int, **fields: Any) -> dict[str, Any]:
    by = {"artist_name": "The Inventions", "artist_uri": f"spotify:artist:{1:022}"}
    on = {"album_name": "Firsts", "album_uri": f"spotify:album:{1:022}"}
    uri = f"spotify:track:{number:022}"
    return {"track_uri": uri, "track_name": f"Song {number}"} | by | on | fields


LOCAL = _track(
    0,
    track_uri="spotify:local:A+Friend:Demos:Kitchen+Tape:187",
    track_name="Kitchen Tape",
    artist_name="A Friend",
    artist_uri=None,
    album_uri=None,
)


def _text(playlists: dict[int, list[int | dict[str, Any]]], indent: int | None = 2) -> bytes:
    """A slice of these pids and their tracks, by number or whole."""
    counts = {"num_albums": 1, "num_artists": 1}  # what a local file lacks is no album and no artist
    described = [
        {"pid": pid, "tracks": [_track(one) if isinstance(one, int) else one for one in tracks]} | counts
        for pid, tracks in playlists.items()
    ]
    return slice_text(described, indent).encode()


FIRST, SECOND = _text({0: [1, 2], 1: [2, 3]}), _text({2: [3], 3: [1, 4]})
NAMES = "mpd.slice.0-1.json", "mpd.slice.2-3.json"
BOTH = dict(zip(NAMES, (FIRST, SECOND), strict=True))


def _file(contents: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(contents)


def _folder(files: dict[str, bytes]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        for name, contents in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(contents)

    return make


def _zip(
    files: dict[str, bytes],
    method: int = zipfile.ZIP_DEFLATED,
    then: Callable[[Path], None] = lambda path: None,
) -> Callable[[Path], None]:
    """``then``: what is done to the archive."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, contents in files.items():
                archive.writestr(name, contents)
        then(path)

    return make


def _tar(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, contents in BOTH.items():
            member = tarfile.TarInfo(f"data/{name}")
            member.size = len(contents)
            archive.addfile(member, io.BytesIO(contents))


def _zip_in_zip(path: Path) -> None:
    inner = path.with_name("inner")
    _zip(WHOLE)(inner)
    _zip({"download/spotify_million_playlist_dataset.zip": inner.read_bytes()})(path)
    inner.unlink()


IN_DATA = {f"data/{name}": contents for name, contents in BOTH.items()}
IN_DATASET = {f"spotify_million_playlist_dataset/{name}": contents for name, contents in IN_DATA.items()}
WHOLE = {"data/": b"", **IN_DATA, "README.md": b"Two slices\n"}
CUT_OFF = _text({16: [1, 2], 17: [3]})

MAKERS: dict[str, Callable[[Path], None]] = {
    NAMES[0]: _file(FIRST),
    "mpd.slice.2-3.json.gz": _file(gzip.compress(SECOND)),
    "mpd.slice.4-5.json.zst": _file(zstandard.compress(_text({4: [1], 5: [5, 1]}))),
    "mpd.slice.6-7.json": _file(codecs.BOM_UTF8 + _text({6: [6], 7: [2, 1]}, indent=None)),
    "mpd.slice.8-9 (1).json": _file(_text({8: [1, 2], 9: [9]})),
    "mpd.slice.10-11.json": _file(
        _text({10: [1], 11: [2, 1]}).replace(b'"false"', b"true", 1).replace(b'"false"', b"false")
    ),
    "unpacked": _folder(
        {**IN_DATASET, "spotify_million_playlist_dataset/stats.txt": b"number of playlists 4\n"}
    ),
    "mpd.zip": _zip(WHOLE),
    "mpd.slice.12-13.json": _file(_text({12: [1, LOCAL, 3], 13: [2]})),
    "mpd.slice.14-15.json": _file(_text({14: [1, _track(2, track_uri="spotify:track:short")], 15: [3]})),
    "mpd.slice.16-17.json": _file(CUT_OFF[: CUT_OFF.rindex(b"artist:")]),
    "mpd.slice.18-19.json": _file(_text({18: [1, 2], 19: [3]}).replace(b"List 18", "Café".encode("cp1252"))),
    "mpd.slice.20-21.json": _file(b""),
    "copied": _folder({NAMES[0]: FIRST, "mpd.slice.0-1 (1).json": FIRST}),
    "two_folders": _folder({f"backup/{NAMES[0]}": FIRST, f"data/{NAMES[0]}": FIRST}),
    "mpd.tar.gz": _tar,
    "zip_in_zip.zip": _zip_in_zip,
    "deflate64.zip": _zip(IN_DATA, then=lambda path: change_last_member(path, METHOD, lambda _: DEFLATE64)),
    "encrypted.zip": _zip(
        {f"data/{NAMES[0]}": FIRST},
        then=lambda path: change_last_member(path, FLAGS, lambda flags: flags | ENCRYPTED),
    ),
    "damaged_lzma.zip": _zip(IN_DATA, zipfile.ZIP_LZMA, damage_last_member),
}
