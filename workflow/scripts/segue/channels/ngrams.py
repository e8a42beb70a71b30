"""Titles as sets of n-grams of letters, in a number of buckets that does not grow with them."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from segue.catalogue.titles import title_words


def ngrams(title: str, shortest: int, longest: int) -> list[str]:
    """The words of ``title``, each as ``=word``, and the runs of ``shortest`` to ``longest`` letters of each
    ``<word>``, whose signs are its ends; each once, in order.

    Subwords as of fastText (Bojanowski et al. 2017, section 3.2): a word that nobody has written shares most
    of its n-grams with the word that was meant. Words are ``title_words``, so that an emoji is one.
    """
    found: list[str] = []
    for word in title_words(title):
        ends = f"<{word}>"
        found.append(f"={word}")
        for n in range(shortest, longest + 1):
            found += [ends[start : start + n] for start in range(len(ends) - n + 1)]
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Bags:
    """The n-grams of n titles as buckets 0..B-1: ``ids`` [m] int64, title by title, rising and each once;
    ``starts`` [n] int64, where each begins. A title may have none."""

    starts: Tensor
    ids: Tensor

    @classmethod
    def of(cls, titles: Iterable[str | None], settings: dict[str, Any]) -> "Bags":
        """``settings``: shortest, longest, buckets. The bucket of an n-gram is its CRC-32 modulo their
        number, on every machine."""
        spans, buckets = (settings["shortest"], settings["longest"]), settings["buckets"]
        rows = [
            sorted({zlib.crc32(ngram.encode()) % buckets for ngram in ngrams(title or "", *spans)})
            for title in titles
        ]
        starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)[:-1]
        ids = np.array([bucket for row in rows for bucket in row], dtype=np.int64)
        return cls(torch.from_numpy(starts), torch.from_numpy(ids))

    @property
    def sizes(self) -> Tensor:
        """[n] int64, buckets of each."""
        return torch.cat([self.starts, self.starts.new_tensor([len(self.ids)])]).diff()

    def only(self, known: Tensor) -> "Bags":
        """Without the buckets that are not ``known`` [B] bool."""
        kept = known[self.ids]
        before = torch.cat([kept.new_zeros(1, dtype=torch.int64), kept.cumsum(0)])
        return Bags(before[self.starts], self.ids[kept])

    def take(self, rows: Tensor) -> "Bags":
        """Those of the titles ``rows`` [k] int64, in their order."""
        sizes = self.sizes[rows]
        starts = sizes.cumsum(0) - sizes
        inside = torch.arange(int(sizes.sum())) - starts.repeat_interleave(sizes)
        return Bags(starts, self.ids[self.starts[rows].repeat_interleave(sizes) + inside])
