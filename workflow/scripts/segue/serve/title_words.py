"""Titles of playlists as words, so that those that mean the same compare equal."""

import unicodedata

# Accents on letters, the style of emoji, their skin tones.
UNSEEN = {*range(0x300, 0x370), *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)}


def title_words(title: str) -> list[str]:
    """The words of ``title``, in its order.

    Case, accents, width and compatibility forms do not count, nor does punctuation, which parts words, but
    for an apostrophe, which does not. Each emoji or other symbol is a word of its own, whatever its colour or
    skin tone. What the challenge's teams did (Zamani et al. 2019, section 5), with emoji kept.
    """
    words, word = [], ""
    for char in unicodedata.normalize("NFKD", title).casefold():
        kind = unicodedata.category(char)
        if char in "'’" or kind in ("Cf", "Me") or ord(char) in UNSEEN:
            continue
        if kind[0] in "LNM":
            word += char
            continue
        if word:
            words.append(word)
        word = ""
        if kind in ("So", "Sm", "Sc"):
            words.append(char)
    return [*words, word] if word else words
