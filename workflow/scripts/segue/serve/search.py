"""Tracks found by what people type: words of names, half typed, misspelt, in any order."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from segue.channels.neighbours import ranges
from segue.errors import SegueError, typed
from segue.serve.answering import Continuation
from segue.serve.asked import checked_count
from segue.serve.likest import Likest
from segue.serve.names import words, words_of
from segue.serve.uris import track_uri

WORDS, LETTERS = 12, 40  # of what is typed, and of a word of it: more are not looked at
BEGUN = 0.95  # how alike a word is to the letters that it begins with
REMEMBERED = 4096  # words that were typed, with those that are like them
LEAST_FOUND = 0.5  # of what was typed, by letters
EQUAL = 10_000  # parts of an answer; what differs by less is equal
NAMES = ("track_name", "artist_name")


class TrackSearch:
    r"""An index of the words in names of tracks and artists.

    How well a track answers is, over the words w that are typed, with :math:`|w|` letters each,

    .. math:: \frac{\sum_w |w| \max_v a(w, v)}{\sum_w |w|}

    with v the words of its names: a is 1 for the same word, BEGUN for one that begins with w, and else the
    share of their letters that are alike, as ``segue.nearest`` has it, or 0 below its least. Case, accents
    and the order of words do not count. Of equal answers those come first whose title or artist is what was
    typed, then those of more playlists, then by uri.

    ``tracks``: track_uri, track_name, artist_name; track, null outside the graph; and where it is known,
    degree, the playlists that hold it; a track outside the graph comes after those of it. Memory: some 350
    bytes a track, beside the table. benchmarks/RESULTS.md has times, also for as many tracks as the MPD has.
    """

    def __init__(self, tracks: pl.DataFrame):
        known = tracks.select("track_uri", *NAMES, in_graph=pl.col("track").is_not_null())
        by = ["in_graph", *(name for name in ("degree",) if name in tracks.columns)]
        # So that rows are in the order of equal answers.
        order = tracks.with_columns(known["in_graph"]).select(
            pl.arg_sort_by(*by, "track_uri", descending=[True] * len(by) + [False], nulls_last=True)
        )
        self._tracks = known[order.to_series()]
        names = self._tracks.select(words(pl.col(name).fill_null("")) for name in NAMES)
        self._hashes = [np.fromiter(map(hash, names[name]), np.int64, names.height) for name in NAMES]
        split = names.select(pl.concat_str(NAMES, separator=" ").str.split(" ")).to_series()
        row = np.repeat(np.arange(len(split), dtype=np.int32), split.list.len().to_numpy())
        word = split.explode()
        vocabulary = word.unique().sort()
        number = word.cast(pl.Enum(vocabulary)).to_physical()
        self._words: list[str] = vocabulary.to_list()
        self._rows = row[number.arg_sort().to_numpy()]
        self._starts = np.append(0, np.bincount(number.to_numpy(), minlength=len(vocabulary)).cumsum())
        self._likest = Likest(self._words)
        self._spelt = lru_cache(REMEMBERED)(self._spelt_now)  # as one types, words before the last stay

    def find(self, text: str, n: int = 20) -> pl.DataFrame:
        """The ``n`` tracks, or fewer, that ``text`` most likely means, best first: words of their names, of
        which the last may be half typed, or a track's uri or web address.

        Columns: track_uri, track_name, artist_name String; in_graph Boolean, whether models know the track
        itself. Half of the letters that are typed have to be found.
        """
        text = text.strip()
        uri = track_uri(text)
        if " " not in text:
            is_it = self._tracks["track_uri"] == (uri or text)
            if uri or is_it.any():
                return self._tracks.filter(is_it)
        typed = words_of(text)
        asked = [word[:LETTERS] for word in dict.fromkeys(typed.split())][:WORDS]
        if not asked:
            return self._tracks.clear()
        answers = self._answers(asked)
        rows = np.flatnonzero(answers >= LEAST_FOUND)
        score = np.rint(answers[rows] * EQUAL).astype(np.int16)
        score[np.any([hashes[rows] == hash(typed) for hashes in self._hashes], axis=0)] = 2 * EQUAL
        best = pl.Series(rows[np.argsort(-score, kind="stable")[:n]].astype(np.uint32))
        return pl.DataFrame([column[best] for column in self._tracks.get_columns()])

    def _answers(self, asked: Sequence[str]) -> np.ndarray:
        """How well each track answers to the words ``asked``, float32."""
        answers, letters = np.zeros(self._tracks.height, np.float32), sum(map(len, asked))
        first, *others = asked
        self._write(first, len(first) / letters, answers)
        of_word = np.empty_like(answers)
        for word in others:
            of_word.fill(0)
            self._write(word, len(word) / letters, of_word)
            answers += of_word
        return answers

    def _write(self, word: str, share: float, answers: np.ndarray) -> None:
        """Into ``answers``, zeros, ``share`` times how much each track has a word like ``word``."""
        starts, stops, alike = self._spelt(word)
        answers[self._rows[ranges(starts, stops)]] = (alike * np.float32(share)).repeat(stops - starts)
        # What is more alike comes later, over the others.
        first, last = (bisect_left(self._words, key) for key in (word, word + chr(0x10FFFF)))
        begun = first + (first < last and self._words[first] == word)
        start, middle, stop = self._starts[[first, begun, last]]
        answers[self._rows[middle:stop]] = np.float32(BEGUN) * np.float32(share)
        answers[self._rows[start:middle]] = share

    def _spelt_now(self, word: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where the rows of words that are spelt like ``word`` start and stop, and a, rising."""
        found = [one for one in self._likest.find(word)[::-1] if not self._words[one[0]].startswith(word)]
        words = np.array([one for one, _ in found], np.int64)
        alike = np.array([min(ratio / 100, BEGUN) for _, ratio in found], np.float32)
        return self._starts[words], self._starts[words + 1], alike


_OF_MODELS: WeakKeyDictionary[Continuation, TrackSearch] = WeakKeyDictionary()


def find_tracks(model: Continuation, text: str, n: int = 20) -> pl.DataFrame:
    """Tracks that ``text`` may mean, best first, of all that ``model`` can take: what playlists are made of.

    ``text``: words of title and artist in any order and case, also misspelt, the last half typed; or a
    track's uri or web address. ``n``: the most that are found.

    Columns:

    - ``track_uri``, ``track_name``, ``artist_name`` String
    - ``in_graph`` Boolean: whether the model knows the track itself, or goes by another one of its album or
      artist

    Of equal answers those come first whose title or artist is ``text``, then those on more playlists. The
    first question to a model makes an index of the names, in about a second for 100,000 tracks; any other
    takes milliseconds.

    Raises SegueError where ``model`` is none, ``text`` no text, or ``n`` no number from 1 on.
    """
    if not isinstance(model, Continuation):
        raise _bad("There is no model to find tracks of.", model, "what segue.load returns")
    if not isinstance(text, str):
        raise _bad("Tracks are found by a text.", text, "words of a title or an artist")
    n = checked_count(n, "find_tracks")
    if model not in _OF_MODELS:
        _OF_MODELS[model] = TrackSearch(model.tracks)
    return _OF_MODELS[model].find(text, n)


def _bad(what: str, value: object, expected: str) -> SegueError:
    return SegueError(
        what,
        where="find_tracks",
        found=typed(value),
        expected=expected,
        fix='segue.find_tracks(model, "a song its artist")',
    )
