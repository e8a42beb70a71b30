"""Candidates of playlists whose answers are known: what second stages learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.queries import Queries
from segue.errors import SegueError
from segue.rerank.both import Both
from segue.rerank.features import Features
from segue.rerank.fit import fit_logistic, fit_trees
from segue.rerank.logistic import Logistic
from segue.rerank.trees import Trees

Playlists = NDArray[np.bool_]
BLOCK = 64  # playlists that are scored at a time


@dataclass(frozen=True)
class Examples:
    """Of n playlists: ``tracks`` [n, K] int32 candidates, ``relevant`` and ``filler`` [n, K] bool, which are
    to be found and which are none; ``values`` [F, n, K] float32 of the features ``names``, in a file of its
    own (memory-mapped), as they may be larger than the memory; ``given`` [n] int64."""

    names: Sequence[str]
    tracks: NDArray[np.int32]
    relevant: NDArray[np.bool_]
    filler: NDArray[np.bool_]
    values: NDArray[np.float32]
    given: NDArray[np.int64]


def collect(
    features: Features,
    queries: Queries,
    starts: NDArray[np.int64],
    wanted: NDArray[np.int64],
    num_tracks: int,
    file: str | Path,
) -> Examples:
    """``wanted[starts[i]:starts[i + 1]]``: catalogue indices of what is to be found of playlist i.

    ``num_tracks``: C. ``file``: where the values are written, to be removed by the caller.
    """
    shape = len(queries), min(features.candidates, num_tracks)
    names = features.names
    values = np.lib.format.open_memmap(file, "w+", np.float32, (len(names), *shape))
    tracks, given = np.empty(shape, dtype=np.int32), queries.sizes
    relevant, filler = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for start, found in features.blocks(queries, num_tracks):
        stop = start + len(found.tracks)
        tracks[start:stop], filler[start:stop] = found.tracks, found.fillers
        values[:, start:stop] = found.values
        for row in range(start, stop):
            relevant[row] = np.isin(tracks[row], wanted[starts[row] : starts[row + 1]])
    return Examples(names, tracks, relevant, filler, values, given)


def fit_model(
    kind: str,
    examples: Examples,
    playlists: Playlists,
    columns: Sequence[int],
    settings: Mapping[str, Any],
) -> Logistic | Trees | Both:
    """Of all candidates of ``playlists`` [n] bool that are to be found, and a share of the others.

    ``columns``: the features that it gets, by their places; ``settings``: the configuration's ``rerank``.
    Each of the others is drawn with the probability ``share`` and counts 1 / ``share`` times, so that
    log-odds stay what they are.
    """
    share = settings["share"]
    drawn = np.random.default_rng(settings["seed"]).random(examples.relevant.shape) < share
    used = (examples.relevant | drawn) & ~examples.filler & playlists[:, None]
    row, place = np.nonzero(used)
    relevant = examples.relevant[row, place]
    if not 0 < relevant.sum() < len(relevant):
        raise SegueError(
            "The second stage has nothing to learn from.",
            where="rerank.candidates",
            found=f"{relevant.sum():,} of {len(relevant):,} candidates are to be found",
            expected="some that are, and some that are not",
            fix="raise rerank.candidates, rerank.share or challenge.validation_per_category",
        )
    weight = np.where(relevant, 1.0, 1 / share)
    values = np.empty((len(columns), len(row)), dtype=np.float32)
    for number, column in enumerate(columns):
        values[number] = examples.values[column][row, place]
    known = values, relevant, weight
    if kind == "trees":
        return fit_trees(*known, seed=settings["seed"], **settings["trees"])
    logistic = fit_logistic(*known, examples.given[row], **settings["logistic"])
    if kind == "logistic":
        return logistic
    return Both(logistic, fit_trees(*known, seed=settings["seed"], **settings["trees"]))


def predicted(
    model: Logistic | Trees | Both, examples: Examples, playlists: NDArray[np.int64], columns: Sequence[int]
) -> NDArray[np.float32]:
    """[m, K] what ``model`` says of the candidates of ``playlists`` [m], -inf of fillers."""
    scores = np.empty((len(playlists), examples.tracks.shape[1]), dtype=np.float32)
    for start in range(0, len(playlists), BLOCK):
        rows = playlists[start : start + BLOCK]
        values = np.stack([examples.values[column][rows] for column in columns])
        scores[start : start + BLOCK] = model.scores(values, examples.given[rows])
    scores[examples.filler[playlists]] = -np.inf
    return scores


def cross_fitted(
    kind: str,
    examples: Examples,
    fold: NDArray[np.int64],
    columns: Sequence[int],
    settings: Mapping[str, Any],
) -> NDArray[np.float32]:
    """[n, K] what a model says that was fitted on the other folds; ``fold``: [n], of each playlist."""
    scores = np.empty(examples.tracks.shape, dtype=np.float32)
    for number in np.unique(fold):
        model = fit_model(kind, examples, fold != number, columns, settings)
        rows = np.flatnonzero(fold == number)
        scores[rows] = predicted(model, examples, rows, columns)
    return scores
