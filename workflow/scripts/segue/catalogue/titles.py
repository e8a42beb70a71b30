"""The playlists that bear a title, or one like it."""

import functools
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from segue.files import atomic

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


SIMILAR = 100  # playlists with similar titles, at most
LEAST_COSINE = 0.3


class TitleIndex:
    r"""Titles as sets of words, compared by cosine with weights :math:`w = \ln(P / P_w)`.

    P is the number of titles and P_w that of those with the word w (inverse document frequency, Spärck Jones
    1972). Words that every title has weigh nothing.

    ``words``: the distinct words, in order; ``starts``: [W + 1] int64 and ``playlists``: [N] int32, the
    playlists with each word, in rising order; ``norms``: [P] float32, the length of each playlist's vector.
    """

    def __init__(self, words: Sequence[str], starts: np.ndarray, playlists: np.ndarray, norms: np.ndarray):
        self.words, self.starts, self.playlists, self.norms = words, starts, playlists, norms
        self._number = {word: number for number, word in enumerate(words)}
        counts = np.diff(starts)
        self._weight = np.log(max(len(norms), 1) / np.maximum(counts, 1)).astype(np.float32)

    @classmethod
    def of(cls, titles: Sequence[str | None]) -> "TitleIndex":
        """``titles``: of the playlists 0..P-1."""
        sets = [sorted(set(title_words(title or ""))) for title in titles]
        words = sorted(set().union(*sets))
        number = {word: place for place, word in enumerate(words)}
        playlist = np.repeat(np.arange(len(sets), dtype=np.int32), [len(one) for one in sets])
        word = np.array([number[one] for titled in sets for one in titled], dtype=np.int64)
        order = np.argsort(word, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(word, minlength=len(words)))]).astype(np.int64)
        index = cls(words, starts, playlist[order], np.zeros(len(sets), np.float32))
        squares = np.bincount(playlist, index._weight[word].astype(np.float64) ** 2, len(sets))
        index.norms = np.sqrt(squares).astype(np.float32)
        return index

    def lookup(self, title: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Playlists with such a title: indices [m] int64, the most similar first, and weights [m] float32.

        A title of the same words, in any order, weighs 1, another its cosine, if it is at least
        LEAST_COSINE; a word that no title has says nothing. Of those that are not the same, the most similar
        fill up to SIMILAR. None where there is none.
        """
        playlists, cosine, same = self._compared(title)
        best = np.lexsort((playlists, -cosine, ~same))[: max(SIMILAR, int(same.sum()))]
        best = best[cosine[best] >= LEAST_COSINE]
        return (playlists[best], cosine[best].astype(np.float32)) if best.size else None

    def cosines(self, title: str) -> tuple[np.ndarray, np.ndarray]:
        """All playlists whose titles share a word with ``title``: indices [m] int64, rising, and cosines [m]
        float64, 1 for the same words."""
        return self._compared(title)[:2]

    def shares(self, title: str) -> tuple[np.ndarray, np.ndarray]:
        """As ``cosines``, but the share of each one's squared length that words of ``title`` make up, [m]
        float64: 1 where ``title`` has all of its words, whatever else it says."""
        _, playlists, products, _, _ = self._sharing(title)
        squares = self.norms[playlists].astype(np.float64) ** 2
        return playlists, np.divide(products, squares, out=np.zeros(len(products)), where=squares > 0)

    def knows(self, title: str | None) -> bool:
        """Whether a playlist has a word of ``title``."""
        return any(word in self._number for word in title_words(title or ""))

    def _compared(self, title: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As ``cosines``, and [m] bool, whether the words are the same."""
        wanted, playlists, products, shared, squares = self._sharing(title)
        same = (shared == wanted) & (self._sizes[playlists] == wanted)
        norms = self.norms[playlists] * np.sqrt(squares)
        cosine = np.divide(products, norms, out=np.zeros(len(playlists)), where=norms > 0)
        cosine[same] = 1
        return playlists, cosine, same

    def _sharing(self, title: str) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, float]:
        """How many words ``title`` has; the playlists that have one of them, [m] int64, rising, the sum of
        squared weights of the words that they share with it, [m], and their number, [m]; and the sum of
        those of all its words that are known."""
        wanted = set(title_words(title))
        numbers = np.array(
            sorted(self._number[word] for word in wanted if word in self._number), dtype=np.int64
        )
        lists = [self.playlists[self.starts[n] : self.starts[n + 1]] for n in numbers]
        found = np.concatenate([np.empty(0, np.int64), *lists]).astype(np.int64)
        squares = self._weight[numbers] ** 2
        products = np.bincount(found, np.repeat(squares, [len(one) for one in lists]), len(self.norms))
        shared = np.bincount(found, minlength=len(self.norms))
        playlists = np.flatnonzero(shared)
        return len(wanted), playlists, products[playlists], shared[playlists], squares.sum()

    @property
    def num_playlists(self) -> int:
        """P, those without a title among them."""
        return len(self.norms)

    @functools.cached_property
    def _sizes(self) -> np.ndarray:
        """[P] how many words each title has."""
        return np.bincount(self.playlists, minlength=len(self.norms))

    def save(self, path: str | Path) -> None:
        """Writes one safetensors file; the words are its metadata."""
        tensors = {"starts": self.starts, "playlists": self.playlists, "norms": self.norms}
        with atomic(path, sum(tensor.nbytes for tensor in tensors.values())) as temporary:
            save_file(tensors, temporary, metadata={"words": json.dumps(self.words)})

    @classmethod
    def load(cls, path: str | Path) -> "TitleIndex":
        """Reads what ``save`` wrote."""
        with safe_open(str(path), framework="np") as file:
            tensors = {name: file.get_tensor(name) for name in ("starts", "playlists", "norms")}
            return cls(json.loads(file.metadata()["words"]), **tensors)
