import re

import numpy as np
import pytest

from segue.sample.names import (
    ALBUMS,
    ARTISTS,
    GENRES,
    MOODS,
    SYLLABLES,
    TITLES,
    TRACKS,
    coin_names,
    coin_uris,
    genre_name,
    hashed,
    playlist_title,
)


@pytest.mark.parametrize("patterns", [ARTISTS, ALBUMS, TRACKS])
def test_every_name_holds_a_coined_word(patterns):
    names = coin_names(1, "album", patterns, np.arange(500))
    assert len(names) == 500
    assert len(set(names)) > 490
    word = f"({'|'.join(SYLLABLES)}){{2,3}}"
    shapes = [re.compile(pattern.lower().format(word, word)) for pattern in patterns]
    used = [{shape for shape in shapes if shape.fullmatch(name.lower())} for name in names]
    assert all(used)
    assert set.union(*used) == set(shapes)


def test_a_name_belongs_to_its_number_whoever_else_is_named():
    names = coin_names(1, "track", TRACKS, np.arange(50))
    assert coin_names(1, "track", TRACKS, np.array([49, 7, 7])) == [names[49], names[7], names[7]]
    assert coin_names(2, "track", TRACKS, np.arange(50)) != names
    assert coin_names(1, "artist", TRACKS, np.arange(50)) != names


def test_uris_are_unique_and_use_every_base_62_character_everywhere():
    uris = coin_uris(1, "album", np.arange(2000))
    assert len(set(uris)) == 2000
    assert all(re.fullmatch("spotify:album:[0-9A-Za-z]{22}", uri) for uri in uris)
    for place in range(22):
        assert len({uri[len("spotify:album:") + place] for uri in uris}) == 62


def test_a_uri_belongs_to_its_number_whoever_else_is_asked_for():
    uris = coin_uris(1, "track", np.arange(50))
    assert coin_uris(1, "track", np.array([49, 7])) == [uris[49], uris[7]]
    assert not set(uris) & set(coin_uris(2, "track", np.arange(50)))


def test_hashes_are_splitmix64():
    """Reference: the generator as published, in Python's integers, from the key that number 0 shows."""

    def finalizer(z):
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    key = int(np.random.SeedSequence([5, *b"x"]).generate_state(1, np.uint64)[0])
    numbers = np.array([0, 1, 2, 4_000_000])
    expected = [finalizer((n * 0x9E3779B97F4A7C15 + key) % 2**64) for n in numbers.tolist()]
    assert hashed(5, "x", numbers).tolist() == expected


def test_genre_names_never_run_out():
    names = [genre_name(genre) for genre in range(11 * len(GENRES))]
    assert names[0] == "rock"
    assert names[len(GENRES) + 1] == "indie pop"
    assert names[5 * len(GENRES)] == "rock 2"
    assert names[6 * len(GENRES)] == "indie rock 2"
    assert len(set(names)) == len(names)


THEME = {"era": 1, "mood": MOODS.index("sad"), "artist": "The Orns"}


def test_titles_take_every_pattern_of_their_kind():
    theme = THEME | {"genre": GENRES.index("pop"), "second": GENRES.index("jazz")}
    found = [playlist_title("mix", choice, 0, **theme) for choice in (0.0, 0.25, 0.5, 0.999)]
    assert found == ["pop and jazz", "Pop / Jazz", "pop jazz mix", "Jazz + Pop"]
    assert playlist_title("era", 0.2, 0, **theme) == "80s Pop"
    assert playlist_title("artists", 0.3, 0, **theme) == "best of The Orns"


@pytest.mark.parametrize("kind", TITLES)
def test_titles_have_no_blanks_left(kind):
    titles = {
        playlist_title(kind, choice, 0, genre=0, second=1, **THEME) for choice in np.linspace(0, 0.999, 50)
    }
    assert len(titles) == len(TITLES[kind])
    assert not any(re.search(r"[{}]", title) for title in titles)
