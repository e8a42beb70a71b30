"""Writes the Parquet tables that ``parse_slices`` would make of MPD slices, without the slices.

    PYTHONPATH=workflow/scripts python benchmarks/graph_data.py FOLDER [--slices 50]

50 and 1,000 slices have the MPD's counts; the tracks of 400 lie on a power law between them. Playlist lengths
are log-normal (mean 66, mode 26, 5 to 250).
Each track is drawn once, and all other entries from a fifth of the tracks by log-normal popularities, whose
spread puts the first track on 4.66% of the playlists. Playlists have no taste of their own.
"""

import argparse
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import numpy as np
import polars as pl
import torch

from synthetic import TOP_SHARE

MEDIAN_LENGTH, SPREAD_LENGTH = 49.8, 0.8  # of a playlist, in tracks and nats
SHORTEST, LONGEST = 5, 250
RETURNING = 0.2  # of the tracks can be drawn again: the 30-core of 50 slices is then like the article's
ALPHABET = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)
ARTIST_TRACKS, ALBUM_TRACKS = 7, 3  # tracks of an artist and of an album, on average


@dataclass(frozen=True)
class Size:
    """What a number of slices holds, and how the ingest jobs divide them."""

    playlists: int
    tracks: int
    batches: int


SIZES = {
    50: Size(50_000, 462_000, 10),
    400: Size(400_000, 1_380_000, 40),
    1_000: Size(1_000_000, 2_262_292, 50),
}


def write_batches(folder: Path, size: Size, seed: int = 0) -> int:
    """Writes {batch}/edges.parquet, playlists.parquet and tracks.parquet; returns the number of edges."""
    rng = np.random.default_rng(seed)
    drawn = np.exp(np.log(MEDIAN_LENGTH) + SPREAD_LENGTH * rng.standard_normal(size.playlists))
    lengths = np.clip(np.rint(drawn), SHORTEST, LONGEST).astype(np.int64)
    entries = int(lengths.sum())
    once = rng.permutation(size.tracks)
    identity = rng.permutation(size.tracks)
    normal = NormalDist()
    # Of the entries drawn by popularity the first of T tracks gets the share that lies above the quantile
    # 1 - 1/T, and a log-normal weighted by itself is the same shifted by its spread.
    returning = round(RETURNING * size.tracks)
    share = TOP_SHARE * size.playlists / (entries - size.tracks)
    spread = normal.inv_cdf(1 - 1 / returning) - normal.inv_cdf(1 - share)
    catalogue = _catalogue(size.tracks, rng)
    edges = 0
    bounds = np.linspace(0, size.playlists, size.batches + 1).astype(np.int64)
    for batch, (first, last) in enumerate(pairwise(bounds.tolist())):
        playlist = np.repeat(np.arange(last - first), lengths[first:last])
        singles = once[batch :: size.batches]
        z = torch.from_numpy(rng.standard_normal(len(playlist) - len(singles)) + spread)
        rank = (returning * torch.special.ndtr(z)).numpy().astype(np.int64)
        track = np.append(singles, identity[np.minimum(rank, returning - 1)])
        pairs = np.unique(playlist * size.tracks + rng.permutation(track))
        _write(folder / str(batch), pairs, size.tracks, first, last, catalogue, rng)
        edges += len(pairs)
    return edges


def _write(folder, pairs, tracks, first, last, catalogue, rng) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    playlist, track = np.divmod(pairs, tracks)
    order = np.lexsort((rng.random(len(pairs)), playlist))  # on a playlist, tracks stand in any order
    rows, track = np.unique(track[order], return_inverse=True)
    playlist = playlist[order]
    starts = np.searchsorted(playlist, np.arange(last - first))
    position = np.arange(len(pairs)) - starts[playlist]
    edges = {"playlist": playlist, "track": track, "position": position, "count": np.ones_like(track)}
    table = pl.DataFrame(edges).cast(pl.Int32)
    table.write_parquet(folder / "edges.parquet", compression="zstd")
    pids = pl.DataFrame({"pid": np.arange(first, last)})
    thousand = pl.col("pid") // 1000 * 1000
    pids.with_columns(
        name=pl.format("Playlist {}", "pid"),
        description=pl.lit(None, pl.String),
        collaborative=pl.lit(False),
        slice=pl.format("mpd.slice.{}-{}.json", thousand, thousand + 999),
    ).write_parquet(folder / "playlists.parquet", compression="zstd")
    catalogue[rows].write_parquet(folder / "tracks.parquet", compression="zstd")


def _catalogue(tracks: int, rng: np.random.Generator) -> pl.DataFrame:
    artist = rng.integers(-(-tracks // ARTIST_TRACKS), size=tracks)
    album = rng.integers(-(-tracks // ALBUM_TRACKS), size=tracks)
    return pl.DataFrame(
        {
            "track_uri": _uris("track", tracks, rng),
            "track_name": pl.Series(np.arange(tracks)),
            "artist_uri": _uris("artist", int(artist.max()) + 1, rng).gather(artist),
            "artist_name": artist,
            "album_uri": _uris("album", int(album.max()) + 1, rng).gather(album),
            "album_name": album,
            "duration_ms": rng.integers(60_000, 400_000, tracks),
        }
    ).with_columns(
        track_name=pl.format("Track {}", "track_name"),
        artist_name=pl.format("Artist {}", "artist_name"),
        album_name=pl.format("Album {}", "album_name"),
    )


def _uris(kind: str, count: int, rng: np.random.Generator) -> pl.Series:
    """Distinct with all but certainty: 62^22 are possible."""
    text = ALPHABET[rng.integers(62, size=(count, 22), dtype=np.uint8)].tobytes().decode()
    return pl.Series([f"spotify:{kind}:{text[at : at + 22]}" for at in range(0, 22 * count, 22)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, choices=SIZES, default=50)
    options = parser.parse_args()
    print(f"{write_batches(options.folder, SIZES[options.slices]):,} edges in {options.folder}")


if __name__ == "__main__":
    main()
