"""Words that are spelt like one."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from segue.nearest import LEAST_ALIKE
from segue.serve.likest import MOST, Likest

WORDS = ["brackles", "morning", "morgen", "velvet", "ab", "a", "été", "brackle"]
LETTERS = st.text("abcdeé", min_size=1, max_size=7)


def test_the_likest_first_by_the_share_of_their_letters():
    found = Likest(WORDS).find("bracles")
    assert [WORDS[place] for place, _ in found] == ["brackles", "brackle"]
    assert [ratio for _, ratio in found] == [fuzz.ratio("bracles", word) for word in ("brackles", "brackle")]
    assert Likest(WORDS).find("xyz") == []
    assert Likest([]).find("brackles") == []


@settings(max_examples=60)
@given(st.sets(LETTERS, min_size=1, max_size=40), LETTERS)
def test_of_a_few_words_all_that_share_two_letters_are_found(words, wanted):
    words = sorted(words)
    ratios = {place: fuzz.ratio(wanted, word) for place, word in enumerate(words)}
    pairs = {word: {*zip(f" {word}"[:-1], word, strict=True)} for word in [*words, wanted]}
    alike = {
        place
        for place, ratio in ratios.items()
        if ratio >= LEAST_ALIKE and pairs[words[place]] & pairs[wanted]
    }
    found = Likest(words).find(wanted)
    assert {place for place, _ in found} == alike
    assert [ratio for _, ratio in found] == sorted((ratios[place] for place in alike), reverse=True)


def test_among_many_words_one_wrong_letter_does_not_hide_a_word():
    words = [
        f"{first}{second}{third}"
        for first in ("vel", "mor", "quen", "thra", "osk")
        for second in ("zun", "pel", "dra", "lith", "orn")
        for third in ("wex", "fal", "gri", "yul", "kesh", "nav", "tor")
    ]
    index = Likest([*words, *(f"{word}s" for word in words), *(f"x{word}" for word in words)])
    for place, word in enumerate(words):
        found = index.find(f"{word[:3]}i{word[4:]}")
        assert place in [one for one, _ in found]
        assert len(found) <= MOST
