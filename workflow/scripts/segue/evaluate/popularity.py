"""What is found of held-out tracks by their popularity."""

from collections.abc import Callable, Sequence

import polars as pl
import torch
from torch import Tensor

from segue.evaluate.protocol import ScoresOf, tested_playlists
from segue.evaluate.ties import chance_in_top
from segue.graph.split import Split
from segue.nn.pattern import Pattern
from segue.nn.topk import rows_per_block

QUARTERS = 4


def quarters(degree: Tensor) -> Tensor:
    r"""[T] int64, which quarter each track is in, 1 of the least popular and 4 of the most.

    A track that is more popular than b of the T tracks, by ``degree`` [T], is in quarter
    :math:`1 + \lfloor 4 b / T \rfloor`; so those of one degree are in one quarter.
    """
    ordered = degree.sort().values
    return 1 + QUARTERS * torch.searchsorted(ordered, degree) // degree.numel()


def hits_by_quarter(
    split: Split,
    scores_of_playlists: Callable[[Pattern, Tensor], ScoresOf],
    *,
    k: Sequence[int],
    seed: int,
    max_playlists: int | None = None,
    block_mb: int = 16,
) -> pl.DataFrame:
    """What the test finds of each playlist's held-out tracks, by the quarter of their popularity.

    Of the same playlists and rankings as ``protocol.evaluate_scores``, whose arguments these are. Popularity
    is how many playlists a track is on in train and validation edges.

    Returns playlist (Int32), quarter (Int8), held_out (Int32), and for each cut-off hits@K (Float64), how
    many of these are expected among the K highest, as in `evaluate.ties`: a row a playlist and quarter with
    a held-out track. Over the quarters, hits add up to recall@K times the held-out tracks.
    """
    quarter = quarters(torch.bincount(split.train_and_validation[1], minlength=split.num_tracks))
    chosen, _, known, held_out = tested_playlists(split, k, max_playlists, seed)
    scores_of, blocks = scores_of_playlists(known, chosen), []
    count, block = len(chosen), rows_per_block(split.num_tracks, block_mb)
    for start in range(0, count, block):
        stop = min(start + block, count)
        scores = scores_of(start, stop)
        scores[known.entries(start, stop)] = -torch.inf
        row, track = held_out.entries(start, stop)
        columns = {"playlist": chosen[start + row], "quarter": quarter[track]}
        columns |= {f"hits@{cut}": chance_in_top(scores, cut, row, track) for cut in k}
        entries = pl.DataFrame({name: values.numpy() for name, values in columns.items()})
        by_quarter = entries.group_by("playlist", "quarter").agg(pl.len().alias("held_out"), pl.all().sum())
        blocks.append(by_quarter.sort("playlist", "quarter"))
    types = {"playlist": pl.Int32, "quarter": pl.Int8, "held_out": pl.Int32}
    return pl.concat(blocks).cast(types)
