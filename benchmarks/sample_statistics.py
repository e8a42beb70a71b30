"""Measures the built-in sample's playlists against published statistics of the MPD, and times writing slices.

    PYTHONPATH=workflow/scripts python benchmarks/sample_statistics.py [--slices 1000] [--json FILE]

Playlists are drawn as track numbers, which is what all but the names and the JSON depends on. The 30-core
is that of the first 50 slices. Writing is timed for slices made and written one after another by one process.
"""

import argparse
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
import yaml

from measuring import seconds
from segue.graph.kcore import corenesses, ladder
from segue.sample.catalogue import Catalogue, SampleSettings, load_catalogue, make_catalogue, save_catalogue
from segue.sample.playlists import draw_playlists, make_themes
from segue.sample.slices import make_slice, write_slice

CONFIG = Path(__file__).parents[1] / "config/config.yaml"
CHECKPOINTS = (10, 50, 100, 1000)  # slices
CORE_SLICES, CORE_K = 50, 30
# Statistic, slices, the MPD's value, and how far the sample may be from it (relative); None: not a bar.
PUBLISHED = [
    ("entries", 10, 664_712, 0.05),
    ("artists", 10, 35_637, 0.15),
    ("entries", 50, 3_320_000, 0.03),
    ("tracks", 50, 462_000, 0.10),
    ("core playlists", 50, 22_563, 0.20),
    ("core tracks", 50, 12_247, 0.20),
    ("core edges", 50, 1_578_286, 0.20),
    ("entries", 100, 6_677_800, 0.03),
    ("pairs", 100, 6_589_079, None),
    ("tracks", 100, 681_805, 0.10),
    ("artists", 100, 110_063, 0.10),
    ("albums", 100, 271_413, 0.10),
    ("mean length", 100, 66.35, 0.02),
    ("repeats", 100, 0.0133, 0.003 / 0.0133),
    ("top track", 100, 0.0466, 0.15),
    ("20th track", 100, 0.0305, None),
    ("top artist", 100, 0.0128, None),
    ("entries", 1000, 66_346_428, None),
    ("tracks", 1000, 2_262_292, None),
    ("artists", 1000, 295_860, None),
    ("albums", 1000, 734_684, None),
]


def sample_settings() -> SampleSettings:
    """Those of the default run."""
    return SampleSettings(**yaml.safe_load(CONFIG.read_text())["data"]["sample"])


def statistics(catalogue: Catalogue, settings: SampleSettings, checkpoints: Iterable[int]) -> dict:
    """By number of slices (as text, for JSON) the statistics of the first so many slices."""
    checkpoints = sorted(checkpoints)
    used = np.zeros(settings.tracks, dtype=np.int32)  # playlists of each track
    entries, edges, results = 0, [], {}
    for index in range(checkpoints[-1]):
        themes = make_themes(catalogue, settings, index)
        owner, track = draw_playlists(catalogue, themes, settings, index)
        entries += len(track)
        pairs = np.unique(owner * settings.tracks + track)
        playlist, track = np.divmod(pairs, settings.tracks)
        np.add.at(used, track, 1)
        if index < CORE_SLICES <= checkpoints[-1]:
            edges.append(np.stack([playlist + index * settings.playlists_per_slice, track]))
        if index + 1 in checkpoints:
            playlists = (index + 1) * settings.playlists_per_slice
            results[str(index + 1)] = _statistics(catalogue, used, entries, playlists)
    if edges:
        results[str(CORE_SLICES)] = results.get(str(CORE_SLICES), {}) | _core(np.concatenate(edges, axis=1))
    return results


def _statistics(catalogue: Catalogue, used: np.ndarray, entries: int, playlists: int) -> dict:
    seen, pairs = np.flatnonzero(used), int(used.sum())
    most = np.sort(used[seen])[::-1]
    return {
        "entries": entries,
        "pairs": pairs,
        "tracks": len(seen),
        "artists": len(np.unique(catalogue.artist[seen])),
        "albums": len(np.unique(catalogue.album[seen])),
        "mean length": entries / playlists,
        "repeats": 1 - pairs / entries,
        "top track": int(most[0]) / playlists,
        "20th track": int(most[19]) / playlists,
        "top artist": np.bincount(catalogue.artist, used).max() / pairs,
    }


def _core(edges: np.ndarray) -> dict:
    playlist, track = (np.unique(row, return_inverse=True)[1].astype(np.int32) for row in edges)
    cores = corenesses(playlist, track, playlist.max() + 1, track.max() + 1)
    core = ladder(playlist, track, cores, CORE_K).row(by_predicate=pl.col("k") == CORE_K, named=True)
    return {f"core {name}": core[name] for name in ("playlists", "tracks", "edges")}


def writing(settings: SampleSettings, slices: int) -> dict:
    """Seconds to make the catalogue, to load it, and (median) to make and write a slice; the file's size."""
    with tempfile.TemporaryDirectory() as folder:
        file, target = Path(folder) / "catalogue.safetensors", Path(folder) / "slice.json"
        making = seconds(lambda: save_catalogue(make_catalogue(settings), file))
        loading = seconds(lambda: load_catalogue(file))
        catalogue = load_catalogue(file)
        times = [
            seconds(lambda index=index: write_slice(target, make_slice(catalogue, settings, index)))
            for index in range(slices)
        ]
        return {
            "catalogue_seconds": making,
            "load_seconds": loading,
            "slice_seconds": median(times),
            "slice_bytes": target.stat().st_size,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slices", type=int, default=1000, help="at most so many are drawn")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    settings = sample_settings()
    results = {"writing": writing(settings, 10)}
    checkpoints = [count for count in CHECKPOINTS if count <= options.slices]
    results["statistics"] = statistics(make_catalogue(settings), settings, checkpoints)
    for name, slices, value, _ in PUBLISHED:
        if str(slices) in results["statistics"]:
            measured = results["statistics"][str(slices)][name]
            figures = f"{measured:>14,.6g} {value:>14,.6g} {measured / value - 1:+.1%}"
            print(f"{slices:>5} slices  {name:<15} {figures}")
    print(results["writing"])
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
