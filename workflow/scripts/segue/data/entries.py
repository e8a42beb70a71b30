"""A slice's text taken apart into the texts of its entries and what is around them, without a parser.

A track that is on many playlists has the same text on each but for its position, so that equal texts need
to be decoded once: one in five of the entries of a batch of 20 slices. The text is cut where entries begin
and end in the MPD's layout, which is a guess about its contents. Where every piece that comes out is one
whole JSON object, and what is left when each is replaced by a number is a slice, then the text is that
slice with these entries; so pieces must be decoded strictly, and other texts are left to a parser.
"""

from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa

from segue.data.mpd import NOT_DECODED, SlicePlaylist

OPENING = b"{\n" + b" " * 20 + b'"pos": '  # of an entry, where JSON is indented by four as in the MPD
CLOSING = b"\n" + b" " * 16 + b"}"
INDENT = CLOSING[:-1]
WORD = 8  # bytes
MOST_DIGITS = 7  # of a position, so that they and the comma behind them fit in a word
NUMBER = 8413530211  # stands for an entry when the text around the entries is decoded
STAND_IN = str(NUMBER).encode()
SEEDS = (0, 1)  # of two hashes of 64 bits
CHUNK = 1 << 18  # bytes: what is compared stays in the cache


class _Outline(msgspec.Struct):
    playlists: Annotated[
        list[SlicePlaylist[Annotated[int, msgspec.Meta(ge=NUMBER, le=NUMBER)]]], msgspec.Meta(min_length=1)
    ]


_OUTLINE = msgspec.json.Decoder(_Outline)


class Parts(NamedTuple):
    """The parts of a slice's ``text`` with n entries.

    ``playlists``: with a number in place of each entry. ``positions``: int32 [n]. ``starts`` and ``ends``:
    int64 [n]; ``text[starts[i]:ends[i]]`` is entry i from behind its position to its closing brace.
    """

    playlists: list[SlicePlaylist[int]]
    positions: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def hashes(self, text: bytes) -> tuple[np.ndarray, np.ndarray]:
        """Two independent hashes of each entry's text behind its position, uint64 [n] each."""
        bounds = np.append(np.stack([self.starts, self.ends], axis=1).ravel(), len(text))
        buffers = [None, pa.py_buffer(bounds), pa.py_buffer(text)]
        # Every second value is an entry, those between are what separates them. No byte is copied.
        texts = pl.Series(pa.Array.from_buffers(pa.large_binary(), len(bounds) - 1, buffers)).gather_every(2)
        first, second = (texts.hash(seed).to_numpy() for seed in SEEDS)
        return first, second


@dataclass(frozen=True)
class SeenTexts:
    """Entries' texts by the first of their two hashes, ascending, with the second and the track's number."""

    keys: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))
    checks: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))
    tracks: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))

    def find(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where each of ``keys`` is or belongs, int64, and whether it is there, bool."""
        at = np.searchsorted(self.keys, keys)
        inside = at < len(self.keys)
        seen = np.zeros(len(keys), bool)
        seen[inside] = self.keys[at[inside]] == keys[inside]
        return at, seen

    def with_more(self, keys: np.ndarray, checks: np.ndarray, tracks: np.ndarray) -> "SeenTexts":
        """These and others that are not among them; ``keys`` ascending."""
        at = np.searchsorted(self.keys, keys)
        return SeenTexts(
            np.insert(self.keys, at, keys),
            np.insert(self.checks, at, checks),
            np.insert(self.tracks, at, tracks),
        )


def take_apart(text: bytes) -> Parts | None:
    """The parts of a slice, or None where ``text`` has not the MPD's layout, or no entry."""
    opens = _openings(text)
    if not len(opens):
        return None
    numbers = _positions(text, opens)
    if numbers is None:
        return None
    positions, starts = numbers
    ends = np.append(_ends_before(text, opens[1:]), -1)
    last = np.flatnonzero(ends < 0)  # of each list
    for entry in last.tolist():
        limit = int(opens[entry + 1]) if entry + 1 < len(opens) else len(text)
        close = text.find(CLOSING, int(starts[entry]), limit)
        if close < 0:
            return None
        ends[entry] = close + len(CLOSING)
    if (ends <= starts).any():
        return None
    first = np.append(0, last[:-1] + 1)
    lengths = last - first + 1
    bounds = np.append(0, ends[last]).tolist()
    around = [text[start:end] for start, end in zip(bounds, [*opens[first].tolist(), len(text)], strict=True)]
    if any(STAND_IN in piece for piece in around):
        return None
    outline = [around[0]]
    for length, piece in zip(lengths.tolist(), around[1:], strict=True):
        outline += [b",".join([STAND_IN] * length), piece]
    try:
        playlists = _OUTLINE.decode(b"".join(outline)).playlists
    except NOT_DECODED:
        return None
    if sum(len(playlist.tracks) for playlist in playlists) != len(opens):
        return None  # some stand elsewhere
    return Parts(playlists, positions, starts, ends)


def _openings(text: bytes) -> np.ndarray:
    """Where OPENING is, with a word behind it, in ``text``: int64, ascending."""
    data = np.frombuffer(text, np.uint8)
    braces = [
        np.flatnonzero(data[start : start + CHUNK] == OPENING[0]) + start
        for start in range(0, len(data), CHUNK)
    ]
    at = np.concatenate([*braces, np.empty(0, np.int64)])
    return at[_is_at(text, at, OPENING)]


def _is_at(text: bytes, at: np.ndarray, pattern: bytes) -> np.ndarray:
    """Whether ``pattern``, of a word or more, and a word behind it are at each of ``at``; bool."""
    inside = (at >= 0) & (at <= len(text) - len(pattern) - WORD)
    if not inside.any():
        return inside
    at = np.where(inside, at, 0)
    same, words = inside, _words(text)
    for offset in [*range(0, len(pattern) - WORD, WORD), len(pattern) - WORD]:
        same = same & (words[at + offset] == np.frombuffer(pattern[offset : offset + WORD], "<u8")[0])
    return same


def _words(text: bytes) -> np.ndarray:
    """The eight bytes from each byte of ``text`` on, as a number; nothing is copied."""
    return np.ndarray((len(text) - WORD + 1,), "<u8", buffer=text, strides=(1,))


def _positions(text: bytes, opens: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The position of each entry, int32, and where the comma behind it is; None where one is no number."""
    behind = opens + len(OPENING)
    characters = _words(text)[behind].view(np.uint8).reshape(-1, WORD)
    digits = characters - np.uint8(ord("0"))
    position, count = np.zeros(len(opens), np.int32), np.zeros(len(opens), np.int64)
    more = np.ones(len(opens), bool)
    for place in range(MOST_DIGITS):
        more &= digits[:, place] < 10
        position = np.where(more, 10 * position + digits[:, place], position)
        count += more
    comma = characters[np.arange(len(opens)), count] == ord(",")
    zero_in_front = (digits[:, 0] == 0) & (count > 1)
    return (position, behind + count) if (comma & (count > 0) & ~zero_in_front).all() else None


def _ends_before(text: bytes, opens: np.ndarray) -> np.ndarray:
    """Where the entry before each of ``opens`` ends, int64; -1 where another thing than an entry does."""
    ends = np.full(len(opens), -1, np.int64)
    for separator in (b",", b", "):  # json.dump of Python 2 leaves a space at the ends of lines
        left = np.flatnonzero(ends < 0)
        between = separator + INDENT
        at = opens[left] - len(between)
        found = _is_at(text, at - len(CLOSING), CLOSING + between)
        ends[left[found]] = at[found]
    return ends
