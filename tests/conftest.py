"""Fixtures for several folders of tests. Every name in them is invented."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

# Before torch and the like are imported: `make test` has a process a core, and a rule's script takes what its
# rule has. Polars has two, so that an order that its threads decide can show.
for name in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
    os.environ.setdefault(f"{name}_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "2")

# No deadline: these machines are shared and noisy. The same examples each time: a red run can be run again.
settings.register_profile("segue", deadline=None, derandomize=True)
settings.load_profile("segue")

# What takes longest starts first, so that no process is left with it at the end; by name within tests/. Of
# two processes one makes the finished run, for the kills, while the other has a file that does not need it.
LONGEST = (
    "workflow/test_torture.py",
    "workflow/test_challenge.py",
    "workflow/test_run.py",
    "workflow/test_edges_source.py",
    "workflow/test_faults.py",
    "workflow/test_staleness.py",
    "workflow/test_extending.py",
    "workflow/test_bad_input.py",
    "workflow/test_elsewhere.py",
    "workflow/test_slices_to_tables.py",
    "workflow/test_report_in_browser.py",
    "workflow/test_gpu_workstation.py",
    "workflow/test_dry_run.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    place = {str(folder / name): number for number, name in enumerate(LONGEST)}
    assert all(map(os.path.isfile, place))
    items.sort(key=lambda item: place.get(str(item.path), len(LONGEST)))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """A function ``made_once(name, make)``: the folder of that name, which ``make(folder)`` has filled.

    Whichever of the processes of one `make test` comes first makes it, and the others wait for it.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(name: str, make: Callable[[Path], None]) -> Path:
        folder, made = base / name, base / f"{name}.made"
        with FileLock(base / f"{name}.lock"):
            if not made.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of one that failed
                folder.mkdir()
                make(folder)
                made.touch()
        return folder

    return once


@pytest.fixture(scope="session")
def write_slice() -> Callable[[Path, list[dict[str, Any]]], Path]:
    """A function that writes playlists to a path as a slice in the MPD's format, and returns the path.

    A playlist is given by the fields that matter to the test, the others have plain values:
    ``{"pid": 7, "tracks": ["a", {"track_uri": ..., "pos": 3}]}``. A track may be a string of letters and
    digits: ``"a"`` has the uri ``spotify:track:000000000000000000000a`` and the name "Song a", is by
    "Artist a" and from "Album a".
    """

    def write(path: Path, playlists: list[dict[str, Any]]) -> Path:
        info = {"generated_on": "2017-11-01 00:00:00.000000", "slice": "0-999", "version": "v1"}
        contents = {"info": info, "playlists": [_playlist(**fields) for fields in playlists]}
        path.write_text(json.dumps(contents, ensure_ascii=False), encoding="utf-8")
        return path

    return write


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


@pytest.fixture
def small_disk(tmp_path_factory):
    """A function that mounts a new file system of some KiB (tmpfs), and returns its folder."""
    mounted = []

    def mount(kib, folder=None):
        folder = folder or tmp_path_factory.mktemp("small disk")
        options = ["-t", "tmpfs", "-o", f"size={kib}k", "tmpfs"]
        done = subprocess.run(["mount", *options, folder], capture_output=True, text=True, check=False)  # noqa: S607
        if done.returncode:
            pytest.skip(f"mounting a small disk is not allowed here: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)  # noqa: S607
