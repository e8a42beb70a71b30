"""Whole playlists held out for the challenge, in its ten categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segue.errors import SegueError
from segue.graph.kcore import CHUNK, occurrences


@dataclass(frozen=True)
class Category:
    """``given`` tracks are given, the first ones or, where ``at_random``, any; and the title, or not."""

    given: int
    title: bool
    at_random: bool = False

    @property
    def name(self) -> str:
        """As in the challenge's description, short: ``title, 25 random``."""
        parts = ["title"] if self.title else []
        if self.given:
            parts.append(f"{self.given} random" if self.at_random else f"first {self.given}")
        return ", ".join(parts) + (" only" if not self.given else "")


# By their numbers in the challenge (Zamani et al. 2019, "An Analysis of Approaches Taken in the ACM RecSys
# Challenge 2018 for Automatic Music Playlist Continuation", section 3).
CATEGORIES = {
    1: Category(0, title=True),
    2: Category(1, title=True),
    3: Category(5, title=True),
    4: Category(5, title=False),
    5: Category(10, title=True),
    6: Category(10, title=False),
    7: Category(25, title=True),
    8: Category(25, title=True, at_random=True),
    9: Category(100, title=True),
    10: Category(100, title=True, at_random=True),
}


@dataclass(frozen=True)
class HeldOut:
    """``playlist``: [n] int32, provisional indices; ``category``: [n] int32; by category, then pid.

    ``shared``: [T] bool, whether a track stands on two playlists or more: those of a held-out playlist are
    its given tracks and answers. ``counts``: what was found and drawn, for a report.
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
    validation_per_category: int = 0,
) -> tuple[HeldOut, HeldOut]:
    r"""Draws ``per_category`` playlists for each of ``categories``, each playlist for one of them at most.

    Then, in the same way of those that are left, ``validation_per_category`` for each: what settings and a
    second stage are chosen by. The first are the same with and without them. Returns both.

    As in the challenge, a playlist from which k tracks are given has more than k tracks, one whose title is
    given has a title, and every track of a held-out playlist stands on a playlist that is not held out:

    .. math:: \forall t \in H_p,\ p \in H: \quad d(t) - |\{q \in H : t \in q\}| \ge 1

    A lone track, :math:`d(t) = 1`, can satisfy this on no held-out playlist. ``lone_tracks`` ``leave_out``
    takes such a track off it: it is no seed, no answer and does not count. ``refuse`` draws no playlist that
    has one, as the organisers did; of few slices hardly any long playlist is left then.

    ``playlist``, ``track``: [E] int32, provisional indices 0..P-1 and 0..T-1, no pair twice, ``playlist``
    rising. ``pids``: [P] int64; ``titled``: [P] bool. Categories of more given tracks draw first, since fewer
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

    def draw(per_category: int, key: str, *stream: int) -> HeldOut:
        drawn: dict[int, list[int]] = {}
        candidates = {}
        for number in sorted(categories, key=lambda number: (-CATEGORIES[number].given, number)):
            category = CATEGORIES[number]
            fits = allowed & (usable > category.given) & (titled if category.title else True)
            candidates[number] = int(fits.sum())
            drawn[number] = []
            # An order of its own: of one for all, what is left at its front is what did not fit before.
            order = _order(pids, present, [seed, number, *stream])
            for p in order[(fits & free)[order]].tolist():
                if len(drawn[number]) == per_category:
                    break
                tracks = track[starts[p] : starts[p + 1]]
                if (left[tracks[shared[tracks]]] > 1).all():
                    left[tracks] -= 1
                    free[p] = False
                    drawn[number].append(p)
            if len(drawn[number]) < per_category:
                found = len(drawn[number]), candidates[number], per_category
                raise _too_few(key, number, *found, lone_tracks)
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

    test = draw(per_category, "playlists_per_category")
    return test, draw(validation_per_category, "validation_per_category", 1)


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


def _too_few(key: str, number: int, found: int, candidates: int, wanted: int, lone_tracks: str) -> SegueError:
    category = CATEGORIES[number]
    needs = (
        f"more than {category.given} tracks that other playlists have too" if category.given else "a track"
    )
    if lone_tracks == "refuse":
        needs += ", none that no other playlist has"
    if category.title:
        needs += ", and a title"
    return SegueError(
        f"There are too few playlists for category {number} of the challenge ({category.name}).",
        where=f"challenge.{key}",
        found=f"{wanted:,}; {candidates:,} playlists have {needs}, and {found:,} of them can be held out "
        "beside those of other categories",
        expected=f"at most {found:,}" if found else "no such category",
        fix=f"lower challenge.{key}, leave the category out of challenge.categories, or read "
        "more slices" + (", or set challenge.lone_tracks to leave_out" if lone_tracks == "refuse" else ""),
    )
