"""Proposals of models for a playlist, with hits and with the given tracks that pull them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from segue.errors import SegueError
from segue.serve.answering import PATHS, Continuation, require_known, require_something
from segue.serve.asked import checked_playlists
from segue.serve.forms import Playlist
from segue.serve.tracks import USES, GivenTracks
from segue.web.models import Models
from segue.web.wire import Given, ModelAnswer, Proposal

MOST = 16  # questions answered together


@dataclass(frozen=True)
class Asked:
    """``playlist``: to be continued by ``n`` tracks; ``held_out``: uris of its hits, None where unknown."""

    playlist: Playlist
    n: int
    held_out: frozenset[str] | None


class Answers:
    """Of ``models``; all of it is for one thread."""

    def __init__(self, models: Models):
        self._models = models

    def together(self, name: str, asked: Sequence[Asked]) -> list["ModelAnswer | SegueError"]:
        """The answers of the model ``name``; the error where there is none."""
        model = self._models.loaded(name)
        given = model.index.find([one.playlist.tracks for one in asked])
        answers: list[ModelAnswer | SegueError] = []
        errors = {}
        for row in np.flatnonzero(self._is_doubtful(model, given, asked)):
            try:
                self._require_answerable(model, asked[row])
            except SegueError as error:
                errors[row] = error
        rest = [one for row, one in enumerate(asked) if row not in errors]
        if rest:
            if errors:
                given = model.index.find([one.playlist.tracks for one in rest])
            ranked = model.ranked([one.playlist for one in rest], given, max(one.n for one in rest))
            answers = [self._answer(name, model, *one) for one in zip(rest, *ranked, strict=True)]
        found = iter(answers)
        return [errors[row] if row in errors else next(found) for row in range(len(asked))]

    def given(self, name: str, tracks: Sequence[str]) -> list[Given]:
        """``tracks``: distinct uris."""
        model = self._models.loaded(name)
        uses = model.index.find([[uri] for uri in tracks]).uses
        names = model.names(tracks)
        used = [_used(row) for row in uses.iter_rows(named=True)]
        return [Given(uri, *name, use) for uri, name, use in zip(tracks, names, used, strict=True)]

    def _is_doubtful(self, model: Continuation, given: GivenTracks, asked: Sequence[Asked]) -> np.ndarray:
        left = model.scorer.num_tracks - given.known.rowptr.diff().numpy()
        return (given.attached.rowptr.diff().numpy() == 0) | (left < [one.n for one in asked])

    def _require_answerable(self, model: Continuation, asked: Asked) -> None:
        require_something([asked.playlist])
        given = model.index.find([asked.playlist.tracks])
        require_known([asked.playlist], given)
        model.require_enough([asked.playlist], given, asked.n)

    def _answer(
        self, name: str, model: Continuation, asked: Asked, best: np.ndarray, scores: np.ndarray, by: int
    ) -> ModelAnswer:
        best, scores = best[: asked.n], scores[: asked.n].tolist()
        names = model.core.select("track_uri", "track_name", "artist_name")[pl.Series(best).cast(pl.UInt32)]
        held_out = asked.held_out
        proposals = [
            Proposal(rank, *row, score, None if held_out is None else row[0] in held_out, [])
            for rank, (row, score) in enumerate(zip(names.iter_rows(), scores, strict=True), 1)
        ]
        return ModelAnswer(name, self._models.offered[name].label, PATHS[by], False, proposals)


def playlist_of(model: Continuation, tracks: Sequence[str], title: str | None, pid: int | None) -> Playlist:
    """Its distinct tracks as uris. Raises SegueError where one is none."""
    asked = Playlist(tuple(dict.fromkeys(tracks)), title, pid)
    return checked_playlists([asked], model.raw_ids, model.index.__contains__)[0]


def _used(uses: dict[str, int]) -> str:
    use = next(name for name, count in uses.items() if count)
    return {USES[0]: "graph", USES[-1]: "unused"}.get(use, "related")
