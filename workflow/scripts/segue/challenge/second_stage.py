"""Which second stage finds most on validation playlists, and what it would lack without each channel.

A playlist is always ranked by a model that was fitted on others: the validation playlists are divided into
folds, and each fold is scored by a model of the rest.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segue.challenge.metrics import NO_HIT, RANKS
from segue.challenge.scores import ALL, METRICS, NOTHING, shown_means
from segue.challenge.validation import Validation
from segue.errors import SegueError
from segue.jobs import log
from segue.nearest import likest
from segue.rerank.both import mean_of
from segue.rerank.credit import credited
from segue.rerank.examples import Examples, cross_fitted
from segue.rerank.features import channel_of
from segue.run.trials import shown_values

Values = Mapping[str, NDArray[np.float64]]
QUARTER = 0.25

# A row what is left out and a category; `difference_*` to nothing left out, and its standard error. `group`:
# whether a group of channels is.
ABLATION = {
    "without": pl.String,
    "group": pl.Boolean,
    "kind": pl.String,
    "category": pl.String,
    "playlists": pl.Int64,
    **dict.fromkeys(METRICS, pl.Float64),
    **{f"{part}_{name}": pl.Float64 for name in METRICS for part in ("difference", "error")},
}


def folds_of(category: NDArray[np.integer], folds: int, seed: int) -> NDArray[np.int64]:
    """[n] the fold of each playlist, at random; of each category as many in each fold, but for one.

    Raises SegueError where there are fewer playlists than folds.
    """
    if len(category) < folds:
        raise SegueError(
            "There are too few validation playlists to choose a second stage.",
            where="challenge.validation_per_category and rerank.folds",
            found=f"{len(category)} playlists",
            expected=f"{folds} folds of one or more",
            fix="raise challenge.validation_per_category",
        )
    order = np.random.default_rng(seed).permutation(len(category))
    by_category = order[np.argsort(category[order], kind="stable")]
    fold = np.empty(len(category), dtype=np.int64)
    fold[by_category] = np.arange(len(category)) % folds
    return fold


def channels_of(groups: Mapping[str, str], names: Sequence[str]) -> set[str]:
    """The channels that ``names`` are, or the members of the groups that they are: where a channel has the
    name of a group, the group is meant.

    ``groups``: the group of each channel by its name. Raises SegueError where one of ``names`` is unknown.
    """
    for name in names:
        if name not in groups and name not in groups.values():
            known = [*dict.fromkeys([*groups.values(), *groups])]
            raise SegueError(
                "The second stage has no such channel to leave out.",
                where="rerank.without",
                found=repr(name) + likest(name, known),
                expected=f"any of {', '.join(known)}",
            )
    alone = {name for name in names if name not in groups.values()}
    return alone | {channel for channel, group in groups.items() if group in names}


def columns_without(examples: Examples, channels: Collection[str]) -> list[int]:
    """Places of the features that stay where ``channels`` are left out."""
    return [place for place, name in enumerate(examples.names) if channel_of(name) not in channels]


def measured(
    examples: Examples, validation: Validation, scores: NDArray[np.float32], credit: float = 0.0
) -> Values:
    """The challenge's metrics of each playlist; ``scores``: [n, K] of its candidates; ``credit``: of artists,
    as of ``credited``."""
    scores = credited(scores, validation.artist[examples.tracks], credit)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :RANKS]
    lists = np.take_along_axis(examples.tracks, order, axis=1)
    lists = np.where(np.take_along_axis(examples.filler, order, axis=1), -1, lists)
    return validation.metrics(lists)


def choose_stage(
    examples: Examples,
    groups: Mapping[str, str],
    validation: Validation,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    r"""Which kind of second stage, without which channels, with which credit of artists; each cross-fitted.

    ``settings``: the configuration's ``rerank``, of whose ``stages``, ``without`` and ``artist_credit`` all
    combinations are tried. The highest mean ``worth`` is chosen, the first of equals:

    .. math:: \mathrm{R\text{-}precision} + \mathrm{NDCG} - \mathrm{clicks} / 51,

    which the challenge's three metrics share alike, each in units of its range. Returns, JSON-able,
    ``settings`` (stage, without, artist_credit), ``playlists``, ``validation`` (the mean of each metric), and
    ``candidates``: settings, means and worth of each, how much ``less`` that is than the best, and the
    standard ``error`` of that difference.
    """
    fold = folds_of(validation.category, settings["folds"], settings["seed"])
    tried, worths = [], []
    known: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def scores_of(kind: str, without: Sequence[str]) -> NDArray[np.float32]:
        """What the two of ``both`` say is fitted once."""
        if kind == "both":
            return mean_of(scores_of("logistic", without), scores_of("trees", without))
        if (key := (kind, *without)) not in known:
            columns = columns_without(examples, channels_of(groups, without))
            known[key] = cross_fitted(kind, examples, fold, columns, settings)
        return known[key]

    for without, kind in product(settings["without"], settings["stages"]):
        scores = scores_of(kind, without)
        for credit in settings["artist_credit"]:
            found = measured(examples, validation, scores, credit)
            worth = found["r_precision"] + found["ndcg"] - found["clicks"] / NO_HIT
            means = {name: float(found[name].mean()) for name in METRICS} | {"worth": float(worth.mean())}
            log.info("%s%s, artist credit %s: %s", kind, _left_out(without), credit, shown_means(means))
            tried.append({"stage": kind, "without": list(without), "artist_credit": credit} | means)
            worths.append(worth)
    best = max(range(len(tried)), key=lambda place: tried[place]["worth"])
    for one, worth in zip(tried, worths, strict=True):
        one["less"], one["error"] = _difference(worths[best], worth)
    chosen, means = (
        {name: tried[best][name] for name in names}
        for names in (("stage", "without", "artist_credit"), METRICS)
    )
    log.info("chosen: %s", shown_values(chosen))
    return {
        "settings": chosen,
        "playlists": len(validation.queries),
        "validation": means,
        "candidates": tried,
    }


def ablation(
    examples: Examples,
    groups: Mapping[str, str],
    validation: Validation,
    settings: Mapping[str, Any],
) -> pl.DataFrame:
    """ABLATION: a second stage of kind ``settings["ablation"]``, cross-fitted, without each group of channels
    and each channel, after one that has all (NOTHING).

    The candidates, and the features of the blend that picks them, stay as they are. Each learns from a
    QUARTER of the share of candidates that are not to be found: dozens are fitted, to be compared with each
    other alone.
    """
    settings = {**settings, "share": settings["share"] * QUARTER}
    fold = folds_of(validation.category, settings["folds"], settings["seed"])
    parts: list[tuple[str, bool, set[str]]] = [(NOTHING, False, set())]
    parts += [(group, True, channels_of(groups, [group])) for group in dict.fromkeys(groups.values())]
    parts += [(name, False, {name}) for name in groups]
    kind, rows, whole = settings["ablation"], [], None
    for without, is_group, channels in parts:
        columns = columns_without(examples, channels)
        found = measured(examples, validation, cross_fitted(kind, examples, fold, columns, settings))
        whole = whole or found
        log.info("%s without %s: NDCG %.4f", kind, without or "nothing", found["ndcg"].mean())
        about = {"without": without, "group": is_group, "kind": kind}
        rows += [about | row for row in _rows(validation.category, found, whole)]
    return pl.DataFrame(rows, schema=ABLATION)


def _rows(category: NDArray[np.integer], found: Values, whole: Values) -> list[dict[str, Any]]:
    """Of all playlists, then of each category."""
    rows = []
    for number in [None, *np.unique(category).tolist()]:
        own = np.ones(len(category), dtype=bool) if number is None else category == number
        row = {"category": ALL if number is None else str(number), "playlists": int(own.sum())}
        for name in METRICS:
            row[name] = float(found[name][own].mean())
            difference, error = _difference(found[name][own], whole[name][own])
            row |= {f"difference_{name}": difference, f"error_{name}": error}
        rows.append(row)
    return rows


def _difference(values: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[float, float]:
    r"""The mean of the paired differences, and its standard error :math:`s / \sqrt n`; 0 of a single one."""
    differences = values - others
    error = differences.std(ddof=1) / np.sqrt(len(differences)) if len(differences) > 1 else 0.0
    return float(differences.mean()), float(error)


def _left_out(without: Sequence[str]) -> str:
    return f", without {', '.join(without)}" if without else ""
