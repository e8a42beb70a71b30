r"""What a second stage knows of a playlist's candidates: scores of channels, as they are and compared.

The candidates of a playlist are the K tracks, none of them given, of the highest blend

.. math:: b_t = \sum_c w_c\, z_c(t), \qquad z_c(t) = \frac{s_c(t) - \mathrm{mean}\, s_c}{\mathrm{std}\, s_c}

over a few channels c, each standardised over all C tracks that it knows; what it has no say on counts 0. Each
channel then gives two features of a candidate, so that what is large on one playlist is seen to be small on
another:

=========  ==========================  =======================================================
channel    ``name``                    ``name/max``
=========  ==========================  =======================================================
unsigned   s                           s over the playlist's largest, 0 where that is not above 0
signed     z                           z minus the playlist's largest z
=========  ==========================  =======================================================

A channel of pairs, which scores candidates alone, gives what it says. The stage's own are OWN.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segue.catalogue.queries import Queries
from segue.channels.dense import Channel
from segue.channels.pairs import Pair
from segue.errors import SegueError
from segue.nearest import likest
from segue.nn.topk import rows_per_block, top_k

Float32 = NDArray[np.float32]
Moments = tuple[Float32, Float32]
BLEND, PLACE, GIVEN, TITLED = "blend", "blend/place", "playlist/given", "playlist/titled"
# The blend; ln(1 + place in its order, from 0); the number of given tracks; 1 where there is a title, or 0.
OWN = (BLEND, PLACE, GIVEN, TITLED)
COMPARED = "/max"
BLOCK_MB = 64  # of one channel's scores, of which the blended ones are held at a time


def channel_of(feature: str) -> str:
    """The channel that a feature belongs to: what stands before the slash."""
    return feature.partition("/")[0]


@dataclass(frozen=True)
class Candidates:
    """Of n playlists: ``tracks`` [n, K] int64, by ``blend`` falling; ``values`` [F, n, K] float32, NaN where
    missing; ``given`` [n] int64; ``blend`` [n, C] float32 of all tracks, -inf of given ones.

    Where fewer than K tracks are not given, given ones fill the row, at its end.
    """

    tracks: NDArray[np.int64]
    values: Float32
    given: NDArray[np.int64]
    blend: Float32

    @property
    def fillers(self) -> NDArray[np.bool_]:
        """[n, K], which of ``tracks`` are given."""
        return np.isneginf(np.take_along_axis(self.blend, self.tracks, 1))


@dataclass(frozen=True)
class Features:
    """Makes the ``candidates`` best by ``blend`` (weights by name of a dense channel) and their features.

    Raises SegueError where the blend names no dense channel, or two channels have one name.
    """

    dense: Sequence[Channel]
    pairs: Sequence[Pair]
    blend: Mapping[str, float]
    candidates: int

    def __post_init__(self) -> None:
        dense = [channel.name for channel in self.dense]
        for name in self.blend:
            if name not in dense:
                raise SegueError(
                    "The blend that picks the candidates names no channel that scores all tracks.",
                    found=repr(name) + likest(name, dense),
                    expected=f"one or more of {', '.join(dense)}",
                )
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice or not self.blend:
            raise SegueError(
                "The features of the second stage are not told apart by name."
                if twice
                else "No channel picks the candidates of the second stage.",
                found=f"twice: {', '.join(twice)}" if twice else "an empty blend",
                expected="each name once" if twice else f"one or more of {', '.join(dense)}",
            )

    @cached_property
    def names(self) -> list[str]:
        """[F], in the order of ``Candidates.values``."""
        dense = [name for channel in self.dense for name in (channel.name, channel.name + COMPARED)]
        return [*dense, *(name for pair in self.pairs for name in pair.names), *OWN]

    @cached_property
    def groups(self) -> dict[str, str]:
        """The group of each channel by its name, as of ``channel_of``; OWN have none."""
        dense = {channel.name: channel.group for channel in self.dense}
        pairs = {channel_of(name): pair.group for pair in self.pairs for name in pair.names}
        return dense | {name: group for name, group in pairs.items() if name not in dense}

    def of(self, queries: Queries) -> Candidates:
        """Of all ``queries`` at once. A row does not depend on the other rows."""
        blended, mixed = self._blended(queries)
        size = min(self.candidates, mixed.shape[1])
        tracks = top_k(torch.from_numpy(mixed), size).numpy()
        values = np.empty((len(self.names), len(queries), size), dtype=np.float32)
        found = {}
        for place, channel in enumerate(self.dense):
            scores, moments = blended.pop(channel.name, (None, None))
            if scores is None:
                scores = _numpy(channel.scores(queries))
            found[channel.name] = own = np.take_along_axis(scores, tracks, 1)
            values[2 * place], values[2 * place + 1] = _forms(channel, scores, own, moments)
        found[BLEND] = np.take_along_axis(mixed, tracks, 1)
        place = 2 * len(self.dense)
        for pair in self.pairs:
            said = pair.values(queries, tracks, found)
            for name in pair.names:
                values[place] = said[name]
                place += 1
        values[place] = np.where(np.isneginf(found[BLEND]), np.nan, found[BLEND])
        values[place + 1] = np.log1p(np.arange(size))
        values[place + 2] = queries.sizes[:, None]
        values[place + 3] = np.array([bool(title) for title in queries.titles])[:, None]
        return Candidates(tracks, values, queries.sizes, mixed)

    def blocks(self, queries: Queries, num_tracks: int) -> Iterator[tuple[int, Candidates]]:
        """A block's first playlist, and ``of`` the block, one after the other; ``num_tracks``: C."""
        rows = rows_per_block(num_tracks, BLOCK_MB)
        for start in range(0, len(queries), rows):
            yield start, self.of(queries.block(start, min(start + rows, len(queries))))

    def _blended(self, queries: Queries) -> tuple[dict[str, tuple[Float32, Moments]], Float32]:
        """The scores of the channels in the blend, with their ``_moments``, and the blend, [n, C], -inf of
        given tracks."""
        blended = {}
        for channel in self.dense:
            if channel.name in self.blend:
                scores = _numpy(channel.scores(queries))
                blended[channel.name] = scores, _moments(scores)
        mixed = np.zeros_like(next(iter(blended.values()))[0])
        for name, (scores, (mean, spread)) in blended.items():
            standardised = (scores - mean) * (self.blend[name] / spread)
            mixed += np.nan_to_num(standardised, copy=False, nan=0.0)
        given = queries.given(mixed.shape[1])
        mixed[given.rows.long().numpy(), given.cols.long().numpy()] = -np.inf
        return blended, mixed


