"""Tracks found by what people type: words of names, half typed, misspelt, in any order."""

from bisect import bisect_left
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from segue.channels.neighbours import ranges
from segue.errors import SegueError, shown
from segue.serve.answering import Continuation
from segue.serve.asked import checked_count
from segue.serve.likest import Likest
from segue.serve.names import words
from segue.serve.uris import track_uri

WORDS, LETTERS = 12, 40  # of what is typed, and of a word of it: more are not looked at
BEGUN = 0.95  # how alike a word is to the letters that it begins with
REMEMBERED = 64  # words that were typed, with what is like them
LEAST_FOUND = 0.5  # of what was typed, by letters
NAMES = ("track_name", "artist_name")
TYPED = words(pl.col("text"))
TYPED_HASH = TYPED.hash().alias("hash")


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
        self._hashes = [names[name].hash().to_numpy() for name in NAMES]
        split = names.select(pl.concat_str(NAMES, separator=" ").str.split(" ")).to_series()
        row = np.repeat(np.arange(len(split), dtype=np.int32), split.list.len().to_numpy())
        word = split.explode()
        vocabulary = word.unique().sort()
        number = word.cast(pl.Enum(vocabulary)).to_physical()
        self._words: list[str] = vocabulary.to_list()
        self._rows = row[number.arg_sort().to_numpy()]
        self._starts = np.append(0, np.bincount(number.to_numpy(), minlength=len(vocabulary)).cumsum())
        self._likest = Likest(self._words)
        self._alike = lru_cache(REMEMBERED)(self._alike_now)  # as one types, words before the last stay

    def find(self, text: str, n: int = 20) -> pl.DataFrame:
        """The ``n`` tracks, or fewer, that ``text`` most likely means, best first: words of their names, of
        which the last may be half typed, or a track's uri or web address.

        Columns: track_uri, track_name, artist_name String; in_graph Boolean, whether models know the track
        itself. Half of the letters that are typed have to be found.
        """
        text = text.strip()
        uri = track_uri(text)
        if " " not in text:
            place = self._tracks["track_uri"].index_of(uri or text)
            if uri or place is not None:
                return self._tracks.clear() if place is None else self._tracks[place : place + 1]
        typed, whole = pl.DataFrame({"text": [text]}, {"text": pl.String}).select(TYPED, TYPED_HASH).row(0)
        asked = [word[:LETTERS] for word in dict.fromkeys(typed.split())][:WORDS]
        if not asked:
            return self._tracks.clear()
        total = np.zeros(self._tracks.height, np.float32)
        for word in asked:
            like, share = self._alike(word)
            total[like] += share * (len(word) / sum(map(len, asked)))
        rows = np.flatnonzero(total >= LEAST_FOUND)
        score = total[rows].round(4)
        is_whole = np.any([hashes[rows] == whole for hashes in self._hashes], axis=0)
        score[is_whole] = 2
        if len(rows) > n:  # most are far from the best
            some = np.flatnonzero(score >= np.partition(score, -n)[-n])
            rows, score = rows[some], score[some]
        best = pl.Series(rows[np.argsort(-score, kind="stable")[:n]], dtype=pl.UInt32)
        return pl.DataFrame([column[best] for column in self._tracks.get_columns()])

    def _alike_now(self, word: str) -> tuple[np.ndarray, np.ndarray]:
        """Rows [r] of tracks with a word that is like ``word``, and a of the likest one [r], float32."""
        found = [(one, one + 1, min(ratio / 100, BEGUN)) for one, ratio in self._likest.find(word)[::-1]]
        first, last = (bisect_left(self._words, key) for key in (word, word + chr(0x10FFFF)))
        found.append((first, last, BEGUN))
        if first < last and self._words[first] == word:
            found.append((first, first + 1, 1.0))
        starts, stops = (self._starts[[one[end] for one in found]] for end in (0, 1))
        entry = ranges(starts, stops)
        out = np.zeros(self._tracks.height, np.float32)
        # The likest last, over the others.
        out[self._rows[entry]] = np.repeat([one[2] for one in found], stops - starts)
        rows = np.flatnonzero(out)
        return rows, out[rows]


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
        found=f"{shown(value)}, a {type(value).__name__}",
        expected=expected,
        fix='segue.find_tracks(model, "a song its artist")',
    )
