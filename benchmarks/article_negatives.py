"""The article's hard negatives: all tracks scored, and its top ranked, for every positive edge."""

import torch
from torch import Tensor

BATCH = 500  # edges, the article's


def hard_negatives(
    edges: Tensor, playlists: Tensor, tracks: Tensor, known: Tensor, fraction: float
) -> Tensor:
    """[E] track indices, one for each of ``edges`` [2, E]; ``known``: [P, T] bool, the article's mask."""
    negatives = []
    for rows in edges[0].split(BATCH):
        scores = playlists[rows] @ tracks.T
        scores[known[rows]] = -torch.inf
        top = scores.topk(int(fraction * tracks.size(0)), dim=1).indices
        chosen = torch.randint(top.size(1), (rows.numel(), 1), device=rows.device)
        negatives.append(top.gather(1, chosen)[:, 0])
    return torch.cat(negatives)
