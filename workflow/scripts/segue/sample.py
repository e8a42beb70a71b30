"""Invented playlists in the MPD's format, with tastes that a recommender can learn.

Constants marked MPD are published statistics of the Million Playlist Dataset. The others are chosen for
what can be learnt: in the 10-core of four slices of 500 playlists (10,000 tracks, 16 genres) a ranking
by popularity reaches a Recall@300 of 0.33 and one by item-item cosine 0.65.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from segue import invented_names as names
from segue.errors import SegueError
from segue.files import atomic

# The catalogue.
ALBUMS_PER_ARTIST = 2.48  # mean, geometric (MPD: 734,684 albums of 295,860 artists)
SINGLES = 0.7  # share of albums with one track; with the next line 3.1 tracks an album (MPD: 3.08)
ALBUM_SIZES = (4, 12)  # tracks of the other albums, uniform
CROSSOVERS = 0.15  # share of tracks in a genre beside their artist's, so that genres overlap
MOOD_OF_ALBUM = 0.7  # share of tracks in the mood of their album; the others have any
FAME = 0.5  # how much of a track's success is its artist's; the top artist has 2% of entries (MPD: 1.28%)
# The top track is on 9% of playlists, the 20th on 7% (MPD, of 200 times as many tracks: 4.66%, 3.05%).
POPULARITY = (200.0, 1.2)  # q, s: the track of rank r = 0, 1, ... weighs (q + r)^-s (Zipf, Mandelbrot)
DURATION = (math.log(225_000), 0.25)  # ms, log-normal: about four minutes

# The playlists.
LENGTHS = (5, 250)  # MPD
LENGTH_SIGMA = 1.0  # of the log-normal; at the MPD's mean 66.35 the mode is 19 at 1.3% (MPD: 20 at 1.5%)
MIN_ARTISTS = 3  # MPD; an album here is one artist's, so there are 3 albums too (MPD: 2)
FAVOURITES = 4  # artists
IN_MOOD = 0.5  # share of the draws from the main genre that keep to the playlist's mood
RUNS = 0.3  # share of playlists that hold an album from start to end, where it fits into half of the playlist
REPEATS = 0.0133  # share of entries that repeat another of their playlist (MPD: 88,721 of 6,677,800)
# Share of the playlists that are of each kind, then the shares of their tracks that come from the main
# genre, the second genre, the favourite artists and the whole catalogue (the hits, and the odd surprise).
KINDS = {
    "genre": (0.45, (0.65, 0.00, 0.10, 0.25)),
    "mix": (0.25, (0.40, 0.25, 0.10, 0.25)),
    "artists": (0.20, (0.25, 0.00, 0.50, 0.25)),
    "hits": (0.10, (0.25, 0.00, 0.00, 0.75)),
}
DESCRIPTIONS = 0.019  # share of playlists that have one (MPD)
COLLABORATIVE = 0.02  # share of playlists
FOLLOWERS = (0.75, 0.15)  # shares of playlists that have 1 and 2 (MPD); the others follow a power law
DAY = 86_400  # s
DATES = (14_610, 17_471)  # days since 1970: 2010-01-01 to before 2017-11-01 (MPD)
GENERATED_ON = "2017-11-01 00:00:00.000000"  # no clock: a slice is the same bytes whenever it is made


@dataclass(frozen=True)
class SampleSettings:
    """What a sample is made from; equal settings make equal bytes. A bad value raises a SegueError.

    ``mean_tracks`` is the mean number of entries on a playlist, ``tracks`` the size of the catalogue.
    No playlist is longer than half the catalogue.
    """

    seed: int
    playlists_per_slice: int
    mean_tracks: float
    tracks: int
    genres: int

    def __post_init__(self) -> None:
        for name, least in {"seed": 0, "playlists_per_slice": 1, "tracks": 100, "genres": 1}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise _bad_setting(name, value, f"a whole number ≥ {least}")
        mean, shortest = self.mean_tracks, LENGTHS[0]
        if not isinstance(mean, int | float) or not shortest <= mean <= self.longest:
            expected = f"{shortest} to {self.longest} (at most {LENGTHS[1]}, and at most half of tracks)"
            raise _bad_setting("mean_tracks", mean, expected)

    @property
    def longest(self) -> int:
        """Entries of the longest playlist that is possible."""
        return min(LENGTHS[1], self.tracks // 2)


@dataclass(frozen=True)
class Catalogue:
    """Every track there is, numbered 0..T-1, artist by artist and album by album.

    Arrays are int64 of shape [T] unless said otherwise. Artist ``a`` has the tracks
    ``artist_start[a]:artist_start[a + 1]`` ([A + 1]). Taste ``c = genre * moods + mood`` has the tracks
    ``by_taste[taste_start[c]:taste_start[c + 1]]`` ([C + 1]). ``popularity`` and
    ``popularity_by_taste`` are running sums of the tracks' weights in either order, from 0 (float64 [T + 1]).
    """

    album: np.ndarray
    artist: np.ndarray
    genre: np.ndarray
    mood: np.ndarray
    duration_ms: np.ndarray
    artist_start: np.ndarray
    popularity: np.ndarray
    by_taste: np.ndarray
    taste_start: np.ndarray
    popularity_by_taste: np.ndarray
    fields: list[dict[str, str | int]]  # a track's entry in a playlist, without its ``pos``


@dataclass(frozen=True)
class Themes:
    """What each playlist of a slice is about: int64 [n]; ``favourites`` are artists [n, FAVOURITES].

    A theme grows from one ``track``, which gives main ``genre``, ``mood`` and first favourite.
    ``second`` is another genre, used by mixes; ``kind`` counts along KINDS.
    """

    kind: np.ndarray
    track: np.ndarray
    genre: np.ndarray
    second: np.ndarray
    mood: np.ndarray
    favourites: np.ndarray


def make_catalogue(settings: SampleSettings) -> Catalogue:
    """The catalogue that all slices of ``settings`` share."""
    rng, count, moods = _rng(settings, 0), settings.tracks, len(names.MOODS)
    sizes = rng.integers(*ALBUM_SIZES, size=count, endpoint=True)
    album = np.repeat(np.arange(count), np.where(rng.random(count) < SINGLES, 1, sizes))[:count]
    albums = album[-1] + 1
    discographies = rng.geometric(1 / ALBUMS_PER_ARTIST, size=albums)
    artist = np.repeat(np.arange(albums), discographies)[album]
    artists = artist[-1] + 1

    beside = np.where(rng.random(count) < CROSSOVERS, rng.choice((-1, 1), size=count), 0)
    genre = (rng.integers(settings.genres, size=artists)[artist] + beside) % settings.genres
    of_album = rng.random(count) < MOOD_OF_ALBUM
    mood = np.where(of_album, rng.integers(moods, size=albums)[album], rng.integers(moods, size=count))
    taste = genre * moods + mood
    by_taste = np.argsort(taste, kind="stable")

    success = FAME * rng.standard_normal(artists)[artist] + (1 - FAME) * rng.standard_normal(count)
    rank = np.argsort(np.argsort(-success, kind="stable"))
    weight = (POPULARITY[0] + rank) ** -POPULARITY[1]
    duration_ms = np.exp(rng.normal(*DURATION, size=count)).astype(np.int64)
    columns = {
        "artist_name": _spread(names.coin_names(rng, artists, names.ARTISTS), artist),
        "track_uri": names.coin_uris(rng, count, "track"),
        "artist_uri": _spread(names.coin_uris(rng, artists, "artist"), artist),
        "track_name": names.coin_names(rng, count, names.TRACKS),
        "album_uri": _spread(names.coin_uris(rng, albums, "album"), album),
        "duration_ms": duration_ms.tolist(),
        "album_name": _spread(names.coin_names(rng, albums, names.ALBUMS), album),
    }
    return Catalogue(
        album=album,
        artist=artist,
        genre=genre,
        mood=mood,
        duration_ms=duration_ms,
        artist_start=np.searchsorted(artist, np.arange(artists + 1)),
        popularity=np.append(0.0, np.cumsum(weight)),
        by_taste=by_taste,
        taste_start=np.searchsorted(taste[by_taste], np.arange(settings.genres * moods + 1)),
        popularity_by_taste=np.append(0.0, np.cumsum(weight[by_taste])),
        fields=_records(columns),
    )


def make_themes(catalogue: Catalogue, settings: SampleSettings, index: int) -> Themes:
    """The themes of slice ``index``, in the order of its playlists. Popular genres have more playlists."""
    rng, count = _rng(settings, 1, index), settings.playlists_per_slice
    kind = rng.choice(len(KINDS), size=count, p=[share for share, _ in KINDS.values()])
    track = _pick(catalogue.popularity, np.zeros(count, dtype=np.int64), settings.tracks, rng)
    genre, mood = catalogue.genre[track], catalogue.mood[track]
    # Genres lie on a ring, where near ones are mixed more often than far ones.
    second = (genre + rng.geometric(0.5, size=count) * rng.choice((-1, 1), size=count)) % settings.genres
    second = np.where(np.isin(second, catalogue.genre), second, genre)
    others = _pick_taste(catalogue, *np.repeat((genre, mood), FAVOURITES - 1, axis=1), rng)
    favourites = catalogue.artist[np.column_stack((track, others.reshape(count, -1)))]
    return Themes(kind=kind, track=track, genre=genre, second=second, mood=mood, favourites=favourites)


def make_slice(catalogue: Catalogue, settings: SampleSettings, index: int) -> dict[str, Any]:
    """Slice ``index`` as the MPD's JSON object, with the pids ``index * n`` to ``index * n + n - 1``.

    It depends on ``settings`` and ``index`` alone, whatever other slices are made.
    """
    rng, count = _rng(settings, 2, index), settings.playlists_per_slice
    themes = make_themes(catalogue, settings, index)
    lengths = _draw_lengths(settings, rng)
    owner, track = _draw_playlists(catalogue, themes, lengths, rng)

    titles = zip(
        [tuple(KINDS)[kind] for kind in themes.kind],
        *(ids.tolist() for ids in (themes.genre, themes.second, themes.mood)),
        rng.random(count).tolist(),
        strict=True,
    )
    days = DATES[0] + (DATES[1] - DATES[0]) * rng.random(count) ** (1 / 3)  # more and more towards the end
    followers = np.digitize(rng.random(count), np.cumsum(FOLLOWERS))
    crowd = 3 + rng.pareto(1.5, size=count).astype(np.int64)
    entries = [
        [{"pos": pos, **catalogue.fields[t]} for pos, t in enumerate(part.tolist())]
        for part in np.split(track, np.cumsum(lengths)[:-1])
    ]
    first = index * count
    columns = {
        "name": [names.playlist_title(*title) for title in titles],
        "collaborative": np.where(rng.random(count) < COLLABORATIVE, "true", "false").tolist(),
        "pid": range(first, first + count),
        "modified_at": (DAY * days.astype(np.int64)).tolist(),
        "num_tracks": lengths.tolist(),
        "num_albums": _distinct(owner, catalogue.album[track], count).tolist(),
        "num_followers": np.choose(followers, (1, 2, crowd)).tolist(),
        "tracks": entries,
        "num_edits": (1 + lengths * rng.random(count) ** 3).astype(np.int64).tolist(),
        "duration_ms": np.bincount(owner, catalogue.duration_ms[track]).astype(np.int64).tolist(),
        "num_artists": _distinct(owner, catalogue.artist[track], count).tolist(),
    }
    playlists = _records(columns)
    for described in np.flatnonzero(rng.random(count) < DESCRIPTIONS):
        playlists[described]["description"] = names.DESCRIPTIONS[rng.integers(len(names.DESCRIPTIONS))]
    info = {"generated_on": GENERATED_ON, "slice": f"{first}-{first + count - 1}", "version": "v1"}
    return {"info": info, "playlists": playlists}


def write_slice(path: str | Path, contents: dict[str, Any]) -> None:
    """Writes ``contents`` as UTF-8 JSON, indented by four spaces like the MPD, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(contents), indent=4) + b"\n")


