"""Metrics where tracks have one score: the mean over every order of these, by hand and by taking them all."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.evaluate.metrics import metrics_of_scores
from segue.nn.pattern import Pattern


def metrics(scores, known, held_out, ks):
    """``known``, ``held_out``: pairs of playlist and track."""
    scores = torch.tensor(scores, dtype=torch.float32)
    sets = (
        Pattern.from_edges(*torch.tensor(sorted(pairs), dtype=torch.int64).reshape(-1, 2).T, scores.shape)
        for pairs in (known, held_out)
    )
    found = metrics_of_scores(lambda start, stop: scores[start:stop].clone(), *sets, ks, block_mb=0)
    return {name: entry["value"] for name, entry in found.items()}


def over_all_orders(scores, known, held_out, k):
    """The same of one playlist, as the mean of the plain definitions over every order of tied tracks."""
    candidates = [track for track in range(len(scores)) if track not in known]
    levels = sorted({scores[track] for track in candidates}, reverse=True)
    groups = [[track for track in candidates if scores[track] == level] for level in levels]
    values = []
    for parts in itertools.product(*map(itertools.permutations, groups)):
        hits = [track in held_out for part in parts for track in part]
        ideal = sum(1 / math.log2(rank + 2) for rank in range(min(k, len(held_out))))
        values.append(
            {
                f"recall@{k}": sum(hits[:k]) / len(held_out),
                f"precision@{k}": sum(hits[:k]) / k,
                f"ndcg@{k}": sum(hit / math.log2(rank + 2) for rank, hit in enumerate(hits[:k])) / ideal,
                f"hit_rate@{k}": any(hits[:k]),
                "r_precision": sum(hits[: len(held_out)]) / len(held_out),
                "mrr": 1 / (hits.index(True) + 1),
            }
        )
    return {name: sum(value[name] for value in values) / len(values) for name in values[0]}


def test_constant_scores_are_worth_what_chance_is():
    """Of 10 tracks 2 are known and 2 of the others held out."""
    found = metrics([[0.0] * 10], {(0, 0), (0, 9)}, {(0, 1), (0, 4)}, [4])
    assert found["recall@4"] == pytest.approx(4 / 8)
    assert found["precision@4"] == pytest.approx(2 / 8)
    assert found["hit_rate@4"] == pytest.approx(1 - (4 * 3) / (8 * 7))
    assert found["r_precision"] == pytest.approx(2 / 8)
    first = {rank: math.comb(8 - rank, 1) / math.comb(8, 2) for rank in range(1, 8)}
    assert found["mrr"] == pytest.approx(sum(chance / rank for rank, chance in first.items()))
    discounts = [1 / math.log2(rank + 1) for rank in range(1, 5)]
    assert found["ndcg@4"] == pytest.approx(2 / 8 * sum(discounts) / sum(discounts[:2]))
    assert found["coverage@4"] == 0.4  # what is shown: four tracks, the same for everybody


def test_a_tie_at_the_cut():
    """Tracks by rank: 3 first, then 0, 1 and 2 in any order, then 4; 1 and 4 are held out."""
    found = metrics([[5.0, 5.0, 5.0, 9.0, 1.0]], set(), {(0, 1), (0, 4)}, [2, 5])
    assert found["recall@2"] == pytest.approx(1 / 2 * 1 / 3)
    assert found["hit_rate@2"] == pytest.approx(1 / 3)
    assert found["ndcg@2"] == pytest.approx(1 / 3 / math.log2(3) / (1 + 1 / math.log2(3)))
    assert found["r_precision"] == pytest.approx(1 / 2 * 1 / 3)
    assert found["mrr"] == pytest.approx((1 / 2 + 1 / 3 + 1 / 4) / 3)
    middle = sum(1 / math.log2(rank + 1) for rank in (2, 3, 4)) / 3
    assert found["ndcg@5"] == pytest.approx((middle + 1 / math.log2(6)) / (1 + 1 / math.log2(3)))
    assert (found["recall@5"], found["hit_rate@5"]) == (1, 1)


def test_a_tie_below_every_cut_counts_for_the_first_rank():
    found = metrics([[9.0, 8.0, 7.0, 1.0, 1.0, 1.0, 0.0]], set(), {(0, 5)}, [1])
    assert found["mrr"] == pytest.approx((1 / 4 + 1 / 5 + 1 / 6) / 3)
    assert found["recall@1"] == found["hit_rate@1"] == found["r_precision"] == 0


@st.composite
def cases(draw):
    tracks = draw(st.integers(2, 6))
    scores = draw(st.lists(st.integers(0, 2), min_size=tracks, max_size=tracks))
    role = st.sampled_from(["known", "held_out", "neither", "neither"])
    roles = draw(st.lists(role, min_size=tracks, max_size=tracks))
    sets = [{track for track, role in enumerate(roles) if role == name} for name in ("known", "held_out")]
    return scores, sets[0] - {0}, sets[1] | {0}, draw(st.integers(1, 7))


@settings(max_examples=300)
@given(st.lists(cases(), min_size=1, max_size=3))
def test_any_tie_is_the_mean_over_all_orders(playlists):
    k, width = playlists[0][3], max(len(scores) for scores, *_ in playlists)
    known = {(row, track) for row, (_, tracks, _, _) in enumerate(playlists) for track in tracks}
    # Narrower playlists know the rest.
    known |= {
        (row, track) for row, (scores, *_) in enumerate(playlists) for track in range(len(scores), width)
    }
    held_out = {(row, track) for row, (_, _, tracks, _) in enumerate(playlists) for track in tracks}
    found = metrics([scores + [9] * (width - len(scores)) for scores, *_ in playlists], known, held_out, [k])
    each = [over_all_orders(scores, tracks, wanted, k) for scores, tracks, wanted, _ in playlists]
    for name in each[0]:
        assert found[name] == pytest.approx(sum(one[name] for one in each) / len(each)), name


@settings(max_examples=100)
@given(st.integers(0, 2**32))
def test_the_numbering_of_the_tracks_does_not_matter(seed):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randint(4, (5, 40), generator=generator)
    roles = torch.randint(5, (5, 40), generator=generator)
    roles[:, 0] = 1
    order = torch.randperm(40, generator=generator)
    one, other = (
        metrics(
            scores[:, places].tolist(),
            *({tuple(pair) for pair in (roles[:, places] == role).nonzero().tolist()} for role in (0, 1)),
            [1, 7],
        )
        for places in (torch.arange(40), order)
    )
    for name in one.keys() - {"coverage@1", "coverage@7"}:
        assert one[name] == pytest.approx(other[name]), name
