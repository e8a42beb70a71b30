import hashlib

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch_geometric.data import Data
from torch_geometric.transforms import RandomLinkSplit

from segue.errors import SegueError
from segue.graph.split import (
    TENSORS,
    cut_by_key,
    draw_playlists,
    load_split,
    of_playlists,
    save_split,
    split_edges,
)


def grid(num_playlists, num_tracks):
    """Every playlist with every track."""
    return torch.cartesian_prod(torch.arange(num_playlists), torch.arange(num_tracks)).T.contiguous()


def pairs(edges):
    return set(map(tuple, edges.T.tolist()))


@given(st.integers(2, 9), st.integers(3, 9), st.integers(0, 2**32), st.sampled_from([0.0, 0.3]))
def test_parts_are_disjoint_and_their_union_is_the_graph(num_playlists, num_tracks, seed, ratio):
    edges = grid(num_playlists, num_tracks)
    split = split_edges(edges, train=0.5, validation=0.25, test=0.25, disjoint_train_ratio=ratio, seed=seed)
    parts = [pairs(split.train), pairs(split.validation), pairs(split.test)]
    if ratio:
        parts.append(pairs(split.train_message))
    else:
        assert torch.equal(split.train_message, split.train)
    assert set.union(*parts) == pairs(edges)
    assert sum(map(len, parts)) == edges.size(1)
    assert pairs(split.all_train) == pairs(split.train) | pairs(split.train_message)
    assert split.all_train.size(1) == len(pairs(split.all_train))


@pytest.mark.parametrize("ratio", [0.0, 0.3])
def test_sizes_are_pyg_s(ratio):
    edges = grid(10, 20)
    split = split_edges(edges, disjoint_train_ratio=ratio)
    both_ways = torch.cat([edges + torch.tensor([[0], [10]]), (edges + torch.tensor([[0], [10]])).flip(0)], 1)
    transform = RandomLinkSplit(
        num_val=0.15,
        num_test=0.15,
        is_undirected=True,
        disjoint_train_ratio=ratio,
        add_negative_train_samples=False,
        neg_sampling_ratio=0.0,
    )
    train, validation, test = transform(Data(edge_index=both_ways, num_nodes=30))
    assert split.train.size(1) == train.edge_label_index.size(1)
    assert split.train_message.size(1) == train.edge_index.size(1) // 2
    assert split.validation.size(1) == validation.edge_label_index.size(1)
    assert split.all_train.size(1) == validation.edge_index.size(1) // 2
    assert split.test.size(1) == test.edge_label_index.size(1)
    assert split.train_and_validation.size(1) == test.edge_index.size(1) // 2


def test_held_out_edges_never_pass_messages_early():
    split = split_edges(grid(12, 15), disjoint_train_ratio=0.2, seed=3)
    validation, test = pairs(split.validation), pairs(split.test)
    assert not pairs(split.train_message) & (pairs(split.train) | validation | test)
    assert not pairs(split.all_train) & (validation | test)
    assert not pairs(split.train_and_validation) & test


def test_one_seed_gives_one_split_everywhere():
    # The digest was computed once: PCG64's raw stream and a stable sort have no version.
    split = split_edges(grid(50, 60), seed=7)
    digest = hashlib.sha256(b"".join(getattr(split, name).numpy().tobytes() for name in TENSORS)).hexdigest()
    assert digest == "013d3c46628bc66c51bc4c2569ffca589697e3c885e5a575c99d1cc3423db1e8"
    assert not torch.equal(split.test, split_edges(grid(50, 60), seed=8).test)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2**64 - 1)), max_size=12), st.data())
def test_parts_are_those_of_a_stable_sort(pairs, data):
    # Keys that are often equal, and keys up to 2^64 - 1.
    keys = np.array([data.draw(st.sampled_from(pair)) for pair in pairs], dtype=np.uint64)
    ends = [*sorted(data.draw(st.lists(st.integers(0, len(keys)), max_size=3))), len(keys)]
    sizes = np.diff([0, *ends]).tolist()
    expected = np.split(np.argsort(keys, kind="stable"), ends[:-1])
    parts = cut_by_key(keys, sizes)
    assert [part.tolist() for part in parts] == [sorted(part.tolist()) for part in expected]
    assert all(part.dtype == torch.int64 for part in parts)


def test_ids_beyond_float32_survive():
    # 2^24 + 1 is the first integer that float32 cannot hold.
    edges = torch.tensor([[0, 1, 2, 3] * 5, list(range(2**24, 2**24 + 20))])
    split = split_edges(edges)
    assert pairs(torch.cat([split.train_and_validation, split.test], dim=1)) == pairs(edges)


def test_every_edge_is_equally_likely_to_be_tested():
    edges = grid(4, 5)
    counts = torch.zeros(4, 5)
    for seed in range(600):
        counts.index_put_(tuple(split_edges(edges, seed=seed).test), torch.tensor(1.0), accumulate=True)
    assert counts.sum() == 600 * 3
    # 90 expected, standard deviation 8.7
    assert (counts - 90).abs().max() < 5 * 8.7


def test_a_stage_without_edges_is_named():
    with pytest.raises(SegueError, match=r"leaves no edge for validation\.[\s\S]*6 edges"):
        split_edges(grid(2, 3))
    with pytest.raises(SegueError, match=r"no edge for train supervision[\s\S]*disjoint_train_ratio 0\.01"):
        split_edges(grid(4, 5), disjoint_train_ratio=0.01)


def test_edges_of_some_playlists():
    split = split_edges(grid(6, 7))
    part = of_playlists(split, torch.tensor([1, 4]))
    assert (part.num_playlists, part.num_tracks) == (2, 7)
    for name in TENSORS:
        expected = {((1, 4).index(p), t) for p, t in pairs(getattr(split, name)) if p in (1, 4)}
        assert pairs(getattr(part, name)) == expected


def test_playlists_are_drawn_from_those_with_edges():
    edges = torch.tensor([[3, 5, 5, 8, 9], [0, 0, 1, 0, 0]])
    assert (
        draw_playlists(edges, None, seed=0).tolist()
        == draw_playlists(edges, 9, seed=0).tolist()
        == [3, 5, 8, 9]
    )
    draws = [tuple(draw_playlists(edges, 2, seed=seed).tolist()) for seed in range(60)]
    assert {len(set(draw)) for draw in draws} == {2}
    assert len(set(draws)) == 6  # every pair
    assert draws[0] == tuple(draw_playlists(edges, 2, seed=0).tolist())


def test_saved_and_loaded(tmp_path):
    split = split_edges(grid(6, 7), disjoint_train_ratio=0.5)
    save_split(split, tmp_path / "split.safetensors")
    loaded = load_split(tmp_path / "split.safetensors")
    assert (loaded.num_playlists, loaded.num_tracks) == (6, 7)
    assert all(torch.equal(getattr(loaded, name), getattr(split, name)) for name in TENSORS)


def test_a_split_is_the_same_bytes_each_time(tmp_path):
    path, saved = tmp_path / "split.safetensors", set()
    for _ in range(20):
        save_split(split_edges(grid(4, 5)), path)
        saved.add(path.read_bytes())
    assert len(saved) == 1
