import hashlib
from collections import Counter
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.sample.catalogue import SampleSettings, make_catalogue
from segue.sample.slices import make_slice
from segue.sample.variants import EMOJI, ENGLISH, TRANSLATIONS, VARIANTS, mistyped, translated, varied

SETTINGS = SampleSettings(seed=7, playlists_per_slice=20, mean_tracks=30.0, tracks=400, genres=4)
MANY = replace(SETTINGS, playlists_per_slice=2000, genres=66, tracks=10_000)


def outcomes(variant, title):
    """What ``variant`` makes of ``title``, over many draws."""
    rng = np.random.default_rng(1)
    return {variant(title, rng) for _ in range(300)}


def test_without_variants_a_slice_has_the_bytes_that_it_had():
    made = msgspec.json.encode(make_slice(make_catalogue(SETTINGS), SETTINGS, 0))
    assert hashlib.sha256(made).hexdigest() == (
        "da595b0a33de3837c46f0b07dbaf519d5dc01319cabf0f3b019d0fcbd7b56bbc"
    )


def test_variants_change_titles_and_nothing_else():
    catalogue = make_catalogue(SETTINGS)
    plain, other = (
        make_slice(catalogue, replace(SETTINGS, title_variants=share), 3)["playlists"] for share in (0.0, 0.5)
    )
    changed = sum(a["name"] != b["name"] for a, b in zip(plain, other, strict=True))
    assert 4 <= changed <= 16
    for playlist in (*plain, *other):
        playlist.pop("name")
    assert plain == other


def test_how_often_there_is_each_kind():
    """Of 3 in 10 titles that vary, about a fifth is of each kind: some have no word to translate."""
    titles = [one["name"] for one in make_slice(make_catalogue(MANY), MANY, 0)["playlists"]]
    others, kinds = varied(titles * 10, 0.3, np.random.default_rng(1))
    assert [kind is None for kind in kinds] == [a == b for a, b in zip(titles * 10, others, strict=True)]
    counts = Counter(kinds)
    shares = {kind: counts[kind] / (len(kinds) - counts[None]) for kind in VARIANTS}
    assert 1 - counts[None] / len(kinds) == pytest.approx(0.3, abs=0.01)
    measured = dict.fromkeys(VARIANTS, 0.205) | {"language": 0.18}
    assert shares == pytest.approx(measured, abs=0.01)


def test_typos_swap_leave_out_or_double_a_letter_behind_the_first():
    assert outcomes(mistyped, "80s rock") == {
        "80s " + word for word in ("rcok", "rokc", "rck", "rok", "roock", "rocck")
    }
    assert outcomes(mistyped, "my 90s 🎶") == {"my 90s 🎶"}


def test_words_are_translated_and_coined_ones_stay():
    assert outcomes(translated, "Road trip of Velølith") == {
        f"{words} of Velølith" for words in ("Viaje", "Autofahrt", "En route", "Viagem", "ドライブ", "رحلة")
    }
    assert outcomes(translated, "partying") == {"partying"}


def test_every_language_has_every_word():
    for words in TRANSLATIONS.values():
        assert list(words) == ENGLISH.split(", ")
        assert all(words.values())


@given(st.text(min_size=1, max_size=20), st.integers(0, 2**32))
def test_any_title_can_vary(title, seed):
    (other,), (kind,) = varied([title], 1.0, np.random.default_rng(seed))
    assert other != title
    assert kind in VARIANTS
    if kind == "emoji":
        assert set(other) - set(title) <= {*EMOJI, " "}


@given(st.lists(st.sampled_from(["Road trip", "80s", "sad rap"]), min_size=3, max_size=3))
def test_a_title_varies_by_its_place(titles):
    first = varied([titles[0], "pop", "pop"], 0.7, np.random.default_rng(2))
    again = varied(titles, 0.7, np.random.default_rng(2))
    assert (first[0][0], first[1][0]) == (again[0][0], again[1][0])