def _bad_setting(name: str, value: Any, expected: str) -> SegueError:
    return SegueError("The sample cannot be made.", where=name, found=repr(value), expected=expected)


def _rng(settings: SampleSettings, *spawn_key: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(settings.seed, spawn_key=spawn_key)))


def _spread(values: list[str], ids: np.ndarray) -> list[str]:
    return [values[i] for i in ids.tolist()]


def _records(columns: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _draw_lengths(settings: SampleSettings, rng: np.random.Generator) -> np.ndarray:
    """Entries of each playlist [n]: log-normal, cut to LENGTHS, with the mean that is set."""
    lengths = np.arange(LENGTHS[0], settings.longest + 1)

    def shares(location: float) -> np.ndarray:
        log_density = -((np.log(lengths) - location) ** 2) / (2 * LENGTH_SIGMA**2) - np.log(lengths)
        density = np.exp(log_density - log_density.max())
        return density / density.sum()

    low, high = -2000.0, 2000.0  # the mean grows with the location: halve the interval until it is a point
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if shares(middle) @ lengths < settings.mean_tracks else (low, middle)
    return rng.choice(lengths, size=settings.playlists_per_slice, p=shares(high))


def _draw_playlists(
    catalogue: Catalogue, themes: Themes, lengths: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Playlist and track of each entry; a playlist with fewer than MIN_ARTISTS artists is drawn again."""
    owner, track = _draw_entries(catalogue, themes, lengths, rng)
    while (narrow := _distinct(owner, catalogue.artist[track], len(lengths)) < MIN_ARTISTS).any():
        again = _draw_entries(catalogue, themes, np.where(narrow, lengths, 0), rng)
        kept = ~narrow[owner]
        owner, track = np.append(owner[kept], again[0]), np.append(track[kept], again[1])
        order = np.argsort(owner, kind="stable")
        owner, track = owner[order], track[order]
    return owner, track


def _draw_entries(
    catalogue: Catalogue, themes: Themes, lengths: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Playlist and track of ``lengths`` [n] entries, sorted by playlist, in the order of their playing."""
    count, tracks = len(lengths), len(catalogue.artist)
    owner, track, place = _album_runs(catalogue, themes, lengths, rng)
    while (missing := lengths - np.bincount(owner, minlength=count)).any():
        drawn = np.repeat(np.arange(count), 2 * missing)
        owner = np.append(owner, drawn)
        track = np.append(track, _draw_tracks(catalogue, themes, drawn, rng))
        place = np.append(place, rng.random(len(drawn)))
        # Each track once, the earlier draw first, and no more of them than the playlist is long.
        kept = np.sort(np.unique(owner * tracks + track, return_index=True)[1])
        kept = kept[np.argsort(owner[kept], kind="stable")]
        kept = kept[_positions(owner[kept]) < lengths[owner[kept]]]
        owner, track, place = owner[kept], track[kept], place[kept]
    track = track[np.lexsort((place, owner))]  # owner is sorted already

    position = _positions(owner)
    further = 1 + (rng.random(len(owner)) * (lengths[owner] - 1)).astype(np.int64)
    another = np.arange(len(owner)) - position + (position + further) % lengths[owner]
    return owner, np.where(rng.random(len(owner)) < REPEATS, track[another], track)


def _album_runs(
    catalogue: Catalogue, themes: Themes, lengths: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Playlist, track and place (0 to 1) in it of entries that are whole albums, in the albums' order."""
    album = catalogue.album[themes.track]
    start, end = (np.searchsorted(catalogue.album, album, side=side) for side in ("left", "right"))
    has_run = (rng.random(len(lengths)) < RUNS) & (2 * (end - start) <= lengths)
    sizes = np.where(has_run, end - start, 0)
    owner = np.repeat(np.arange(len(lengths)), sizes)
    step = _positions(owner)
    return owner, start[owner] + step, rng.random(len(lengths))[owner] + 1e-9 * step


def _draw_tracks(
    catalogue: Catalogue, themes: Themes, owner: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A track [m] for the playlist of each ``owner`` [m], from the sources of its kind in KINDS."""
    bounds = np.cumsum([sources for _, sources in KINDS.values()], axis=1)[:, :-1]
    source = (rng.random((len(owner), 1)) >= bounds[themes.kind[owner]]).sum(axis=1)
    genre = np.where(source == 1, themes.second[owner], themes.genre[owner])
    mood = np.where((source == 0) & (rng.random(len(owner)) < IN_MOOD), themes.mood[owner], -1)
    artist = themes.favourites[owner, rng.integers(FAVOURITES, size=len(owner))]
    low = np.where(source == 2, catalogue.artist_start[artist], 0)
    high = np.where(source == 2, catalogue.artist_start[artist + 1], len(catalogue.artist))
    of_taste = _pick_taste(catalogue, genre, mood, rng)
    return np.where(source < 2, of_taste, _pick(catalogue.popularity, low, high, rng))


def _pick_taste(
    catalogue: Catalogue, genre: np.ndarray, mood: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A track of each ``genre`` [m], by popularity; of each ``mood`` [m] too, where that is not -1."""
    first = genre * len(names.MOODS)
    low = catalogue.taste_start[first + np.maximum(mood, 0)]
    high = catalogue.taste_start[first + np.where(mood < 0, len(names.MOODS), mood + 1)]
    return catalogue.by_taste[_pick(catalogue.popularity_by_taste, low, high, rng)]


def _pick(sums: np.ndarray, low: np.ndarray, high: np.ndarray | int, rng: np.random.Generator) -> np.ndarray:
    """A position of each span ``low:high``, as likely as its weight, by which ``sums`` grows there."""
    point = rng.uniform(sums[low], sums[high])
    return np.clip(np.searchsorted(sums, point, side="right") - 1, low, high - 1)


def _positions(owner: np.ndarray) -> np.ndarray:
    """0, 1, ... within each run of equal values of ``owner``, which is sorted."""
    return np.arange(len(owner)) - np.searchsorted(owner, owner)


def _distinct(owner: np.ndarray, ids: np.ndarray, count: int) -> np.ndarray:
    """How many different ``ids`` each of ``count`` playlists has, int64 [count]."""
    size = ids.max() + 1
    return np.bincount(np.unique(owner * size + ids) // size, minlength=count)
