"""What scores every candidate for playlists known by title, tracks or both, and the best of them."""

from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from segue.catalogue.queries import Queries
from segue.nn.topk import rows_per_block, top_k

BLOCK_MB = 16  # of scores held at a time


class Ranker(Protocol):
    """``facts``: at least model, its name, and catalogue, the digest of the candidates."""

    @property
    def num_tracks(self) -> int:
        """C."""

    @property
    def facts(self) -> dict[str, Any]: ...

    def scores(self, queries: Queries) -> Tensor:
        """[n, C] float32, the higher the better; only the order within a row means something.

        A row's scores do not depend on the other rows, and are the caller's to change.
        """


@torch.inference_mode()
def best_tracks(ranker: Ranker, queries: Queries, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``n`` best candidates of each playlist that are not given, best first: [q, n] int32 catalogue
    indices, and their scores [q, n] float32. Of equal scores the track of more playlists comes first.

    Each playlist must leave ``n`` candidates.
    """
    best = np.empty((len(queries), n), np.int32)
    scores = np.empty((len(queries), n), np.float32)
    block = rows_per_block(ranker.num_tracks, BLOCK_MB)
    for start in range(0, len(queries), block):
        some = queries.block(start, min(start + block, len(queries)))
        found, given = ranker.scores(some), some.given(ranker.num_tracks)
        found[given.rows.long(), given.cols.long()] = -torch.inf
        top = top_k(found, n)
        best[start : start + block] = top.numpy()
        scores[start : start + block] = found.gather(1, top).numpy()
    return best, scores
