"""Answers from the catalogue: tracks in the k-core or not, by title and tracks at once."""

import functools
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from threadpoolctl import ThreadpoolController

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.rankers import Ranker, best_tracks
from segue.errors import SegueError
from segue.serve.answering import BOTH, POPULARITY, TITLE, TRACKS, Continuation
from segue.serve.forms import Playlist
from segue.serve.tracks import USES, GivenTracks


class CatalogueIndex:
    """Looks tracks up by uri in the ``catalogue``."""

    def __init__(self, catalogue: Catalogue):
        self._catalogue = catalogue

    def __contains__(self, uri: str) -> bool:
        return uri in self._catalogue

    def rows(self, uris: Iterable[str]) -> np.ndarray:
        """int64, where each of ``uris`` stands in the catalogue; -1 where it does not."""
        return self._catalogue.rows(uris)

    def uses_of(self, uris: Iterable[str]) -> list[str]:
        """What each of ``uris`` is to an answer: a column of ``GivenTracks.uses``."""
        return [USES[0] if row >= 0 else USES[-1] for row in self.rows(uris)]

    def find(self, playlists: Sequence[Sequence[str]]) -> GivenTracks:
        """``playlists``: the track uris of each; one that repeats counts once. ``known`` are candidates, and
        ``attached`` all tracks of the catalogue; what is not in it is unused."""
        queries = self._catalogue.queries(playlists, [None] * len(playlists))
        known = queries.sizes
        asked = np.array([len(dict.fromkeys(uris)) for uris in playlists], dtype=np.int64)
        uses = dict.fromkeys(USES, np.zeros_like(known)) | {"in_graph": known, "unused": asked - known}
        given = queries.given(self._catalogue.num_candidates)
        return GivenTracks(given, queries.given(), pl.DataFrame(uses))


class FromCatalogue(Continuation):
    """``scorer``: a ranker of the ``catalogue``. Raises SegueError where it is of another one."""

    def __init__(self, ranker: Ranker, catalogue: Catalogue):
        require_same_catalogue(ranker, catalogue)
        self.scorer, self._catalogue = ranker, catalogue
        self.tracks, self.index = catalogue.tracks, CatalogueIndex(catalogue)
        self.core = self.tracks[: catalogue.num_candidates].select(
            "track", "track_uri", "track_name", "artist_name"
        )

    def ranked(
        self, playlists: Sequence[Playlist], given: GivenTracks, n: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As ``Continuation.ranked``; where no track and no word of the title is known, by popularity."""
        titles = [playlist.title for playlist in playlists]
        queries = self._catalogue.queries([playlist.tracks for playlist in playlists], titles)
        # What there is to do for one is too little to be shared: threads would wait for each other.
        with _threads().limit(limits=1 if len(playlists) == 1 else None):
            best, scores = best_tracks(self.scorer, queries, n)
        titled = np.array([self._catalogue.titles.knows(title) for title in titles])
        some = queries.sizes > 0
        by = np.select([some & titled, some, titled], [BOTH, TRACKS, TITLE], POPULARITY)
        # Candidates are numbered by popularity.
        nothing = by == POPULARITY
        best[nothing] = np.arange(n, dtype=np.int32)
        scores[nothing] = self._catalogue.degree[:n] / self._catalogue.num_playlists
        return best, scores, by


@functools.cache
def _threads() -> ThreadpoolController:
    """Those of torch and of NumPy; to find them takes milliseconds."""
    return ThreadpoolController()


def require_same_catalogue(ranker: Ranker, catalogue: Catalogue) -> None:
    if ranker.facts["catalogue"] != catalogue.digest:
        raise SegueError(
            "The model was made for another catalogue.",
            where=f"{ranker.facts['model']} and {catalogue.folder}",
            found=f"a model of {ranker.facts['catalogue'][:12]}, and the catalogue {catalogue.digest[:12]}",
            expected="a model and a catalogue of one run",
            fix="make both again with one configuration: snakemake makes only what is stale",
        )
