"""Negative samplers: for each positive edge, a track that its playlist is to score lower.

Both samplers are called alike, ``sampler.sample(epoch, embed, generator)``, and return [E] int64 track
indices: the i-th is the negative of the i-th positive, for the same playlist. ``embed()`` gives the current
model's embeddings of playlists [P, d] and tracks [T, d]; only a sampler that needs them calls it. Epochs
count from 0. All indices are playlist indices 0..P-1 and track indices 0..T-1.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from segue.errors import SegueError
from segue.nn.pattern import Pattern
from segue.nn.topk import kth_largest, positions, rows_per_block

Embed = Callable[[], tuple[Tensor, Tensor]]


class Sampler(Protocol):
    """What both samplers are to the training loop."""

    def sample(self, epoch: int, embed: Embed, generator: torch.Generator) -> Tensor: ...

    def state_dict(self) -> dict[str, Tensor]:
        """What the next draws depend on besides the model and the generator."""
        ...

    def load_state_dict(self, state: dict[str, Tensor]) -> None: ...


class RandomNegatives:
    """Uniformly random tracks (the article's "random negative sampling").

    With ``avoid_known``, each draw is uniform over the tracks that are not known for the playlist;
    otherwise it is uniform over all T tracks and may hit a positive.
    ``positives``: [2, E] int64.
    """

    def __init__(self, positives: Tensor, known: Pattern, *, avoid_known: bool = True):
        self.playlists, self.known, self.avoid_known = positives[0], known, avoid_known
        if avoid_known:
            _refuse_full_playlists(known, positives[0])

    def sample(self, epoch: int, embed: Embed, generator: torch.Generator) -> Tensor:
        """[E] int64 track indices, whatever the epoch and the embeddings."""
        return self.draw(generator)

    def state_dict(self) -> dict[str, Tensor]:
        """Nothing: each draw is by itself."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        pass

    def draw(self, generator: torch.Generator) -> Tensor:
        """[E] int64 track indices."""
        bits = _draw_bits(self.playlists.shape, generator)
        tracks = bits % self.known.shape[1]
        if self.avoid_known:
            # Few draws are known tracks. Each of these is drawn again, from the others alone: no loop.
            clash = self.known.contains(self.playlists, tracks).nonzero()[:, 0]
            playlists = self.playlists[clash]
            rank = (bits[clash] // self.known.shape[1]) % self.known.num_others[playlists]
            tracks[clash] = self.known.other_col(playlists, rank)
        return tracks


class HardNegatives:
    r"""Uniform draws from the highest-scoring fraction f of a playlist's other tracks.

    .. math:: f(e) = \max(f_{\min}, 1 - e / \text{epochs})

    at epoch e = 0, 1, ...: all of them at first, half of them halfway, as in the article. A playlist
    with u other tracks draws from its top max(1, floor(f u)).

    Scores are those of the model at the last refresh, every ``refresh_every`` epochs. Each playlist is
    scored once, in blocks of ``block_mb`` MiB, and each block draws at once the negatives of all epochs up
    to the next refresh, so that no playlists x tracks matrix is held. Where several tracks tie at the
    cut, all of them can be drawn.
    """

    def __init__(
        self,
        positives: Tensor,
        known: Pattern,
        *,
        epochs: int,
        min_fraction: float,
        refresh_every: int,
        block_mb: int = 16,
    ):
        _refuse_full_playlists(known, positives[0])
        self.known, self.epochs, self.playlists = known, epochs, positives[0]
        self.min_fraction, self.refresh_every = min_fraction, refresh_every
        self.block = rows_per_block(known.shape[1], block_mb)
        # The positives, playlist by playlist.
        self.order = positives[0].argsort(stable=True)
        self.bounds = torch.bincount(positives[0], minlength=known.shape[0]).cumsum(0)
        # Of the epochs up to the next refresh, [epochs, E]; int32, since checkpoints hold it.
        self._ahead = torch.empty(0, positives.size(1), dtype=torch.int32, device=positives.device)

    def fraction(self, epoch: int) -> float:
        """f(epoch) of the formula above, epochs counted from 0."""
        return max(self.min_fraction, 1 - epoch / self.epochs)

    def sample(self, epoch: int, embed: Embed, generator: torch.Generator) -> Tensor:
        """[E] int64 track indices; epochs come one after the other."""
        since = epoch % self.refresh_every
        if since == 0 or not len(self._ahead):
            self._ahead = self._draw(self.fraction(epoch), *embed(), generator)[since:]
        tracks, self._ahead = self._ahead[0].long(), self._ahead[1:]
        return tracks

    def state_dict(self) -> dict[str, Tensor]:
        """``ahead``, int32 [n, E]: the negatives of the n epochs before the next refresh, drawn with it."""
        return {"ahead": self._ahead}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        self._ahead = state["ahead"].to(self._ahead.device, copy=True)

    def _draw(self, fraction: float, playlists: Tensor, tracks: Tensor, generator: torch.Generator) -> Tensor:
        # All at once, so that the size of a block does not matter to what is drawn.
        drawn = _draw_bits((self.refresh_every, self.order.numel()), generator)
        done = 0
        for start in range(0, self.known.shape[0], self.block):
            stop = min(start + self.block, self.known.shape[0])
            negatives, counts = self._candidates(fraction, start, playlists[start:stop] @ tracks.T)
            part = self.order[done : int(self.bounds[stop - 1])]
            row = self.playlists[part] - start
            rank = drawn[:, part] % counts[row]
            drawn[:, part] = negatives[(counts.cumsum(0) - counts)[row] + rank] % self.known.shape[1]
            done += part.numel()
        return drawn.int()

    def _candidates(self, fraction: float, start: int, scores: Tensor) -> tuple[Tensor, Tensor]:
        """Flat positions in ``scores`` [n, T] of what can be drawn for n playlists, and how many for each."""
        known = self.known.entries(start, start + scores.size(0))
        others = self.known.num_others[start : start + scores.size(0)]
        wanted = (fraction * others.double()).long().clamp(min=1)
        # Rows want different numbers of tracks, and one partition serves one rank k for all: so k - wanted of
        # a row's known tracks are put above all scores, and its other known tracks below.
        k = max(1, int(fraction * self.known.shape[1]))
        place = torch.arange(known[0].numel(), device=scores.device) - (
            self.known.rowptr[start + known[0]] - self.known.rowptr[start]
        )
        scores[known] = torch.where(place < (k - wanted)[known[0]], torch.inf, -torch.inf)
        above = scores >= kth_largest(scores, k)
        above[known] = False
        return positions(above)


def _draw_bits(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """62 random bits each, int64. Their remainder by n is uniform over 0..n-1 up to a bias below n / 2^62.

    A float32 draw times n would leave tracks out once there are more than 2^24 of them.
    """
    return torch.randint(2**62, shape, generator=generator, device=generator.device)


def _refuse_full_playlists(known: Pattern, playlists: Tensor) -> None:
    full = playlists[known.num_others[playlists] == 0]
    if full.numel():
        raise SegueError(
            "A playlist holds every track, so it has no negative.",
            where=f"playlist index {int(full[0])} ({full.unique().numel()} such playlists)",
            found=f"{known.shape[1]} of {known.shape[1]} tracks known",
            expected="at least one track that is not on the playlist",
            fix="lower graph.k_core or read more slices",
        )
