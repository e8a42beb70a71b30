"""The sample's catalogue: invented artists, albums and tracks, as popular as those of the MPD.

Constants marked MPD are published statistics of the Million Playlist Dataset. Those marked fitted were
chosen so that samples of 10 to 1,000 slices have its numbers of distinct tracks, albums and artists
(benchmarks/RESULTS.md has both).
"""

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from segue.errors import SegueError
from segue.files import atomic
from segue.sample import names

SHORTEST, LONGEST = 5, 250  # entries of a playlist (MPD)

# Rank of a track, and how often it is added to playlists; straight lines between, both axes logarithmic.
# Fitted; the track of rank 1 is on 4.66% of playlists, that of rank 20 on 3.05% (MPD).
POPULARITY = (
    (1, 4000.0),
    (20, 2850.0),
    (300, 950.0),
    (3_000, 206.0),
    (12_000, 36.5),
    (50_000, 5.9),
    (200_000, 0.81),
    (800_000, 0.100),
    (4_000_000, 0.0087),
)
# Fitted: log-normal tracks of an artist (location, scale), at most so many of all tracks; how famous artists
# have more of them; the shares of artist, album and track in the variance of a track's success; albums.
ARTIST_TRACKS, LARGEST_ARTIST, FAME_OF_SIZE = (-0.4, 2.13), (1 / 100, 1000), 0.5
FAME_LIMIT = 3.0  # where fame levels off, in standard deviations, so that no artist owns the charts
SUCCESS = (0.64, 0.16, 0.20)
NEW_ALBUM = 0.145  # chance that an artist's next track begins a new album

CROSSOVERS = 0.15  # share of tracks in a genre beside their artist's, so that genres overlap
GENRE_OF_RANK = 8.0  # genre g has artists in proportion to 1 / (g + GENRE_OF_RANK)
ERA_OF_ARTIST = (0.08, 0.08, 0.14, 0.22, 0.48)  # shares of artists that start in each of names.ERAS
LATER_ALBUM = 0.25  # chance that an album is of the era after its artist's first
MOOD_OF_ALBUM = 0.7  # share of tracks in the mood of their album; the others have any


