"""The tracks that a model would add to playlists."""

from collections.abc import Iterator

import torch
from torch import Tensor

from segue.errors import SegueError
from segue.graph.split import Split, of_playlists
from segue.nn.edge_set import EdgeSet
from segue.nn.topk import rows_per_block, top_k


def recommend(
    split: Split, playlists: Tensor, tracks: Tensor, chosen: Tensor, n: int, block_mb: int = 16
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """The ``n`` best tracks of each ``chosen`` playlist that are not on it, block by block.

    ``playlists`` [P, d] and ``tracks`` [T, d]: embeddings whose dot products are the scores; ``chosen``: [m]
    playlist indices. As in the test, what the embeddings passed messages over (train and validation edges)
    is on the playlist and test edges are not, so that these can be hit.

    Yields, in the order of ``chosen`` and for as many playlists as ``block_mb`` MiB of scores hold: playlist
    indices [b] int64, track indices [b, n] int64, best first and of equal ones the lower index, their scores
    [b, n] float32, and whether each is a test edge [b, n] bool. Raises SegueError when a playlist has fewer
    than ``n`` tracks left.
    """
    part = of_playlists(split, chosen)
    shape = part.num_playlists, part.num_tracks
    known, held_out = EdgeSet(part.train_and_validation, *shape), EdgeSet(part.test, *shape)
    _require_enough(known, chosen, n)
    embeddings = playlists[chosen]
    block = rows_per_block(part.num_tracks, block_mb)
    for start in range(0, part.num_playlists, block):
        stop = min(start + block, part.num_playlists)
        scores = embeddings[start:stop] @ tracks.T
        scores[known.block(start, stop)] = -torch.inf
        best = top_k(scores, n)
        rows = torch.arange(start, stop).repeat_interleave(n)
        hit = held_out.contains(rows, best.flatten()).view_as(best)
        yield chosen[start:stop], best, scores.gather(1, best), hit


def _require_enough(known: EdgeSet, chosen: Tensor, n: int) -> None:
    if not chosen.numel():
        return
    fewest = int(known.num_others.min())
    if n > fewest:
        place = int(known.num_others.argmin())
        raise SegueError(
            "There are not that many tracks to recommend.",
            where="recommend.n",
            found=f"{n}; playlist {int(chosen[place])} of the graph has {int(known.degree[place])} of its "
            f"{known.num_tracks} tracks already",
            expected=f"at most {fewest}",
            fix=f"set recommend.n to {fewest} or less",
        )
