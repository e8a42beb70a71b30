r"""What each of a playlist's given tracks adds to the scores of other tracks.

A score that is a sum over the given tracks S, and a rest that none of them brings,

.. math:: s_t = r_t + \sum_{i \in S} c_{it},

is explained by its summands, exactly. Where a weight depends on S as a whole (the number of its tracks, the
length of the playlist's embedding, the matrix of ALS, the deviations of a blend), it is taken as it is with
all of S. Any other score is explained by what it loses without one of the tracks:
:math:`c_{it} = s_t(S) - s_t(S \setminus i)`, which need not add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import torch
from torch import Tensor

from segue.nn.pattern import Pattern
from segue.nn.score import TINY
from segue.run.registry import convolution
from segue.scorers.base import Scorer
from segue.scorers.baselines import ALS, EASE, ItemKNN, Popularity
from segue.scorers.blend import Blend
from segue.scorers.filters import GraphFilter
from segue.scorers.frozen import Frozen

HOPS_TOGETHER = 2**20  # between given and other tracks, in one table


@dataclass(frozen=True)
class Pulls:
    """``of_given``: [k, n] float32, c. ``rest``: [n] float32, r; None where these are no summands."""

    of_given: Tensor
    rest: Tensor | None

    @property
    def exact(self) -> bool:
        """Whether they add up to the scores."""
        return self.rest is not None


def pulls_of(scorer: Scorer, given: Tensor, tracks: Tensor) -> Pulls:
    """``given``: [k] int64, the tracks of the playlist, at least one; ``tracks``: [n] int64, those whose
    scores are explained."""
    return pulls_of_many(scorer, [given], [tracks])[0]


@torch.inference_mode()
def pulls_of_many(scorer: Scorer, given: Sequence[Tensor], tracks: Sequence[Tensor]) -> list[Pulls]:
    """``pulls_of`` of each of several playlists, which some scorers explain together in less time."""
    if not is_sum(scorer):
        return [Pulls(_left_out(scorer, *one), None) for one in zip(given, tracks, strict=True)]
    if isinstance(scorer, Frozen):
        return _of_network(scorer, given, tracks)
    if isinstance(scorer, GraphFilter):
        return _of_filter(scorer, given, tracks)
    return [summands(scorer, *one) for one in zip(given, tracks, strict=True)]


def is_sum(scorer: Any) -> bool:
    """Whether its scores are sums over given tracks, and a rest."""
    if isinstance(scorer, Blend):
        return all(map(is_sum, scorer.members))
    if isinstance(scorer, Frozen):
        return convolution(scorer.settings["conv"], scorer.settings).is_sum
    return summands.dispatch(type(scorer)) is not summands.dispatch(object)


@singledispatch
def summands(scorer: Any, given: Tensor, tracks: Tensor) -> Pulls:
    """Of one of ``is_sum``, by its kind."""
    raise TypeError(f"the scores of a {type(scorer).__name__} are no sums")


@summands.register
def _(scorer: Frozen, given: Tensor, tracks: Tensor) -> Pulls:
    return _of_network(scorer, [given], [tracks])[0]


def _of_network(scorer: Frozen, given: Sequence[Tensor], tracks: Sequence[Tensor]) -> list[Pulls]:
    # Of a playlist a row with each track alone and one without any, that count as many tracks as it has.
    counts, used = torch.tensor([*map(len, given)]), torch.cat([*given])
    entries = torch.ones(len(used) + len(given), dtype=torch.int32)
    entries[(counts + 1).cumsum(0) - 1] = 0
    rowptr = torch.cat([entries.new_zeros(1), entries.cumsum(0, dtype=torch.int32)])
    cols, shape = torch.arange(len(used), dtype=torch.int32), (len(entries), len(used))
    alone = Pattern(rowptr, entries.nonzero()[:, 0].int(), cols, shape, scorer.degree[used] + 1)
    alone.degree = counts.repeat_interleave(counts + 1)
    z = scorer.received(used, alone).split((counts + 1).tolist())
    return [_in_score(scorer, *one) for one in zip(z, tracks, strict=True)]


def _in_score(scorer: Frozen, z: Tensor, tracks: Tensor) -> Pulls:
    """``z``: [k + 1, d], of each of k tracks alone, and of none."""
    z = torch.cat([z[:-1] - z[-1], z[-1:]])
    rows = scorer.tracks[tracks]
    if scorer.score.prior is None:
        added = z @ rows.T
        return Pulls(added[:-1], added[-1])
    added = z @ rows[:, :-1].T / torch.linalg.vector_norm(z.sum(0)).clamp(min=TINY)
    return Pulls(added[:-1], added[-1] + rows[:, -1])


@summands.register
def _(scorer: Popularity, given: Tensor, tracks: Tensor) -> Pulls:
    rest = scorer.counts[tracks]
    return Pulls(rest.new_zeros(len(given), len(tracks)), rest)


@summands.register
def _(scorer: ItemKNN, given: Tensor, tracks: Tensor) -> Pulls:
    counts, entry = scorer.entries(given)
    place = torch.full((scorer.num_tracks,), -1)
    place[tracks] = torch.arange(len(tracks))
    column = place[scorer.cols[entry]]
    row = torch.arange(len(given)).repeat_interleave(counts)
    added = scorer.values.new_zeros(len(given), len(tracks))
    wanted = column >= 0
    added[row[wanted], column[wanted]] = scorer.values[entry[wanted]]
    return Pulls(added, added.new_zeros(len(tracks)))


@summands.register
def _(scorer: EASE, given: Tensor, tracks: Tensor) -> Pulls:
    added = scorer.weights[given[:, None], tracks]
    return Pulls(added, added.new_zeros(len(tracks)))


@summands.register
def _(scorer: ALS, given: Tensor, tracks: Tensor) -> Pulls:
    """Hu, Koren and Volinsky 2008, section 5: the playlist's factor is a sum over its tracks."""
    own = scorer.tracks[given].double()
    left = scorer.shared + (scorer.confidence - 1) * own.T @ own
    factors = torch.cholesky_solve(scorer.confidence * own.T, torch.linalg.cholesky(left))
    added = factors.T.float() @ scorer.tracks[tracks].T
    return Pulls(added, added.new_zeros(len(tracks)))


