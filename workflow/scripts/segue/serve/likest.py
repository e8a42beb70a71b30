"""Words of a large vocabulary that are spelt like a given one."""

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from segue.nearest import LEAST_ALIKE

COMPARED, MOST = 300, 100  # words, letter by letter, and of these the likest
PAD = " "  # before a word, so that its first letter counts as a pair, too
LEAST_SHARED = 4  # so that "wiat" is still like "wait"
BITS = 32  # of a letter in a pair


class Likest:
    """An index of pairs of letters, so that few words are compared letter by letter.

    ``words``: all different. Memory: some 5 bytes a letter.
    """

    def __init__(self, words: Sequence[str]):
        self._words = words
        pair, word = _pairs(words)
        order = np.argsort(pair, kind="stable")
        self._pairs, starts = np.unique(pair[order], return_index=True)
        self._starts = np.append(starts, len(pair))
        self._of_pair = word[order]
        self._lengths = np.bincount(word, minlength=len(words))

    def find(self, wanted: str) -> list[tuple[int, float]]:
        """Places of at most MOST words that are like ``wanted``, the likest first, with the ratio of 100
        that ``segue.nearest`` goes by, at least its LEAST_ALIKE.

        Of those that have a LEAST_SHARED-th of its pairs of letters, the COMPARED are looked at that have
        most of them, for their length (Dice's coefficient).
        """
        asked = np.unique(_pairs([wanted])[0])
        place = np.searchsorted(self._pairs, asked)
        known = place[np.append(self._pairs, 0)[place] == asked]
        entries = [self._of_pair[self._starts[one] : self._starts[one + 1]] for one in known]
        if not entries:
            return []
        shared = np.bincount(np.concatenate(entries), minlength=len(self._words))
        words = np.flatnonzero(shared * LEAST_SHARED >= len(asked))
        if len(words) > COMPARED:
            alike = shared[words] / (self._lengths[words] + len(asked))
            words = np.sort(words[np.argpartition(-alike, COMPARED)[:COMPARED]])
        some = [self._words[one] for one in words]
        ratio = process.cdist([wanted], some, scorer=fuzz.ratio, dtype=np.float64)[0]
        best = np.argsort(-ratio, kind="stable")[:MOST]
        return [(int(words[one]), float(ratio[one])) for one in best if ratio[one] >= LEAST_ALIKE]


def _pairs(words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Every two letters that stand side by side in a word, PAD before its first, as one uint64, and the
    places of the words, int32."""
    if not len(words):
        return np.empty(0, np.uint64), np.empty(0, np.int32)
    text = "".join(f"\n{PAD}{word}" for word in words)
    letters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    is_start = letters == ord("\n")
    inside = ~(is_start[:-1] | is_start[1:])
    pair = (letters[:-1].astype(np.uint64) << np.uint64(BITS)) | letters[1:]
    return pair[inside], (is_start.cumsum()[:-1] - 1)[inside].astype(np.int32)
