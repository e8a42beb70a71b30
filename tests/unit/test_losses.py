import math

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from segue.nn.losses import bce_loss, bpr_loss, l2_penalty
from segue.nn.pattern import Pattern
from segue.nn.sparse import sddmm


def test_bpr_by_hand():
    # ln(1 + e^-1), ln(1 + e^0), ln(1 + e^2)
    loss = bpr_loss(torch.tensor([2.0, 1.0, 0.0]), torch.tensor([1.0, 1.0, 2.0]))
    expected = (math.log(1 + math.exp(-1)) + math.log(2) + math.log(1 + math.exp(2))) / 3
    assert math.isclose(loss.item(), expected, rel_tol=1e-6)


def test_bpr_is_finite_for_extreme_scores():
    assert bpr_loss(torch.tensor([-1e4]), torch.tensor([1e4])).item() == 2e4


def test_bce_is_torch_s():
    positive, negative = torch.randn(2, 50, generator=torch.Generator().manual_seed(0))
    expected = binary_cross_entropy_with_logits(
        torch.cat([positive, negative]), torch.cat([torch.ones(50), torch.zeros(50)])
    )
    torch.testing.assert_close(bce_loss(positive, negative), expected)


def test_l2_counts_the_nodes_of_the_batch_and_no_others():
    playlists = torch.tensor([[3.0, 4.0], [100.0, 100.0]], requires_grad=True)
    tracks = torch.tensor([[1.0, 0.0], [0.0, 2.0], [100.0, 100.0]], requires_grad=True)
    positives = Pattern.from_edges(torch.tensor([0, 0]), torch.tensor([0, 0]), (2, 3))
    # (25 + 1 + 4 + 25 + 1 + 1) / (2 * 2 pairs)
    penalty = l2_penalty(playlists, tracks, positives, positives.with_cols(torch.tensor([1, 0])))
    assert penalty.item() == 57 / 4
    penalty.backward()
    # d/dx of (occurrences / (2 n)) |x|^2: playlist 0 occurs twice, track 0 three times, track 1 once.
    occurrences = torch.tensor([2.0, 0.0])[:, None], torch.tensor([3.0, 1.0, 0.0])[:, None]
    torch.testing.assert_close(playlists.grad, playlists.detach() * occurrences[0] / 2)
    torch.testing.assert_close(tracks.grad, tracks.detach() * occurrences[1] / 2)


@pytest.mark.parametrize("loss", [bpr_loss, bce_loss])
def test_gradients_through_scores_on_edges_are_those_of_index_and_sum(loss):
    """With unsorted negatives, one of them drawn twice."""
    generator = torch.Generator().manual_seed(0)
    edges = torch.tensor([[0, 0, 1, 3, 3, 3], [0, 4, 2, 0, 1, 4]])
    negatives = torch.tensor([3, 3, 0, 4, 2, 2])
    positives = Pattern.from_edges(*edges, (4, 5))
    gradients = []
    for sparse in (True, False):
        draws = generator.clone_state()
        playlists, tracks = (
            torch.randn(n, 3, dtype=torch.float64, generator=draws).requires_grad_() for n in (4, 5)
        )
        if sparse:
            pairs = positives, positives.with_cols(negatives)
            scores = [sddmm(pattern, playlists, tracks) for pattern in pairs]
        else:
            scores = [(playlists[edges[0]] * tracks[to]).sum(dim=1) for to in (edges[1], negatives)]
        loss(*scores).backward()
        gradients.append((playlists.grad, tracks.grad))
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)
