import re

import numpy as np
import pytest

from segue.invented_names import (
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
    playlist_title,
)


@pytest.mark.parametrize("patterns", [ARTISTS, ALBUMS, TRACKS])
def test_every_name_holds_a_coined_word(patterns):
    names = coin_names(np.random.default_rng(1), 500, patterns)
    assert len(names) == 500
    assert len(set(names)) > 490
    word = f"({'|'.join(SYLLABLES)}){{2,3}}"
    shapes = [re.compile(pattern.lower().format(word, word)) for pattern in patterns]
    used = [{shape for shape in shapes if shape.fullmatch(name.lower())} for name in names]
    assert all(used)
    assert set.union(*used) == set(shapes)


def test_names_are_those_of_the_generator():
    once, twice, other = (coin_names(np.random.default_rng(seed), 50, TRACKS) for seed in (1, 1, 2))
    assert once == twice
    assert once != other


def test_uris_are_unique_and_use_every_base_62_character():
    uris = coin_uris(np.random.default_rng(1), 2000, "album")
    assert len(set(uris)) == 2000
    assert all(re.fullmatch("spotify:album:[0-9A-Za-z]{22}", uri) for uri in uris)
    assert len(set("".join(uri.removeprefix("spotify:album:") for uri in uris))) == 62


def test_genre_names_never_run_out():
    names = [genre_name(genre) for genre in range(3 * len(GENRES))]
    assert names[0] == "rock"
    assert names[len(GENRES)] == "rock 2"
    assert len(set(names)) == len(names)


def test_titles_take_every_pattern_of_their_kind():
    pop, jazz, sad = GENRES.index("pop"), GENRES.index("jazz"), MOODS.index("sad")
    found = [playlist_title("mix", pop, jazz, sad, choice) for choice in (0.0, 0.5, 0.999)]
    assert found == ["pop and jazz", "Pop / Jazz", "sad pop jazz"]


@pytest.mark.parametrize("kind", TITLES)
def test_titles_have_no_blanks_left(kind):
    titles = {playlist_title(kind, 0, 1, 0, choice) for choice in np.linspace(0, 0.999, 50)}
    assert len(titles) == len(TITLES[kind])
    assert not any(re.search(r"[{}]", title) for title in titles)
