"""Slices of invented playlists in the MPD's format.

A slice depends on the settings and its own number alone: it is the same whether made by itself or among a
thousand, so slices are made in parallel, and a run of more slices holds those of a smaller one.
"""

import math
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from segue.files import atomic
from segue.sample import names
from segue.sample.catalogue import Catalogue, SampleSettings
from segue.sample.playlists import KINDS, Themes, distinct, draw_playlists, make_themes
from segue.sample.variants import varied

DURATION = (math.log(225_000), 0.25)  # ms, log-normal: about four minutes
DESCRIPTIONS = 0.019  # share of playlists that have one (MPD)
COLLABORATIVE = 0.02  # share of playlists
FOLLOWERS = (0.75, 0.15)  # shares of playlists that have 1 and 2 (MPD); the others follow a power law
DAY = 86_400  # s
DATES = (14_610, 17_471)  # days since 1970: 2010-01-01 to before 2017-11-01 (MPD)
GENERATED_ON = "2017-11-01 00:00:00.000000"  # no clock: a slice is the same bytes whenever it is made


def make_slice(catalogue: Catalogue, settings: SampleSettings, index: int) -> dict[str, Any]:
    """Slice ``index`` as the MPD's JSON object, with the pids ``index * n`` to ``index * n + n - 1``."""
    count = settings.playlists_per_slice
    themes = make_themes(catalogue, settings, index)
    owner, track = draw_playlists(catalogue, themes, settings, index)
    lengths = np.bincount(owner, minlength=count)
    rng = settings.rng(3, index)

    heard, place = np.unique(track, return_inverse=True)
    duration_ms = durations(settings.seed, heard)
    fields = track_fields(catalogue, settings.seed, heard, duration_ms)
    entries = [
        [{"pos": pos, **fields[i]} for pos, i in enumerate(part.tolist())]
        for part in np.split(place, np.cumsum(lengths)[:-1])
    ]
    days = DATES[0] + (DATES[1] - DATES[0]) * rng.random(count) ** (1 / 3)  # more and more towards the end
    followers = np.digitize(rng.random(count), np.cumsum(FOLLOWERS))
    crowd = 3 + rng.pareto(1.5, size=count).astype(np.int64)
    first = index * count
    titles = _titles(settings.seed, themes, rng)
    titles, _ = varied(titles, settings.title_variants, settings.rng(4, index))
    columns = {
        "name": titles,
        "collaborative": np.where(rng.random(count) < COLLABORATIVE, "true", "false").tolist(),
        "pid": range(first, first + count),
        "modified_at": (DAY * days.astype(np.int64)).tolist(),
        "num_tracks": lengths.tolist(),
        "num_albums": distinct(owner, catalogue.album[track], count).tolist(),
        "num_followers": np.choose(followers, (1, 2, crowd)).tolist(),
        "tracks": entries,
        "num_edits": (1 + lengths * rng.random(count) ** 3).astype(np.int64).tolist(),
        "duration_ms": np.bincount(owner, duration_ms[place]).astype(np.int64).tolist(),
        "num_artists": distinct(owner, catalogue.artist[track], count).tolist(),
    }
    playlists = _records(columns)
    for described in np.flatnonzero(rng.random(count) < DESCRIPTIONS):
        playlists[described]["description"] = names.DESCRIPTIONS[rng.integers(len(names.DESCRIPTIONS))]
    info = {"generated_on": GENERATED_ON, "slice": f"{first}-{first + count - 1}", "version": "v1"}
    return {"info": info, "playlists": playlists}


def track_fields(
    catalogue: Catalogue, seed: int, tracks: np.ndarray, duration_ms: np.ndarray
) -> list[dict[str, str | int]]:
    """The entry of each of ``tracks`` [n], without its ``pos``; ``duration_ms``: int64 [n]."""
    columns = {
        "artist_name": _each_once(names.coin_names, catalogue.artist[tracks], seed, "artist", names.ARTISTS),
        "track_uri": names.coin_uris(seed, "track", tracks),
        "artist_uri": _each_once(names.coin_uris, catalogue.artist[tracks], seed, "artist"),
        "track_name": names.coin_names(seed, "track", names.TRACKS, tracks),
        "album_uri": _each_once(names.coin_uris, catalogue.album[tracks], seed, "album"),
        "duration_ms": duration_ms.tolist(),
        "album_name": _each_once(names.coin_names, catalogue.album[tracks], seed, "album", names.ALBUMS),
    }
    return _records(columns)


def durations(seed: int, tracks: np.ndarray) -> np.ndarray:
    """Length of each of ``tracks`` in ms, int64; log-normal by the method of Box and Muller."""
    angle, radius = (
        (names.hashed(seed, f"duration {part}", tracks) >> np.uint64(11)) / 2**53 for part in (0, 1)
    )
    normal = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle)
    return np.exp(DURATION[0] + DURATION[1] * normal).astype(np.int64)


def write_slice(path: str | Path, contents: dict[str, Any]) -> None:
    """Writes ``contents`` as UTF-8 JSON, indented by four spaces like the MPD, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(contents), indent=4) + b"\n")


def _titles(seed: int, themes: Themes, rng: np.random.Generator) -> list[str]:
    count = len(themes.kind)
    artists = names.coin_names(seed, "artist", names.ARTISTS, themes.favourites[:, 0])
    words = rng.integers(len(names.LONG), size=count).tolist()
    choices, kinds = rng.random(count).tolist(), [tuple(KINDS)[kind] for kind in themes.kind]
    subjects = (getattr(themes, name).tolist() for name in ("genre", "second", "era", "mood"))
    return [
        names.playlist_title(
            kind, choice, word, genre=genre, second=second, era=era, mood=mood, artist=artist
        )
        for kind, choice, word, artist, genre, second, era, mood in zip(
            kinds, choices, words, artists, *subjects, strict=True
        )
    ]


def _each_once(coin: Any, numbers: np.ndarray, seed: int, kind: str, *patterns: Any) -> list[str]:
    """What ``coin`` makes of ``numbers``, made once for each different one."""
    once, place = np.unique(numbers, return_inverse=True)
    coined = coin(seed, kind, *patterns, once)
    return [coined[i] for i in place.tolist()]


def _records(columns: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
