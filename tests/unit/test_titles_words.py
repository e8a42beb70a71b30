import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.catalogue.titles import title_words


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Road Trip!", ["road", "trip"]),
        ("  road---TRIP  ", ["road", "trip"]),
        ("it's 90's (best of)", ["its", "90s", "best", "of"]),
        ("don’t", ["dont"]),
        ("🔥🔥fire 🔥", ["🔥", "🔥", "fire", "🔥"]),
        ("❤️", ["❤"]),
        ("❤", ["❤"]),
        ("👍🏽 👍", ["👍", "👍"]),
        ("Beyoncé & Björk", ["beyonce", "bjork"]),
        ("ＡＢＣ ①", ["abc", "1"]),
        ("Straße", ["strasse"]),
        ("日本の歌", ["日本の歌"]),
        ("हिन्दी", ["हिन्दी"]),
        ("r&b", ["r", "b"]),
        ("$$$", ["$", "$", "$"]),
        ("...", []),
        ("", []),
    ],
)
def test_words(title, words):
    assert title_words(title) == [unicodedata.normalize("NFKD", word) for word in words]


@given(st.text())
def test_words_of_words_are_the_same(title):
    words = title_words(title)
    assert title_words(" ".join(words)) == words


@given(st.text())
def test_case_does_not_count(title):
    assert title_words(title.casefold()) == title_words(title)