@dataclass(frozen=True)
class SampleSettings:
    """What a sample is made from; equal settings make equal bytes. A bad value raises a SegueError.

    ``mean_tracks`` is the mean number of entries on a playlist, ``tracks`` the size of the catalogue: the
    most popular ones of POPULARITY. No playlist is longer than half the catalogue. ``title_variants`` is the
    share of playlists whose title is another than the sample's own, by one of `variants`.
    """

    seed: int
    playlists_per_slice: int
    mean_tracks: float
    tracks: int
    genres: int
    title_variants: float = 0.0

    def __post_init__(self) -> None:
        for name, least in {"seed": 0, "playlists_per_slice": 1, "tracks": 100, "genres": 1}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise _bad_setting(name, value, f"a whole number ≥ {least}")
        if self.tracks > POPULARITY[-1][0]:
            raise _bad_setting("tracks", self.tracks, f"at most {POPULARITY[-1][0]}, where POPULARITY ends")
        if not isinstance(self.mean_tracks, int | float) or not SHORTEST <= self.mean_tracks <= self.longest:
            expected = f"{SHORTEST} to {self.longest} (at most {LONGEST}, and at most half of tracks)"
            raise _bad_setting("mean_tracks", self.mean_tracks, expected)
        if not isinstance(self.title_variants, int | float) or not 0 <= self.title_variants <= 1:
            raise _bad_setting("title_variants", self.title_variants, "0 to 1")

    @property
    def longest(self) -> int:
        """Entries of the longest playlist that is possible."""
        return min(LONGEST, self.tracks // 2)

    def rng(self, *spawn_key: int) -> np.random.Generator:
        """The generator of one part of the sample, independent of the others."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=spawn_key)))


@dataclass(frozen=True)
class Catalogue:
    """Every track there is, numbered 0..T-1, artist by artist and album by album.

    ``album`` and ``artist``: int32 [T], ascending. ``genre``, ``era`` and ``mood``: int16 [T], indices into
    names.GENRES (and on), ERAS and MOODS. ``popularity``: float64 [T + 1], running sums of the tracks'
    weights, from 0. ``by_era`` and ``by_mood``: int32 [T], the tracks sorted by genre and era, or by genre
    and mood, with their own running sums; ``era_start`` [G x 5 + 1] and ``mood_start`` [G x 4 + 1], int64:
    genre g and era e are at ``by_era[era_start[5 g + e]:era_start[5 g + e + 1]]``, and so for moods.
    """

    album: np.ndarray
    artist: np.ndarray
    genre: np.ndarray
    era: np.ndarray
    mood: np.ndarray
    popularity: np.ndarray
    by_era: np.ndarray
    era_start: np.ndarray
    popularity_by_era: np.ndarray
    by_mood: np.ndarray
    mood_start: np.ndarray
    popularity_by_mood: np.ndarray


def make_catalogue(settings: SampleSettings) -> Catalogue:
    """The catalogue that all slices of ``settings`` share; 4 million tracks take seconds."""
    rng, count = settings.rng(0), settings.tracks
    fame, size = rng.standard_normal((2, count))  # an artist has a track or more: no more artists than tracks
    size = FAME_OF_SIZE * fame + math.sqrt(1 - FAME_OF_SIZE**2) * size
    largest = max(1, min(int(LARGEST_ARTIST[0] * count), LARGEST_ARTIST[1]))
    sizes = np.ceil(np.exp(ARTIST_TRACKS[0] + ARTIST_TRACKS[1] * size)).clip(1, largest).astype(np.int64)
    artist = np.repeat(np.arange(count, dtype=np.int32), _cut_to(sizes, count))
    artists = artist[-1] + 1
    new_album = rng.random(count) < NEW_ALBUM
    new_album[1:] |= artist[1:] != artist[:-1]
    new_album[0] = False
    album = np.cumsum(new_album, dtype=np.int32)
    albums = album[-1] + 1

    by_artist, by_album, by_track = np.sqrt(SUCCESS)
    fame = -np.logaddexp(-fame, -FAME_LIMIT)
    success = by_artist * fame[artist]
    success += by_album * rng.standard_normal(albums)[album]
    success += by_track * rng.standard_normal(count)
    weight = np.empty(count)
    weight[np.argsort(-success)] = popularity_of_rank(np.arange(1, count + 1))

    share = 1 / (np.arange(settings.genres) + GENRE_OF_RANK)
    main = rng.choice(settings.genres, size=artists, p=share / share.sum())[artist]
    beside = np.where(rng.random(count) < CROSSOVERS, rng.choice((-1, 1), size=count), 0)
    genre = ((main + beside) % settings.genres).astype(np.int16)
    era = rng.choice(len(names.ERAS), size=artists, p=ERA_OF_ARTIST)[artist[np.flatnonzero(_first(album))]]
    era = np.minimum(era + (rng.random(albums) < LATER_ALBUM), len(names.ERAS) - 1).astype(np.int16)[album]
    moods = len(names.MOODS)
    of_album = rng.random(count) < MOOD_OF_ALBUM
    mood = np.where(of_album, rng.integers(moods, size=albums)[album], rng.integers(moods, size=count))
    mood = mood.astype(np.int16)
    by_era, era_start, popularity_by_era = _sorted_by(genre, era, settings.genres, len(names.ERAS), weight)
    by_mood, mood_start, popularity_by_mood = _sorted_by(genre, mood, settings.genres, moods, weight)
    return Catalogue(
        album=album,
        artist=artist,
        genre=genre,
        era=era,
        mood=mood,
        popularity=np.append(0.0, np.cumsum(weight)),
        by_era=by_era,
        era_start=era_start,
        popularity_by_era=popularity_by_era,
        by_mood=by_mood,
        mood_start=mood_start,
        popularity_by_mood=popularity_by_mood,
    )


def popularity_of_rank(rank: np.ndarray) -> np.ndarray:
    """How often the track of each ``rank`` (1, 2, ...) is added, relative to the others; float64."""
    ranks, shares = np.log(np.array(POPULARITY)).T
    return np.exp(np.interp(np.log(rank), ranks, shares))


def save_catalogue(catalogue: Catalogue, path: str | Path) -> None:
    """Writes a catalogue as safetensors, whole or not at all."""
    columns = {field.name: getattr(catalogue, field.name) for field in fields(Catalogue)}
    with atomic(path, sum(column.nbytes for column in columns.values())) as temporary:
        save_file(columns, temporary)


def load_catalogue(path: str | Path) -> Catalogue:
    """Reads what ``save_catalogue`` wrote."""
    return Catalogue(**load_file(path))


def _bad_setting(name: str, value: Any, expected: str) -> SegueError:
    return SegueError("The sample cannot be made.", where=name, found=repr(value), expected=expected)


def _cut_to(sizes: np.ndarray, total: int) -> np.ndarray:
    """``sizes`` with their end cut off, so that they sum to ``total``."""
    ends = np.minimum(np.cumsum(sizes), total)
    return np.diff(ends, prepend=0)


def _first(ids: np.ndarray) -> np.ndarray:
    """Where a new value begins in ascending ``ids``."""
    return np.diff(ids, prepend=-1) != 0


def _sorted_by(
    genre: np.ndarray, part: np.ndarray, genres: int, parts: int, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tracks in the order of genre and ``part``, where each pair begins, and running sums of weights."""
    group = genre.astype(np.int32) * parts + part
    order = np.argsort(group, kind="stable").astype(np.int32)
    starts = np.append(0, np.cumsum(np.bincount(group, minlength=genres * parts)))
    return order, starts, np.append(0.0, np.cumsum(weight[order]))
