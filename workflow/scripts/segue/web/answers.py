"""Proposals of models for a playlist, with hits and with the given tracks that pull them."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch

from segue.errors import SegueError
from segue.serve.answering import (
    BOTH,
    PATHS,
    RELATED,
    TRACKS,
    Continuation,
    require_known,
    require_something,
)
from segue.serve.forms import Playlist
from segue.serve.pulls import explains, pulled
from segue.serve.tracks import GivenTracks
from segue.web.wire import STRONGEST, ModelAnswer, Proposal, Pull

NAMES = ("track_name", "artist_name")
Answer = ModelAnswer | SegueError


@dataclass(frozen=True)
class Asked:
    """``playlist``: to be continued by ``n`` tracks; ``held_out``: uris of its hits, None where unknown."""

    playlist: Playlist
    n: int
    held_out: frozenset[str] | None


def answering(model: Continuation, name: str, label: str) -> Callable[[Sequence[Asked]], list[Answer]]:
    """A function that answers questions to ``model`` together, an error in place of no answer."""
    return functools.partial(_together, model, name, label)


def _together(model: Continuation, name: str, label: str, asked: Sequence[Asked]) -> list[Answer]:
    given = model.index.find([one.playlist.tracks for one in asked])
    errors: dict[int, SegueError] = {}
    for row in np.flatnonzero(_is_doubtful(model, given, asked)):
        try:
            _require_answerable(model, asked[row])
        except SegueError as error:
            errors[row] = error
    rest = [one for row, one in enumerate(asked) if row not in errors]
    if errors:
        given = model.index.find([one.playlist.tracks for one in rest])
    answers = iter(_answers(model, name, label, rest, given) if rest else [])
    return [errors[row] if row in errors else next(answers) for row in range(len(asked))]


def _is_doubtful(model: Continuation, given: GivenTracks, asked: Sequence[Asked]) -> np.ndarray:
    """Of which questions it has to be looked at whether there is an answer."""
    left = model.scorer.num_tracks - given.known.rowptr.diff().numpy()
    return (given.attached.rowptr.diff().numpy() == 0) | (left < [one.n for one in asked])


def _require_answerable(model: Continuation, asked: Asked) -> None:
    require_something([asked.playlist])
    given = model.index.find([asked.playlist.tracks])
    require_known([asked.playlist], given)
    model.require_enough([asked.playlist], given, asked.n)


def _answers(
    model: Continuation, name: str, label: str, asked: Sequence[Asked], given: GivenTracks
) -> list[ModelAnswer]:
    n = max(one.n for one in asked)
    best, scores, by = model.ranked([one.playlist for one in asked], given, n)
    # Column by column: to gather a table, polars' threads wait for each other.
    rows = pl.Series(best.ravel().astype(np.uint32))
    columns = [model.core[name][rows].to_list() for name in ("track_uri", *NAMES)]
    answers = []
    explained = _pulls(model, asked, best, by)
    for row, (one, (pulls, exact)) in enumerate(zip(asked, explained, strict=True)):
        mine = slice(row * n, row * n + one.n)
        named = zip(*(column[mine] for column in columns), scores[row, : one.n].tolist(), pulls, strict=True)
        proposals = [
            Proposal(rank, *names, score, None if one.held_out is None else names[0] in one.held_out, pull)
            for rank, (*names, score, pull) in enumerate(named, 1)
        ]
        answers.append(ModelAnswer(name, label, PATHS[by[row]], exact, proposals))
    return answers


def _pulls(
    model: Continuation, asked: Sequence[Asked], best: np.ndarray, by: np.ndarray
) -> Iterator[tuple[list[list[Pull]], bool]]:
    """For each question the strongest of each proposal, and whether all would add up to the score."""
    rows = np.flatnonzero(np.isin(by, (TRACKS, RELATED, BOTH))) if explains(model) != "no" else []
    playlists = [asked[row].playlist.tracks for row in rows]
    wanted = [torch.from_numpy(best[row, : asked[row].n]).long() for row in rows]
    found = dict(zip(rows, pulled(model, playlists, wanted), strict=True)) if playlists else {}
    for row, one in enumerate(asked):
        if row in found:
            places, of_given, rest = found[row]
            yield _strongest(places, of_given), rest is not None
        else:
            yield [[] for _ in range(one.n)], False


def _strongest(places: np.ndarray, of_given: np.ndarray) -> list[list[Pull]]:
    order = np.argsort(-of_given, axis=0, kind="stable")[:STRONGEST]
    strongest = np.take_along_axis(of_given, order, axis=0).T.tolist()
    return [
        [Pull(place, pull) for place, pull in zip(*one, strict=True) if pull > 0]
        for one in zip(places[order].T.tolist(), strongest, strict=True)
    ]
