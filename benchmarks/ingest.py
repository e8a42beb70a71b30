"""Times ingest, from slice files to Parquet, against json.load and a Python loop.

    PYTHONPATH=workflow/scripts POLARS_MAX_THREADS=1 python benchmarks/ingest.py FOLDER
        [--slices 5] [--repeats 5] [--json FILE]

FOLDER holds slices of 1,000 playlists. Both sides read the same files from the page cache, collect the same
tables (which is checked) and write them as Parquet with zstd, on one thread: polars has one by
POLARS_MAX_THREADS, which must be set before Python starts. Segue checks every field and uri and takes a
CRC-32 of each slice. There are two references: `loop` looks at nothing twice, `checked` also checks types
and uris, as Segue does. The three take turns in one process; a ratio is the median of the turns' ratios, of
wall time and of CPU time. Peak memory is that of a process of its own that ingests all of the slices.
"""

import argparse
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from parse_slices import parse_slices
from segue.data.ingest import EDGE_SCHEMA, Tables
from segue.data.mpd import NAMES, PLAYLIST_SCHEMA, TRACK_SCHEMA
from segue.data.slices import Source, select_slices

URIS = {
    "track_uri": re.compile("spotify:track:[0-9A-Za-z]{22}"),
    "artist_uri": re.compile("spotify:artist:[0-9A-Za-z]+"),
    "album_uri": re.compile("spotify:album:[0-9A-Za-z]+"),
}
TEXTS = [name for name in NAMES if name not in URIS]
NUMBERS = [name for name, kind in PLAYLIST_SCHEMA.items() if kind == pl.Int64]


def segue(sources: list[Source], folder: Path) -> None:
    parse_slices(sources, {name: str(folder / f"{name}.parquet") for name in Tables._fields}, "fail", None)


def loop(sources: list[Source], folder: Path, *, check: bool = False) -> None:
    """The reference: what one writes without a thought of speed, and without waste."""
    ids: dict[str, int] = {}
    playlists: dict[str, list] = {name: [] for name in (*PLAYLIST_SCHEMA, "slice")}
    tracks: dict[str, list] = {name: [] for name in TRACK_SCHEMA}
    edges: dict[str, list] = {name: [] for name in EDGE_SCHEMA}
    for source in sources:
        with Path(source.path).open(encoding="utf-8") as file:
            contents = json.load(file)
        for playlist in contents["playlists"]:
            if check:
                require_playlist(playlist)
            number = len(playlists["pid"])
            for name in PLAYLIST_SCHEMA:
                playlists[name].append(playlist.get(name))
            playlists["slice"].append(source.name)
            pairs: dict[int, tuple[int, int]] = {}
            for entry in playlist["tracks"]:
                if check:
                    require_entry(entry)
                uri, position = entry["track_uri"], entry["pos"]
                track = ids.get(uri)
                if track is None:
                    track = ids[uri] = len(ids)
                    for name in TRACK_SCHEMA:
                        tracks[name].append(entry[name])
                if track in pairs:
                    first, count = pairs[track]
                    pairs[track] = min(first, position), count + 1
                else:
                    pairs[track] = position, 1
            for track, (position, count) in sorted(pairs.items(), key=lambda pair: (pair[1][0], pair[0])):
                edges["playlist"].append(number)
                edges["track"].append(track)
                edges["position"].append(position)
                edges["count"].append(count)
    frames = {
        "edges": pl.DataFrame(edges, EDGE_SCHEMA),
        "playlists": pl.DataFrame(playlists, PLAYLIST_SCHEMA | {"slice": pl.String}).with_columns(
            pl.col("collaborative") == "true"
        ),
        "tracks": pl.DataFrame(tracks, TRACK_SCHEMA),
    }
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet", compression="zstd")


def checked(sources: list[Source], folder: Path) -> None:
    loop(sources, folder, check=True)


def require_playlist(playlist: dict[str, Any]) -> None:
    if not (
        all(type(playlist[name]) is int for name in NUMBERS)
        and isinstance(playlist["name"], str)
        and playlist["collaborative"] in ("true", "false")
        and isinstance(playlist.get("description"), str | None)
    ):
        raise ValueError(playlist["pid"])


def require_entry(entry: dict[str, Any]) -> None:
    if not (
        type(entry["pos"]) is int
        and entry["pos"] >= 0
        and type(entry["duration_ms"]) is int
        and all(isinstance(entry[name], str) for name in TEXTS)
        and all(pattern.fullmatch(entry[name]) for name, pattern in URIS.items())
    ):
        raise ValueError(entry)


def peak_mib() -> int:
    """MiB that this process has had resident at most."""
    with Path("/proc/self/status").open() as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


SIDES: dict[str, Callable[[list[Source], Path], None]] = {"segue": segue, "loop": loop, "checked": checked}


def measure(sources: list[Source], repeats: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        folders = {side: Path(folder, side) for side in SIDES}
        turns = []
        for _ in range(repeats + 1):  # the first warms up
            turn = {}
            for side, ingest in SIDES.items():
                folders[side].mkdir(exist_ok=True)
                wall, cpu = time.perf_counter(), time.process_time()
                ingest(sources, folders[side])
                turn[side] = (time.perf_counter() - wall, time.process_time() - cpu)
            turns.append(turn)
        for name in ("edges", "playlists", "tracks"):
            tables = [pl.read_parquet(folders[side] / f"{name}.parquet") for side in SIDES]
            if not all(table.equals(tables[0]) for table in tables):
                raise SystemExit(f"the {name} differ")
    turns = turns[1:]
    megabytes = sum(Path(source.path).stat().st_size for source in sources) / 1e6
    results = {"slices": len(sources), "megabytes": round(megabytes, 1), "repeats": repeats}
    for side in SIDES:
        results[f"{side}_seconds_per_slice"] = round(
            median(turn[side][0] for turn in turns) / len(sources), 4
        )
        results[f"{side}_cpu_seconds_per_slice"] = round(
            median(turn[side][1] for turn in turns) / len(sources), 4
        )
    for side in ("loop", "checked"):
        for number, kind in enumerate(("wall", "cpu")):
            ratios = [turn[side][number] / turn["segue"][number] for turn in turns]
            results[f"{side}_{kind}_ratio"] = round(median(ratios), 2)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--slices", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--memory", action="store_true", help="print the peak in MiB of one ingest, and no more"
    )
    arguments = parser.parse_args()
    if os.environ.get("POLARS_MAX_THREADS") != "1" and not arguments.memory:
        raise SystemExit("set POLARS_MAX_THREADS=1, since the ratio is one of single cores")
    logging.disable()
    sources = select_slices(arguments.folder, arguments.slices, "numeric")
    if arguments.memory:
        with tempfile.TemporaryDirectory() as folder:
            segue(sources, Path(folder))
        print(peak_mib())
        return
    results = measure(sources, arguments.repeats)
    command = [sys.executable, __file__, arguments.folder, "--slices", str(arguments.slices), "--memory"]
    results["peak_mib"] = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    text = json.dumps(results, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
