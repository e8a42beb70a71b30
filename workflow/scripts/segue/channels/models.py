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

    NaN for tracks that it does not know, and for playlists that start from none that it does. Only their
    order means something, so that they are compared within a playlist. Raises SegueError where it was made
    for other tracks.
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

    @torch.inference_mode()
    def scores(self, queries: Queries) -> np.ndarray:
        """[n, C] float32."""
        own = self._of_track[queries.tracks]
        rows = np.repeat(np.arange(len(queries)), queries.sizes)[own >= 0]
        own, shape = own[own >= 0], (len(queries), self.scorer.num_tracks)
        known = Pattern.from_edges(torch.from_numpy(rows), torch.from_numpy(own), shape)
        said = self.scorer.scores(known).numpy()
        said[np.bincount(rows, minlength=len(queries)) == 0] = np.nan
        if self._whole:
            return said
        scores = np.full((len(queries), self.catalogue.num_candidates), np.nan, np.float32)
        of_candidate = self._of_track[: self.catalogue.num_candidates]
        scores[:, of_candidate >= 0] = said[:, of_candidate[of_candidate >= 0]]
        return scores
