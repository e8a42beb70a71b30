"""Names and uris that nobody bears: words coined from syllables, and plain words for titles."""

import numpy as np

ALPHABET = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
URI_LENGTH = 22  # characters
# fmt: off
SYLLABLES = (  # some beyond ASCII, as in the MPD
    "vel", "mor", "quen", "thra", "bril", "osk", "zun", "pel", "dra", "lith", "orn", "wex", "fal", "gri",
    "yul", "kesh", "nav", "tor", "sim", "rud", "jun", "hest", "blo", "cla", "fen", "mip", "dov", "lun",
    "sar", "tiv", "ø", "né", "ska", "wim", "ba", "ro", "lé", "nu",
)
GENRES = (
    "rock", "pop", "country", "jazz", "soul", "folk", "metal", "techno", "house", "blues", "punk", "reggae",
    "classical", "ambient", "funk", "disco", "latin", "gospel", "rap", "trance", "grunge", "swing",
)
# fmt: on
MOODS = ("chill", "party", "sad", "throwback")

# {0} and {1} are coined words.
ARTISTS = ("{0} {1}", "The {0} {1}s", "{0} & {1}", "{0} {1} Trio")
ALBUMS = ("{0} {1}", "Rooms of {0}", "{0} Sessions", "After {0}")
TRACKS = ("{0} {1}", "{0} in the Rain", "Back to {0}", "{0}, {1}", "No More {0}")

# By kind of playlist; {second} is another genre, and a capital wants a capital.
TITLES = {
    "genre": ("{genre}", "{mood} {genre}", "{Mood} {Genre}", "my {genre}", "{mood} {genre} mix"),
    "mix": ("{genre} and {second}", "{Genre} / {Second}", "{mood} {genre} {second}"),
    "artists": ("{genre} favorites", "best {genre}", "{Genre} on repeat", "my {mood} {genre}"),
    "hits": ("hits", "{mood}", "everything", "road trip", "{Mood} Mix", "good songs"),
}
DESCRIPTIONS = ("songs for a long drive", "what we heard all summer", "for late evenings", "work in progress")


def coin_names(rng: np.random.Generator, count: int, patterns: tuple[str, ...]) -> list[str]:
    """``count`` names, each a random one of ``patterns`` around a word of two syllables and one of three."""
    syllables = rng.integers(len(SYLLABLES), size=(count, 5)).tolist()
    shapes = rng.integers((len(patterns), 2), size=(count, 2)).tolist()
    names = []
    for ids, (pattern, turned) in zip(syllables, shapes, strict=True):
        a, b, c, d, e = (SYLLABLES[i] for i in ids)
        words = (a + b, c + d + e) if turned else (c + d + e, a + b)
        names.append(patterns[pattern].format(*(word.capitalize() for word in words)))
    return names


def coin_uris(rng: np.random.Generator, count: int, kind: str) -> list[str]:
    """``count`` uris ``spotify:{kind}:`` + 22 random base-62 characters; no two are alike (62^22 is 3e39)."""
    letters = ALPHABET[rng.integers(len(ALPHABET), size=(count, URI_LENGTH))]
    return [f"spotify:{kind}:{code.decode()}" for code in letters.view(f"S{URI_LENGTH}").ravel().tolist()]


def genre_name(genre: int) -> str:
    """A plain word for genre number ``genre``; once the words have run out they come again as ``rock 2``."""
    turn, word = divmod(genre, len(GENRES))
    return GENRES[word] if turn == 0 else f"{GENRES[word]} {turn + 1}"


def playlist_title(kind: str, genre: int, second: int, mood: int, choice: float) -> str:
    """A title of generic words that fits a theme; ``choice`` in [0, 1) picks a pattern of its ``kind``."""
    words = {"genre": genre_name(genre), "second": genre_name(second), "mood": MOODS[mood]}
    words |= {key.capitalize(): word.capitalize() for key, word in words.items()}
    return TITLES[kind][int(choice * len(TITLES[kind]))].format(**words)
