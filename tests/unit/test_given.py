import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.graph.given import dispersion, drawn_by, given_split
from segue.graph.split import TENSORS


def grid(num_playlists, num_tracks):
    """Every playlist with every track."""
    return torch.cartesian_prod(torch.arange(num_playlists), torch.arange(num_tracks)).T.contiguous()


def pairs(edges):
    return set(map(tuple, edges.T.tolist()))


def roles_of(edges, *codes):
    """Roles in turn: 0 train, 1 validation, 2 test."""
    return torch.tensor(codes).repeat(edges.size(1) // len(codes) + 1)[: edges.size(1)]


def test_a_given_assignment_is_the_split():
    edges = grid(4, 6)
    role = roles_of(edges, 0, 0, 1, 2)
    split = given_split(edges, role)
    assert torch.equal(split.train, edges[:, role == 0])
    assert torch.equal(split.train_message, split.train)
    assert torch.equal(split.validation, edges[:, role == 1])
    assert torch.equal(split.test, edges[:, role == 2])
    assert (split.num_playlists, split.num_tracks) == (4, 6)
    # Nothing is drawn, so no seed matters.
    assert torch.equal(given_split(edges, role, seed=9).train, split.train)


def test_validation_is_drawn_from_the_train_edges_where_none_is_given():
    edges = grid(10, 12)
    role = roles_of(edges, 0, 2, 0)
    split = given_split(edges, role, validation=0.1, seed=3)
    assert torch.equal(split.test, edges[:, role == 2])
    assert split.validation.size(1) == 8
    assert not pairs(split.validation) & pairs(split.train)
    assert pairs(split.train_and_validation) == pairs(edges[:, role == 0])
    assert torch.equal(given_split(edges, role, validation=0.1, seed=3).validation, split.validation)
    assert not torch.equal(given_split(edges, role, validation=0.1, seed=4).validation, split.validation)


@pytest.mark.parametrize("codes", [(0, 1, 2, 0), (0, 2)])
def test_a_given_assignment_with_train_edges_set_apart(codes):
    edges = grid(10, 12)
    role = roles_of(edges, *codes)
    split = given_split(edges, role, validation=0.2, disjoint_train_ratio=0.25, seed=3)
    left = 60 if 1 in codes else 48
    assert (split.train.size(1), split.train_message.size(1)) == (left // 4, left - left // 4)
    parts = [pairs(getattr(split, name)) for name in TENSORS]
    assert set.union(*parts) == pairs(edges)
    assert sum(map(len, parts)) == edges.size(1)
    assert parts[3] == pairs(edges[:, role == 2])


@pytest.mark.parametrize(
    ("codes", "options", "stage"),
    [
        ((0, 1), {}, "test"),
        ((1, 2), {}, "train message passing"),
        ((0, 2), {"validation": 0.01}, "validation"),
        ((0, 1, 2), {"disjoint_train_ratio": 0.01}, "train supervision"),
    ],
)
def test_an_assignment_that_leaves_a_stage_without_edges(codes, options, stage):
    edges = grid(4, 6)
    with pytest.raises(SegueError, match=rf"leaves no edge for {stage}\.[\s\S]*graph\.k_core"):
        given_split(edges, roles_of(edges, *codes), **options)


@given(st.lists(st.integers(1, 30), min_size=2, max_size=12), st.floats(0.01, 0.99), st.integers(0, 2**32))
def test_validation_takes_the_same_share_of_each_playlist(lengths, share, seed):
    edges = torch.cat([torch.stack([torch.full((n,), u), torch.arange(n)]) for u, n in enumerate(lengths)], 1)
    edges = torch.cat([edges, torch.stack([torch.arange(len(lengths)), torch.full((len(lengths),), 30)])], 1)
    role = torch.where(edges[1] == 30, 2, 0)
    counts = [min(int(np.floor(share * n + 0.5)), n - 1) for n in lengths]
    options = {"validation": share, "validation_by": "playlists", "seed": seed}
    if not any(counts):
        with pytest.raises(SegueError, match="leaves no edge for validation"):
            given_split(edges, role, **options)
        return
    split = given_split(edges, role, **options)
    assert torch.bincount(split.validation[0], minlength=len(lengths)).tolist() == counts
    assert pairs(split.train_and_validation) == pairs(edges[:, role == 0])
    assert split.train.size(1) + split.validation.size(1) == sum(lengths)
    assert torch.equal(given_split(edges, role, **options).validation, split.validation)


def test_which_edges_of_a_playlist_is_drawn():
    edges = grid(50, 21)
    role = torch.where(edges[1] == 20, 2, 0)
    draws = [
        given_split(edges, role, validation=0.25, validation_by="playlists", seed=seed).validation
        for seed in range(20)
    ]
    held_out = torch.stack([torch.bincount(draw[1], minlength=20) for draw in draws]).sum(0)
    assert held_out.sum() == 20 * 50 * 5
    # Each of 20 tracks is drawn with probability 1/4, 1,000 times.
    assert (held_out - 250).abs().max() < 4 * np.sqrt(1000 * 0.25 * 0.75)


def test_dispersion_by_hand():
    playlists = torch.tensor([0] * 4 + [2] * 4)
    assert dispersion(playlists, torch.tensor([1, 0, 0, 0, 0, 1, 0, 0]).bool()) == 0
    # s = 1/4, so of each 1 was expected: (1 + 1) / (4 * 3/16) / 2.
    assert dispersion(playlists, torch.tensor([1, 1, 0, 0, 0, 0, 0, 0]).bool()) == pytest.approx(4 / 3)


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_how_a_test_was_drawn_is_seen(share):
    generator = torch.Generator().manual_seed(1)
    lengths = torch.randint(5, 60, (2000,), generator=generator)
    playlists = torch.arange(2000).repeat_interleave(lengths)
    edges = torch.stack([playlists, torch.cat([torch.arange(n) for n in lengths])])
    keys = torch.rand(playlists.numel(), generator=generator)
    over_edges = keys < share
    split = given_split(
        torch.cat([edges, torch.tensor([[0], [300]])], 1),
        torch.cat([torch.zeros_like(playlists), torch.tensor([2])]),
        validation=share,
        validation_by="playlists",
    )
    held_out = 1000 * split.validation[0] + split.validation[1]
    over_playlists = torch.isin(1000 * edges[0] + edges[1], held_out)
    last_one = edges[1] == lengths[playlists] - 1
    assert dispersion(playlists, over_edges) == pytest.approx(1, abs=0.15)
    assert drawn_by(playlists, over_edges) == "edges"
    assert drawn_by(playlists, over_playlists) == "playlists"
    assert drawn_by(playlists, last_one) is None
    assert drawn_by(playlists % 100, over_edges) is None  # too few
