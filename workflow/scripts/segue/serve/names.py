"""What names of tracks and artists are compared by, from the strictest to the loosest."""

import itertools
import re
import unicodedata
from collections.abc import Iterator

import polars as pl

# Letters that no accent makes, as people type them without; NFKD leaves them as they are.
SPELLED = {
    "ø": "o", "œ": "oe", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i",
    "&": " and ",
}  # fmt: skip
_SPELLED = str.maketrans(SPELLED)
FEATURED = r"(?i)\s*[(\[]\s*(?:feat|ft|featuring|with)\b[^()\[\]]*[)\]]|\s+(?:feat|ft|featuring)\b\.?\s.*$"
# What a version of a song is called, as titles of catalogues have it; another word parts songs: (Part 2).
_CALLED = (
    r"(?:re-?master|remix|remaster|mix\b|edit\b|version|versi[oó]n|vers[aã]o|live\b|vivo\b|direct|direto\b|acoustic|"
    r"ac[uú]stic|akustik|acoustique|unplugged|demo\b|mono\b|stereo\b|deluxe|bonus|extended|instrumental|karaoke|"
    r"explicit|clean\b|anniversary|session|re-?recorded|rework|sped up|slowed|original|radio|single\b|"
    r"album\b|take \d|(?:19|20)\d\d\b)"
)
_WORD = r"(?:[^\s–—-]\S*|[–—-]\S+)"  # no dash alone
_OF = r"from\s"  # a film or show
VERSION = (
    rf"(?i)(?:\s*[(\[](?:{_OF}|[^()\[\]]*\b{_CALLED})[^()\[\]]*[)\]]"
    rf"|\s+[-–—]\s+(?:{_OF}|(?:{_WORD}\s+)*?\S*\b{_CALLED})\S*(?:\s+{_WORD})*)+\s*$"
)
_BETWEEN = re.compile(
    r"\s*[,;/|、]\s*|\s+(?:&|\+|x|×|vs\.?|feat\.?|ft\.?|featuring)\s+|\s*[(\[]\s*(?:feat|ft|featuring)\b\.?\s*",
    re.IGNORECASE,
)
MOST_ARTISTS = 12  # in one cell; of more the first


def key(text: pl.Expr) -> pl.Expr:
    """Letters and digits in lower case, without accents; the whole text where it has neither."""
    return _letters(_plain(text))


def spelled(text: pl.Expr) -> pl.Expr:
    """As ``key``, with SPELLED in other letters, too."""
    return _letters(_plain(text).str.replace_many(SPELLED))


def words(text: pl.Expr) -> pl.Expr:
    """As ``spelled``, with a space between words; an apostrophe parts none. The whole text, in lower case,
    where it has neither letter nor digit."""
    plain = _plain(text).str.replace_many(SPELLED)
    letters = (
        plain.str.replace_all(r"['’\p{M}]", "").str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    )
    return pl.when(letters == "").then(plain.str.strip_chars()).otherwise(letters)


def words_of(text: str) -> str:
    """``words`` of one text, in microseconds."""
    plain = _plain_of(text).translate(_SPELLED)
    letters = (one for one in plain if one not in "'’" and not unicodedata.category(one).startswith("M"))
    spaced = "".join(one if one.isalnum() else " " for one in letters)
    return " ".join(spaced.split()) or plain.strip()


def key_of(text: str) -> str:
    """``key`` of one text, in microseconds."""
    plain = _plain_of(text)
    return "".join(one for one in plain if one.isalnum()) or plain


def titles(title: pl.Expr) -> dict[str, pl.Expr]:
    """Four keys of ``title``, each looser than the one before: ``exact``, ``spelling``, ``featured`` without
    the artists that are featured, and ``version`` without what the version is called, too."""
    short = title.str.replace_all(FEATURED, "")
    return {
        "exact": key(title),
        "spelling": spelled(title),
        "featured": spelled(short),
        "version": spelled(short.str.replace(VERSION, "")),
    }


def artists_of(cell: str) -> Iterator[tuple[str, int]]:
    """What may be artists in a cell that names several, and how many parts of it each is, the longest first.

    A name may have a comma or & of its own, so that all parts that stand side by side are tried together.
    """
    cell = " ".join(cell.split())
    between = itertools.islice(_BETWEEN.finditer(cell), MOST_ARTISTS - 1)
    bounds = [(match.start(), match.end()) for match in between]
    starts, ends = [0, *(end for _, end in bounds)], [*(start for start, _ in bounds), len(cell)]
    for parts in range(len(bounds), 0, -1):
        for first in range(len(starts) - parts + 1):
            name = cell[starts[first] : ends[first + parts - 1]].strip(" ()[]")
            if name:
                yield name, parts


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFKD").str.to_lowercase()


def _plain_of(text: str) -> str:
    return unicodedata.normalize("NFKD", text).lower()


def _letters(plain: pl.Expr) -> pl.Expr:
    letters = plain.str.replace_all(r"[^\p{L}\p{N}]", "")
    return pl.when(letters == "").then(plain).otherwise(letters)
