"""Networks and baselines as channels: what they score, where they know the tracks."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch

from segue.catalogue.catalogue import Catalogue
from segue.catalogue.queries import Queries
from segue.errors import SegueError
from segue.graph.tables import core_digest
from segue.nn.pattern import Pattern
from segue.scorers.base import Scorer


@dataclass(frozen=True)
class ModelScores:
    """The scores of ``scorer``, a network or baseline that knows the tracks of the k-core, or all candidates.

    For a given track that it does not know stands the one of the most playlists on its album, or else by its
    artist, as where the k-core answers alone (``serve.tracks``). NaN for tracks that it does not know, and
    for playlists of which it knows no track, nor such a one. Only their order means something, so that they
    are compared within a playlist. Raises SegueError where it was made for other tracks.
    """

    scorer: Scorer
    catalogue: Catalogue
    group: str  # networks or baselines
    signed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self._whole:
            return
        tracks = self.catalogue.tracks.drop_nulls("core").sort("core")
        if self.scorer.facts["catalogue"] != core_digest(tracks["track_uri"]):
            raise SegueError(
                "A channel of the second stage scores other tracks than the catalogue has.",
                where=f"models/{self.name}/scorer.safetensors",
                found=f"{self.scorer.num_tracks:,} tracks",
                expected=f"the {tracks.height:,} tracks of the k-core, or the "
                f"{self.catalogue.num_candidates:,} candidates",
                fix="run the workflow again: it fits the model anew",
            )

    @property
    def name(self) -> str:
        return self.scorer.facts["model"]

    @property
    def _whole(self) -> bool:
        """Whether it knows all candidates."""
        return self.scorer.facts["catalogue"] == self.catalogue.digest

    @cached_property
    def _of_track(self) -> np.ndarray:
        """[N] int32, the scorer's own index of each track, -1 for none."""
        if not self._whole:
            return self.catalogue.core
        index = np.arange(self.catalogue.num_tracks, dtype=np.int32)
        return np.where(index < self.catalogue.num_candidates, index, -1)

    @cached_property
    def stand_in(self) -> np.ndarray:
        """[N] int32, ``_of_track``; of a track without, that of what stands for it, -1 where nothing does."""
        own = self._of_track
        known = np.flatnonzero(own >= 0)[::-1]  # tracks are numbered by popularity: the first comes last
        found = np.full_like(own, -1)
        for group in (self.catalogue.artist, self.catalogue.album):
            first = np.full(group.max(initial=-1) + 2, -1, dtype=own.dtype)
            first[group[known]] = own[known]
            first[-1] = -1  # of those that are in no group, -1
            found = np.where(first[group] >= 0, first[group], found)
        return np.where(own >= 0, own, found)

    @torch.inference_mode()
    def scores(self, queries: Queries) -> np.ndarray:
        """[n, C] float32."""
        shape = len(queries), self.scorer.num_tracks
        own = self.stand_in[queries.tracks]
        rows = np.repeat(np.arange(len(queries)), queries.sizes)
        # Several tracks may have one stand-in, or one that is on the playlist itself.
        keys = np.unique((rows * shape[1] + own)[own >= 0])
        rows, own = (torch.from_numpy(part) for part in np.divmod(keys, shape[1]))
        known = Pattern.from_edges(rows, own, shape)
        said = self.scorer.scores(known).numpy()
        said[known.degree.numpy() == 0] = np.nan
        if self._whole:
            return said
        scores = np.full((len(queries), self.catalogue.num_candidates), np.nan, np.float32)
        of_candidate = self._of_track[: self.catalogue.num_candidates]
        scores[:, of_candidate >= 0] = said[:, of_candidate[of_candidate >= 0]]
        return scores
