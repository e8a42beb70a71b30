"""Names and uris that nobody bears, each computed from a number: words of syllables, plain words for titles.

The number of an artist, album or track and the seed give its name and uri by hashing, so that a slice
names the tracks that it holds and no others, of a catalogue of millions.
"""

import numpy as np

ALPHABET = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
URI_LENGTH = 22  # characters
LETTERS_OF_HASH = 10  # 62^10 < 2^64
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
STYLES = ("", "indie ", "classic ", "acoustic ", "modern ")
MOODS = ("chill", "party", "sad", "workout")
ERAS = ("oldies", "80s", "90s", "2000s", "new")
SHORT = [(a + b).capitalize() for a in SYLLABLES for b in SYLLABLES]
LONG = [word + c for word in SHORT for c in SYLLABLES]

# {0} and {1} are coined words.
ARTISTS = ("{0} {1}", "The {0} {1}s", "{0} & {1}", "{0} {1} Trio")
ALBUMS = ("{0} {1}", "Rooms of {0}", "{0} Sessions", "After {0}")
TRACKS = ("{0} {1}", "{0} in the Rain", "Back to {0}", "{0}, {1}", "No More {0}")

# By kind of playlist; {second} is another genre, {word} a coined word, and a capital wants a capital.
TITLES = {
    "genre": ("{genre}", "{Genre}", "my {genre}", "{genre} mix", "{Genre} 🎶", "{word}'s {genre}"),
    "era": ("{era} {genre}", "{Era} {Genre}", "{genre} {era}", "best of {era} {genre}", "{era} {genre} 🔥"),
    "mood": ("{mood} {genre}", "{Mood} {Genre}", "{genre} {mood}", "{mood} {genre} mix", "{mood} {genre} 💿"),
    "mix": ("{genre} and {second}", "{Genre} / {Second}", "{genre} {second} mix", "{Second} + {Genre}"),
    "artists": ("{artist}", "best of {artist}", "{artist} and more {genre}", "{Genre} on repeat"),
    "hits": (
        "hits",
        "{mood}",
        "everything",
        "road trip",
        "{Mood} Mix",
        "good songs",
        "{word}",
        "{word} songs",
        "summer ☀️",
    ),
}
DESCRIPTIONS = ("songs for a long drive", "what we heard all summer", "for late evenings", "work in progress")


def hashed(seed: int, stream: str, numbers: np.ndarray) -> np.ndarray:
    """A random uint64 for each of ``numbers`` (any shape, not negative), the same wherever it is asked for.

    SplitMix64's finalizer (Steele, Lea and Flood 2014), started at a key of ``seed`` and ``stream``.
    """
    key = np.random.SeedSequence([seed, *stream.encode()]).generate_state(1, np.uint64)[0]
    with np.errstate(over="ignore"):  # modulo 2^64 is meant
        z = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + key
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def coin_names(seed: int, kind: str, patterns: tuple[str, ...], numbers: np.ndarray) -> list[str]:
    """The names of ``numbers``: each one of ``patterns`` around a word of two syllables and one of three."""
    z = hashed(seed, f"{kind} name", numbers)
    pattern, short, long, turned = (
        part.tolist()
        for part in (
            z % len(patterns),
            (z >> np.uint64(8)) % len(SHORT),
            (z >> np.uint64(24)) % len(LONG),
            (z >> np.uint64(63)),
        )
    )
    return [
        patterns[p].format(LONG[b], SHORT[a]) if t else patterns[p].format(SHORT[a], LONG[b])
        for p, a, b, t in zip(pattern, short, long, turned, strict=True)
    ]


def coin_uris(seed: int, kind: str, numbers: np.ndarray) -> list[str]:
    """``spotify:{kind}:`` + 22 random base-62 characters for each of ``numbers``; 62^22 is 3e39."""
    letters = np.empty((len(numbers), URI_LENGTH), dtype=np.uint8)
    for first in range(0, URI_LENGTH, LETTERS_OF_HASH):
        z = hashed(seed, f"{kind} uri {first}", numbers)
        for place in range(first, min(first + LETTERS_OF_HASH, URI_LENGTH)):
            z, letter = np.divmod(z, np.uint64(len(ALPHABET)))
            letters[:, place] = ALPHABET[letter.astype(np.int64)]
    text = letters.tobytes().decode()
    prefix = f"spotify:{kind}:"
    return [prefix + text[start : start + URI_LENGTH] for start in range(0, len(text), URI_LENGTH)]


def genre_name(genre: int) -> str:
    """A plain name for genre number ``genre``; once styles and words have run out, ``rock 2`` and on."""
    turn, word = divmod(genre, len(GENRES))
    again, style = divmod(turn, len(STYLES))
    return STYLES[style] + GENRES[word] + (f" {again + 1}" if again else "")


def playlist_title(
    kind: str, choice: float, word: int, *, genre: int, second: int, era: int, mood: int, artist: str
) -> str:
    """A title that fits a theme; ``choice`` in [0, 1) picks a pattern of its ``kind``, ``word`` of LONG."""
    words = {"genre": genre_name(genre), "second": genre_name(second), "era": ERAS[era], "mood": MOODS[mood]}
    words |= {key.capitalize(): word.capitalize() for key, word in words.items()}
    words |= {"artist": artist, "word": LONG[word]}
    return TITLES[kind][int(choice * len(TITLES[kind]))].format(**words)