def _numpy(scores: Tensor | Float32) -> Float32:
    return scores.numpy() if isinstance(scores, Tensor) else scores


def _moments(scores: Float32) -> Moments:
    """[n, 1] mean and standard deviation of each row, without NaN; 0 and 1 where nothing differs."""
    missing = np.isnan(scores)
    lacking = missing.any()  # or half of the passes over the rows are spared
    filled = np.where(missing, np.float32(0), scores) if lacking else scores
    count = np.maximum(scores.shape[1] - missing.sum(axis=1, keepdims=True), 1)
    mean = (filled.sum(axis=1, keepdims=True) / count).astype(np.float32)
    centred = filled - mean
    if lacking:
        centred[missing] = 0
    spread = np.sqrt(np.einsum("ij,ij->i", centred, centred)[:, None] / count)
    return mean, np.where(spread > 0, spread, 1).astype(np.float32)


def _forms(
    channel: Channel, scores: Float32, own: Float32, moments: Moments | None
) -> tuple[Float32, Float32]:
    """The two features of a channel; ``own``: its ``scores`` of the candidates; ``moments``: of the scores,
    where they are known."""
    largest = np.fmax.reduce(scores, axis=1, keepdims=True)
    if channel.signed:
        mean, spread = moments or _moments(scores)
        return (own - mean) / spread, (own - largest) / spread
    shares = np.divide(own, largest, out=np.where(np.isnan(own), own, 0), where=largest > 0)
    return own, shares
