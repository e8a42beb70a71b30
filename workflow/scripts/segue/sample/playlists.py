"""What stands on the invented playlists, and what their themes mean.

A playlist's theme grows from one track, drawn as often as it is popular; its other tracks are drawn as
often as they are popular among those of the theme. So a track's share of all entries is what the
catalogue says, however the themes fall.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from segue.sample import names
from segue.sample.catalogue import SHORTEST, Catalogue, SampleSettings

LENGTH_SIGMA = 1.0  # of the log-normal; at the MPD's mean 66.35 the mode is 19 at 1.3% (MPD: 20 at 1.5%)
MIN_ARTISTS = 3  # MPD; an album here is one artist's, so there are 3 albums too (MPD: 2)
FAVOURITES = 4  # artists
IN_FOCUS = 0.8  # share of the draws from the main genre that keep to the era, or mood, of the playlist
RUNS = 0.2  # share of playlists that hold an album from start to end, where it fits into half of the playlist
REPEATS = 0.0133  # share of entries that repeat another of their playlist (MPD: 88,721 of 6,677,800)
# Share of the playlists that are of each kind, then the shares of their tracks that come from the main
# genre, the second genre, the favourite artists and the whole catalogue (the hits, and the odd surprise).
KINDS = {
    "genre": (0.15, (0.60, 0.00, 0.25, 0.15)),
    "era": (0.15, (0.60, 0.00, 0.25, 0.15)),
    "mood": (0.15, (0.60, 0.00, 0.25, 0.15)),
    "mix": (0.20, (0.40, 0.20, 0.25, 0.15)),
    "artists": (0.25, (0.20, 0.00, 0.65, 0.15)),
    "hits": (0.10, (0.25, 0.00, 0.00, 0.75)),
}
ERA, MOOD = (list(KINDS).index(kind) for kind in ("era", "mood"))


@dataclass(frozen=True)
class Themes:
    """What each playlist of a slice is about: int64 [n]; ``favourites`` are artists [n, FAVOURITES].

    A theme grows from one ``track``, which gives main ``genre``, ``era``, ``mood`` and first favourite.
    ``second`` is another genre, used by mixes; ``kind`` counts along KINDS.
    """

    kind: np.ndarray
    track: np.ndarray
    genre: np.ndarray
    second: np.ndarray
    era: np.ndarray
    mood: np.ndarray
    favourites: np.ndarray


def make_themes(catalogue: Catalogue, settings: SampleSettings, index: int) -> Themes:
    """The themes of slice ``index``, in the order of its playlists. Popular genres have more playlists."""
    rng, count = settings.rng(1, index), settings.playlists_per_slice
    kind = rng.choice(len(KINDS), size=count, p=[share for share, _ in KINDS.values()])
    track = _pick(catalogue.popularity, np.zeros(count, dtype=np.int64), settings.tracks, rng)
    genre, era, mood = (
        ids[track].astype(np.int64) for ids in (catalogue.genre, catalogue.era, catalogue.mood)
    )
    # Genres lie on a ring, where near ones are mixed more often than far ones.
    second = (genre + rng.geometric(0.5, size=count) * rng.choice((-1, 1), size=count)) % settings.genres
    starts = catalogue.era_start[:: len(names.ERAS)]
    second = np.where(starts[second] < starts[second + 1], second, genre)  # a small catalogue lacks some
    others = _pick_of_mood(catalogue, *np.repeat((genre, mood), FAVOURITES - 1, axis=1), rng)
    favourites = catalogue.artist[np.column_stack((track, others.reshape(count, -1)))]
    return Themes(kind, track, genre, second, era, mood, favourites)


def draw_playlists(
    catalogue: Catalogue, themes: Themes, settings: SampleSettings, index: int
) -> tuple[np.ndarray, np.ndarray]:
    """Playlist (0..n-1) and track of each entry of slice ``index``, int64 [m], in the order of playing.

    A playlist with fewer than MIN_ARTISTS artists is drawn again.
    """
    rng = settings.rng(2, index)
    lengths = draw_lengths(settings, rng)
    owner, track = _draw_entries(catalogue, themes, lengths, rng)
    while (narrow := distinct(owner, catalogue.artist[track], len(lengths)) < MIN_ARTISTS).any():
        again = _draw_entries(catalogue, themes, np.where(narrow, lengths, 0), rng)
        kept = ~narrow[owner]
        owner, track = np.append(owner[kept], again[0]), np.append(track[kept], again[1])
        order = np.argsort(owner, kind="stable")
        owner, track = owner[order], track[order]
    return owner, track


def draw_lengths(settings: SampleSettings, rng: np.random.Generator) -> np.ndarray:
    """Entries of each playlist [n]: log-normal, from SHORTEST to the longest, with the mean that is set."""
    lengths = np.arange(SHORTEST, settings.longest + 1)

    def shares(location: float) -> np.ndarray:
        log_density = -((np.log(lengths) - location) ** 2) / (2 * LENGTH_SIGMA**2) - np.log(lengths)
        density = np.exp(log_density - log_density.max())
        return density / density.sum()

    low, high = -2000.0, 2000.0  # the mean grows with the location: halve the interval until it is a point
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if shares(middle) @ lengths < settings.mean_tracks else (low, middle)
    return rng.choice(lengths, size=settings.playlists_per_slice, p=shares(high))


def distinct(owner: np.ndarray, ids: np.ndarray, count: int) -> np.ndarray:
    """How many different ``ids`` each of ``count`` playlists has, int64 [count]."""
    size = int(ids.max()) + 1
    return np.bincount(np.unique(owner * size + ids) // size, minlength=count)


def _draw_entries(
    catalogue: Catalogue, themes: Themes, lengths: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Playlist and track of ``lengths`` [n] entries, sorted by playlist, in the order of their playing."""
    count, tracks = len(lengths), len(catalogue.artist)
    owner, track, place = _album_runs(catalogue, themes, lengths, rng)
    while (missing := lengths - np.bincount(owner, minlength=count)).any():
        drawn = np.repeat(np.arange(count), missing + missing // 4 + 1)
        drawn = drawn[missing[drawn] > 0]
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
    focused = (source == 0) & (rng.random(len(owner)) < IN_FOCUS)
    kind, track = themes.kind[owner], np.empty(len(owner), dtype=np.int64)

    of_mood = (source == 0) & (kind != ERA)
    whose = owner[of_mood]
    mood = np.where(focused[of_mood] & (kind[of_mood] == MOOD), themes.mood[whose], -1)
    track[of_mood] = _pick_of_mood(catalogue, themes.genre[whose], mood, rng)

    of_era = (source == 1) | ((source == 0) & (kind == ERA))
    whose = owner[of_era]
    genre = np.where(source[of_era] == 1, themes.second[whose], themes.genre[whose])
    era = np.where(focused[of_era], themes.era[whose], -1)
    track[of_era] = _pick_of_era(catalogue, genre, era, rng)

    by_favourite = source == 2
    whose = owner[by_favourite]
    artist = themes.favourites[whose, rng.integers(FAVOURITES, size=len(whose))]
    low, high = (np.searchsorted(catalogue.artist, artist, side=side) for side in ("left", "right"))
    track[by_favourite] = _pick(catalogue.popularity, low, high, rng)

    anything = source == 3
    low = np.zeros(int(anything.sum()), dtype=np.int64)
    track[anything] = _pick(catalogue.popularity, low, len(catalogue.artist), rng)
    return track


def _pick_of_era(c: Catalogue, genre: np.ndarray, era: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A track of each ``genre`` [m], by popularity; of each ``era`` [m] too, where that is not -1."""
    low, high = _spans(c.era_start, genre, era, len(names.ERAS))
    return c.by_era[_pick(c.popularity_by_era, low, high, rng)]


def _pick_of_mood(c: Catalogue, genre: np.ndarray, mood: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A track of each ``genre`` [m], by popularity; of each ``mood`` [m] too, where that is not -1."""
    low, high = _spans(c.mood_start, genre, mood, len(names.MOODS))
    return c.by_mood[_pick(c.popularity_by_mood, low, high, rng)]


def _spans(
    starts: np.ndarray, genre: np.ndarray, part: np.ndarray, parts: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where the tracks of each ``genre`` and ``part`` (-1: any) begin and end."""
    first = genre * parts
    return starts[first + np.maximum(part, 0)], starts[first + np.where(part < 0, parts, part + 1)]


def _pick(sums: np.ndarray, low: np.ndarray, high: np.ndarray | int, rng: np.random.Generator) -> np.ndarray:
    """A position of each span ``low:high``, as likely as its weight, by which ``sums`` grows there."""
    point = rng.uniform(sums[low], sums[high])
    return np.clip(np.searchsorted(sums, point, side="right") - 1, low, high - 1)


def _positions(owner: np.ndarray) -> np.ndarray:
    """0, 1, ... within each run of equal values of ``owner``, which is sorted."""
    return np.arange(len(owner)) - np.searchsorted(owner, owner)


def theme_table(catalogue: Catalogue, settings: SampleSettings, index: int) -> pl.DataFrame:
    """pid, and by name the kind of theme, genre, era and mood of each playlist of slice ``index``.

    The genre is the main one; that of a playlist of kind ``hits`` shows in a quarter of its tracks only.
    """
    themes = make_themes(catalogue, settings, index)
    count = settings.playlists_per_slice
    kinds = tuple(KINDS)
    return pl.DataFrame(
        {
            "pid": pl.int_range(index * count, (index + 1) * count, dtype=pl.Int32, eager=True),
            "kind": [kinds[kind] for kind in themes.kind.tolist()],
            "genre": [names.genre_name(genre) for genre in themes.genre.tolist()],
            "era": [names.ERAS[era] for era in themes.era.tolist()],
            "mood": [names.MOODS[mood] for mood in themes.mood.tolist()],
        }
    )
