import math
import random

import pytest
import torch

from segue.evaluate.metrics import ranking_metrics, recall_at_k, roc_auc
from segue.nn.pattern import Pattern


def evaluate(scores, known, held_out, ks, **options):
    """Metrics of a score matrix: its rows as playlist embeddings, unit vectors as tracks."""
    scores = torch.as_tensor(scores, dtype=torch.float32)
    sets = (
        Pattern.from_edges(*torch.tensor(sorted(pairs), dtype=torch.int64).reshape(-1, 2).T, scores.shape)
        for pairs in (known, held_out)
    )
    return ranking_metrics(scores, torch.eye(scores.size(1)), *sets, ks, **options)


def directly(scores, known, held_out, k):
    """The same metrics by the definitions, a playlist at a time."""
    rows = []
    for playlist, row in enumerate(scores):
        relevant = {t for p, t in held_out if p == playlist}
        if not relevant:
            continue
        candidates = [t for t in range(len(row)) if (playlist, t) not in known]
        ranking = sorted(candidates, key=lambda track: -row[track])
        hits = [track in relevant for track in ranking]
        dcg = sum(1 / math.log2(rank + 2) for rank, hit in enumerate(hits[:k]) if hit)
        rows.append(
            {
                f"recall@{k}": sum(hits[:k]) / len(relevant),
                f"precision@{k}": sum(hits[:k]) / k,
                f"ndcg@{k}": dcg / sum(1 / math.log2(i + 2) for i in range(min(k, len(relevant)))),
                f"hit_rate@{k}": float(any(hits[:k])),
                "r_precision": sum(hits[: len(relevant)]) / len(relevant),
                "mrr": 1 / (hits.index(True) + 1),
                "top": set(ranking[:k]),
            }
        )
    coverage = len(set.union(*(row.pop("top") for row in rows))) / len(scores[0])
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]} | {
        f"coverage@{k}": coverage
    }


@pytest.mark.parametrize("seed", range(100))
def test_against_a_direct_computation(seed):
    rng = random.Random(seed)
    num_playlists, num_tracks, k = rng.randint(1, 9), rng.randint(3, 30), rng.randint(1, 40)
    scores = [[rng.gauss(0, 1) for _ in range(num_tracks)] for _ in range(num_playlists)]
    roles = {
        (p, t): rng.choices(["known", "held out", "neither"], [3, 2, 5])[0]
        for p in range(num_playlists)
        for t in range(num_tracks)
    }
    roles[0, 0] = "held out"
    known, held_out = (
        {pair for pair, role in roles.items() if role == name} for name in ("known", "held out")
    )
    result = evaluate(scores, known, held_out, [k], block_mb=0)
    for name, value in directly(scores, known, held_out, k).items():
        assert result[name]["value"] == pytest.approx(value, abs=1e-6), name
    assert {entry["playlists"] for entry in result.values()} == {len({p for p, _ in held_out})}


def test_by_hand():
    # Ranking of the playlist, its known track 0 masked out: 1, 2, 3, 4. Held out: 2 and 4.
    result = evaluate([[9, 4, 3, 2, 1]], {(0, 0)}, {(0, 2), (0, 4)}, [2, 4])
    value = {name: entry["value"] for name, entry in result.items()}
    ideal = 1 + 1 / math.log2(3)
    assert value == pytest.approx(
        {
            "recall@2": 0.5,
            "recall@4": 1.0,
            "precision@2": 0.5,
            "precision@4": 0.5,
            "ndcg@2": (1 / math.log2(3)) / ideal,
            "ndcg@4": (1 / math.log2(3) + 1 / math.log2(5)) / ideal,
            "hit_rate@2": 1.0,
            "hit_rate@4": 1.0,
            "r_precision": 0.5,
            "mrr": 0.5,
            "coverage@2": 0.4,
            "coverage@4": 0.8,
        }
    )


def test_playlists_with_nothing_held_out_have_no_say():
    scores = [[1, 2, 3], [1, 2, 3], [1, 2, 3]]
    with_idle = evaluate(scores, {(0, 2), (2, 0)}, {(0, 0)}, [1])
    assert with_idle["recall@1"] == {"value": 0.0, "playlists": 1}


def test_known_tracks_are_never_recommended():
    # All but the held-out track are known: it must rank first, and nothing else is covered.
    result = evaluate([[9, 8, 7, 0]], {(0, 0), (0, 1), (0, 2)}, {(0, 3)}, [3])
    assert result["mrr"]["value"] == 1.0
    assert result["coverage@3"]["value"] == 0.25


def test_k_beyond_the_number_of_tracks():
    result = evaluate([[3, 2, 1]], {(0, 0)}, {(0, 2)}, [300])
    assert result["recall@300"]["value"] == 1.0
    assert result["precision@300"]["value"] == pytest.approx(1 / 300)


def test_recall_alone_is_the_same():
    generator = torch.Generator().manual_seed(0)
    playlists, tracks = torch.randn(20, 8, generator=generator), torch.randn(40, 8, generator=generator)
    keys = torch.randperm(800, generator=generator)[:200]
    edges = torch.stack([keys // 40, keys % 40])
    known, held_out = (Pattern.from_edges(*part, (20, 40)) for part in (edges[:, :150], edges[:, 150:]))
    recall = recall_at_k(playlists, tracks, known, held_out, 5)
    assert recall == ranking_metrics(playlists, tracks, known, held_out, [2, 5])["recall@5"]["value"]
    assert 0 < recall < 1


def test_auc_against_all_pairs():
    rng = random.Random(0)
    for _ in range(50):
        positive = [rng.randint(0, 5) for _ in range(rng.randint(1, 12))]
        negative = [rng.randint(0, 5) for _ in range(rng.randint(1, 12))]
        wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
        auc = roc_auc(
            torch.tensor(positive, dtype=torch.float32), torch.tensor(negative, dtype=torch.float32)
        )
        assert auc == pytest.approx(wins / (len(positive) * len(negative)))
