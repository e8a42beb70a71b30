import math
import random

import numpy as np
import pytest

from segue.challenge.metrics import challenge_metrics
from segue.errors import SegueError


def evaluate(recommended, held_out, artist):
    """The metrics of lists of lists, filled with -1 to the length of the longest."""
    width = max(map(len, recommended), default=0)
    rows = [row + [-1] * (width - len(row)) for row in recommended]
    return challenge_metrics(
        np.array(rows, dtype=np.int64).reshape(len(rows), width),
        np.cumsum([0, *map(len, held_out)]),
        np.array([track for tracks in held_out for track in tracks], dtype=np.int64),
        np.array(artist, dtype=np.int64),
    )


def directly(recommended, held_out, artist):
    """The metrics of one playlist as the paper and the organisers' code have them, with sets and loops."""
    recommended = recommended[:500]
    cut = recommended[: len(held_out)]
    tracks = len(set(cut) & set(held_out))
    artists = {artist[t] for t in cut} & {artist[t] for t in held_out}
    dcg = ideal = 0.0
    clicks = None
    for i, track in enumerate(recommended, start=1):
        if track in held_out:
            dcg += 1 / math.log2(i + 1)
            clicks = (i - 1) // 10 if clicks is None else clicks
    for i in range(1, min(len(held_out), 500) + 1):
        ideal += 1 / math.log2(i + 1)
    return {
        "r_precision": (tracks + 0.25 * len(artists - {-1})) / len(held_out),
        "r_precision_tracks": tracks / len(held_out),
        "ndcg": dcg / ideal,
        "clicks": 51 if clicks is None else clicks,
    }


def random_case(seed):
    """One playlist's recommendations and held-out tracks: from a few tracks to more than 500, of few artists
    or of many, with nothing, something or everything in common."""
    rng = random.Random(seed)
    num_tracks = rng.choice([3, 40, 1500])
    artist = [rng.randrange(-1, rng.choice([1, 5, num_tracks])) for _ in range(num_tracks)]
    ids = list(range(num_tracks))
    rng.shuffle(ids)
    held_out = ids[: rng.randint(1, rng.choice([2, num_tracks]))]
    if seed % 4 == 0:
        recommended = ids[len(held_out) :]
    elif seed % 4 == 1:
        recommended = [*held_out, *ids[len(held_out) :]]
    else:
        recommended = rng.sample(ids, rng.randint(0, num_tracks))
    return recommended, held_out, artist


def test_against_a_direct_computation():
    cases = [random_case(seed) for seed in range(200)]
    for recommended, held_out, artist in cases:
        found = evaluate([recommended], [held_out], artist)
        assert {name: values.dtype for name, values in found.items()} == dict.fromkeys(found, np.float64)
        expected = directly(recommended, held_out, artist)
        assert {name: values.tolist() for name, values in found.items()} == {
            name: [pytest.approx(value, abs=1e-12)] for name, value in expected.items()
        }
    # What the cases are there for is among them.
    sizes = [(len(recommended), len(held_out)) for recommended, held_out, _ in cases]
    assert any(held > 500 for _, held in sizes)
    assert any(rows > 500 for rows, _ in sizes)
    assert any(0 < rows < 500 and held > rows for rows, held in sizes)
    assert any(not rows for rows, _ in sizes)
    overlaps = [len({*row[:500]} & {*held}) / len(held) for row, held, _ in cases]
    assert 0 in overlaps
    assert 1 in overlaps


def test_playlists_keep_to_themselves():
    rng = random.Random(1)
    artist = [rng.randrange(-1, 30) for _ in range(900)]
    cases = []
    for _ in range(50):
        held_out = rng.sample(range(900), rng.randint(1, 700))
        cases.append((rng.sample(range(900), rng.randint(0, 700)), held_out))
    found = evaluate([row for row, _ in cases], [held for _, held in cases], artist)
    expected = [directly(row, held, artist) for row, held in cases]
    for name, values in found.items():
        np.testing.assert_allclose(values, [metrics[name] for metrics in expected], rtol=1e-12)


def test_by_hand():
    # Artists: 0 and 1 by one, 2 and 3 by another, 4 and 5 by nobody that is known.
    artist = [7, 7, 3, 3, -1, -1]
    found = evaluate([[4, 1, 0, 2], [5, 3, 2, 1]], [[0, 2, 3], [4]], artist)
    # The first three tracks hit with 0, and with artist 7; 0 and 2 are at ranks 3 and 4.
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert found["r_precision"].tolist() == [(1 + 0.25) / 3, 0]
    assert found["r_precision_tracks"].tolist() == [1 / 3, 0]
    assert found["ndcg"].tolist() == pytest.approx([(1 / 2 + 1 / math.log2(5)) / ideal, 0])
    assert found["clicks"].tolist() == [0, 51]


def test_the_best_there_can_be():
    artist = list(range(600))
    found = evaluate([list(range(500))] * 2, [list(range(600)), list(range(500))], artist)
    assert found["r_precision"].tolist() == [1.25 * 500 / 600, 1.25]
    assert found["ndcg"].tolist() == pytest.approx([1, 1])
    assert found["clicks"].tolist() == [0, 0]


@pytest.mark.parametrize(("rank", "clicks"), [(1, 0), (10, 0), (11, 1), (491, 49), (500, 49), (501, 51)])
def test_clicks(rank, clicks):
    recommended = [*range(1, rank), 0, *range(rank, 520)]
    assert evaluate([recommended], [[0]], [-1] * 520)["clicks"].tolist() == [clicks]


@pytest.mark.parametrize(
    ("recommended", "held_out", "words"),
    [
        ([[0], [1]], [[0], []], "playlist 1"),
        ([[0]], [[0], [1]], "not of the same playlists"),
        ([[0], [1, 2, 1]], [[0], [1]], "playlist 1"),
        ([[0], [1]], [[0], [2, 1, 2]], "playlist 1"),
        ([[3]], [[0]], "recommended track is out of range"),
        ([[-2]], [[0]], "recommended track is out of range"),
        ([[0]], [[-1]], "held-out track is out of range"),
    ],
)
def test_what_has_no_metric(recommended, held_out, words):
    with pytest.raises(SegueError, match=words):
        evaluate(recommended, held_out, [0, 0, 0])