@summands.register
def _(scorer: GraphFilter, given: Tensor, tracks: Tensor) -> Pulls:
    return _of_filter(scorer, [given], [tracks])[0]


def _of_filter(scorer: GraphFilter, given: Sequence[Tensor], tracks: Sequence[Tensor]) -> list[Pulls]:
    # One product for all, as long as it is small: what it has of one playlist's given tracks and another's
    # ``tracks`` nobody needs, but a product each takes longer.
    counts = [*map(len, given)], [*map(len, tracks)]
    if len(given) > 1 and sum(counts[0]) * sum(counts[1]) > HOPS_TOGETHER:
        parts = slice(len(given) // 2), slice(len(given) // 2, None)
        return [one for part in parts for one in _of_filter(scorer, given[part], tracks[part])]
    shares, holders = scorer.shares[torch.cat([*given]).numpy()], scorer.holders[torch.cat([*tracks]).numpy()]
    rows = torch.from_numpy((shares @ holders.T).toarray()).split(counts[0])
    found = []
    for place, (mine, asked) in enumerate(zip(given, tracks, strict=True)):
        hops = rows[place].split(counts[1], dim=1)[place]
        added = scorer.before[mine, None] * hops * scorer.after[asked]
        added += scorer.left[mine] @ scorer.right[asked].T
        found.append(Pulls(added, added.new_zeros(len(asked))))
    return found


@summands.register
def _(scorer: Blend, given: Tensor, tracks: Tensor) -> Pulls:
    of_given, rest = torch.zeros(len(given), len(tracks)), torch.zeros(len(tracks))
    for member, weight in zip(scorer.members, scorer.weights, strict=True):
        scores = member.scores(_rows(given[None], member.num_tracks))[0]
        if scores.amax() == scores.amin():  # it has no say, as in ``blended``
            continue
        deviation, mean = torch.std_mean(scores, correction=0)
        own = summands(member, given, tracks)
        of_given += own.of_given * (weight / deviation)
        rest += (own.rest - mean) * (weight / deviation)
    return Pulls(of_given, rest)


def _left_out(scorer: Scorer, given: Tensor, tracks: Tensor) -> Tensor:
    """[k, n], what the scores lose without each of ``given``."""
    k = len(given)
    others = given.expand(k, k)[~torch.eye(k, dtype=torch.bool)].view(k, k - 1)
    full, without = _rows(given[None], scorer.num_tracks), _rows(others, scorer.num_tracks)
    if isinstance(scorer, Frozen):
        rows = scorer.tracks[tracks].T
        return scorer.embed(full) @ rows - scorer.embed(without) @ rows
    return scorer.scores(full)[:, tracks] - scorer.scores(without)[:, tracks]


def _rows(tracks: Tensor, num_tracks: int) -> Pattern:
    """The pattern [n, T] of n playlists, each with k of its own ``tracks`` [n, k], rising."""
    n, k = tracks.shape
    rowptr = torch.arange(n + 1) * k
    rows = torch.arange(n).repeat_interleave(k)
    return Pattern(rowptr.int(), rows.int(), tracks.flatten().int(), (n, num_tracks))
