"""Which whole playlists are held out for the challenge's categories, before a graph is built."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segue.challenge.challenge_categories import CATEGORIES
from segue.errors import SegueError
from segue.graph.coreness import CHUNK, occurrences

LONE_TRACKS = ("leave_out", "refuse")


@dataclass(frozen=True)
class HeldOut:
    """``playlist``: [n] int32, provisional indices; ``category``: [n] int32; by category, then pid.

    ``shared``: [T] bool, whether a track stands on two playlists or more: those of a held-out playlist are
    its seeds and answers. ``counts``: what was found and drawn, for a report.
    """

    playlist: np.ndarray
    category: np.ndarray
    shared: np.ndarray
    counts: dict[str, Any]


def draw_held_out(
    playlist: np.ndarray,
    track: np.ndarray,
    pids: np.ndarray,
    titled: np.ndarray,
    num_tracks: int,
    *,
    per_category: int,
    categories: Sequence[int],
    lone_tracks: str,
    seed: int,
) -> HeldOut:
    r"""Draws ``per_category`` playlists for each of ``categories``, each playlist for one of them at most.

    As in the challenge, a playlist from which k seeds are given has more than k tracks, one whose title is
    given has a title, and every track of a held-out playlist stands on a playlist that is not held out:

    .. math:: \forall t \in H_p,\ p \in H: \quad d(t) - |\{q \in H : t \in q\}| \ge 1

    A lone track, :math:`d(t) = 1`, can satisfy this on no held-out playlist. ``lone_tracks`` ``leave_out``
    takes such a track off it: it is no seed, no answer and does not count. ``refuse`` draws no playlist that
    has one, as the organisers did; of few slices hardly any long playlist is left then.

    ``playlist``, ``track``: [E] int32, provisional indices 0..P-1 and 0..T-1, no pair twice, ``playlist``
    rising. ``pids``: [P] int64; ``titled``: [P] bool. Categories of more seeds draw first, since fewer
    playlists will do for them. Candidates come in an order that ``seed`` and the pids alone fix, so that
    neither the order of the batches nor their size changes what is drawn. Raises SegueError when a category
    cannot be filled.
    """
    num_playlists = len(pids)
    left = occurrences(track, num_tracks)  # playlists of each track that are not held out
    shared, lone = left > 1, left == 1
    sizes = occurrences(playlist, num_playlists)
    usable = _usable(playlist, track, shared, num_playlists)
    starts = np.append(0, np.cumsum(sizes))
    whole = usable == sizes
    allowed = whole if lone_tracks == "refuse" else np.ones(num_playlists, dtype=bool)
    present = np.flatnonzero(sizes)
    free = np.ones(num_playlists, dtype=bool)
    drawn: dict[int, list[int]] = {}
    candidates = {}
    for number in sorted(categories, key=lambda number: (-CATEGORIES[number].seeds, number)):
        category = CATEGORIES[number]
        fits = allowed & (usable > category.seeds) & (titled if category.title else True)
        candidates[number] = int(fits.sum())
        drawn[number] = []
        # An order of its own: of one for all, what is left at its front is what did not fit the ones before.
        order = _order(pids, present, [seed, number])
        for p in order[(fits & free)[order]].tolist():
            if len(drawn[number]) == per_category:
                break
            tracks = track[starts[p] : starts[p + 1]]
            if (left[tracks[shared[tracks]]] > 1).all():
                left[tracks] -= 1
                free[p] = False
                drawn[number].append(p)
        if len(drawn[number]) < per_category:
            raise _too_few(number, len(drawn[number]), candidates[number], per_category, lone_tracks)
    numbers = sorted(drawn)
    chosen = [sorted(drawn[number], key=pids.__getitem__) for number in numbers]
    rows = np.array([p for part in chosen for p in part], dtype=np.int32)
    counts = {
        "playlists": int((sizes > 0).sum()),
        "playlists_without_lone_tracks": int((whole & (sizes > 0)).sum()),
        "tracks": int((shared | lone).sum()),
        "lone_tracks": int(lone.sum()),
        "held_out": len(rows),
        "lone_tracks_of_held_out": int((sizes - usable)[rows].sum()),
        "categories": [
            {
                "category": number,
                "given": CATEGORIES[number].name,
                "candidates": candidates[number],
                "playlists": len(drawn[number]),
            }
            for number in numbers
        ],
    }
    return HeldOut(rows, np.repeat(np.int32(numbers), per_category), shared, counts)


def _usable(playlist: np.ndarray, track: np.ndarray, shared: np.ndarray, num_playlists: int) -> np.ndarray:
    """[P] int64, how many of each playlist's tracks are ``shared``."""
    counts = np.zeros(num_playlists, dtype=np.int64)
    for first in range(0, len(playlist), CHUNK):
        p, t = playlist[first : first + CHUNK], track[first : first + CHUNK]
        counts += np.bincount(p[shared[t]], minlength=num_playlists)
    return counts


def _order(pids: np.ndarray, playlists: np.ndarray, seed: list[int]) -> np.ndarray:
    """``playlists``, whose pids differ, in a random order that depends on the set of these, not on places."""
    by_pid = playlists[np.argsort(pids[playlists])]
    keys = np.random.PCG64(seed).random_raw(len(playlists))
    return by_pid[np.argsort(keys, kind="stable")]


def _too_few(number: int, found: int, candidates: int, wanted: int, lone_tracks: str) -> SegueError:
    category = CATEGORIES[number]
    needs = (
        f"more than {category.seeds} tracks that other playlists have too" if category.seeds else "a track"
    )
    if lone_tracks == "refuse":
        needs += ", none that no other playlist has"
    if category.title:
        needs += ", and a title"
    return SegueError(
        f"There are too few playlists for category {number} of the challenge ({category.name}).",
        where="challenge.playlists_per_category",
        found=f"{wanted:,}; {candidates:,} playlists have {needs}, and {found:,} of them can be held out "
        "beside those of other categories",
        expected=f"at most {found:,}" if found else "no such category",
        fix="lower challenge.playlists_per_category, leave the category out of challenge.categories, or read "
        "more slices" + (", or set challenge.lone_tracks to leave_out" if lone_tracks == "refuse" else ""),
    )
