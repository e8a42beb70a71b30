import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from segue.nn.pattern import Graph, Pattern

NUM_PLAYLISTS, NUM_TRACKS = 5, 7
PAIRS = st.sets(st.tuples(st.integers(0, NUM_PLAYLISTS - 1), st.integers(0, NUM_TRACKS - 1)), min_size=1)


def pattern_of(pairs):
    return Pattern.from_edges(*torch.tensor([*pairs]).T, (NUM_PLAYLISTS, NUM_TRACKS))


@given(PAIRS, st.randoms())
def test_other_columns_are_the_complement_in_order(pairs, random):
    shuffled = sorted(pairs)
    random.shuffle(shuffled)
    pattern = pattern_of(shuffled)
    for playlist in range(NUM_PLAYLISTS):
        others = [track for track in range(NUM_TRACKS) if (playlist, track) not in pairs]
        assert pattern.num_others[playlist] == len(others)
        r = torch.arange(len(others))
        assert pattern.other_col(torch.full_like(r, playlist), r).tolist() == others


@given(PAIRS, st.integers(0, NUM_PLAYLISTS - 1), st.integers(1, NUM_PLAYLISTS))
def test_blocks(pairs, start, size):
    pattern = pattern_of(pairs)
    stop = min(start + size, NUM_PLAYLISTS)
    rows, tracks = pattern.entries(start, stop)
    assert rows.dtype == tracks.dtype == torch.int64
    expected = [(p - start, t) for p, t in sorted(pairs) if start <= p < stop]
    assert list(zip(rows.tolist(), tracks.tolist(), strict=True)) == expected
    assert list(map(tuple, pattern.block(start, stop).edges().T.tolist())) == expected


@given(PAIRS)
def test_contains(pairs):
    every = [(p, t) for p in range(NUM_PLAYLISTS) for t in range(NUM_TRACKS)]
    assert pattern_of(pairs).contains(*torch.tensor(every).T).tolist() == [pair in pairs for pair in every]


def test_contains_among_many_and_in_an_empty_set():
    keys = torch.randperm(3000 * 2000, generator=torch.Generator().manual_seed(0))
    present, absent = (torch.stack([part // 2000, part % 2000]) for part in (keys[:50_000], keys[50_000:]))
    pattern = Pattern.from_edges(*present, (3000, 2000))
    assert pattern.contains(*present).all()
    assert not pattern.contains(*absent).any()
    assert not Pattern.from_edges(*present[:, :0], (3000, 2000)).contains(*absent).any()


def test_large_ids_stay_exact():
    track = 2**24 + 1  # not a float32
    pattern = Pattern.from_edges(torch.tensor([0]), torch.tensor([track]), (1, 2**25))
    assert pattern.entries(0, 1)[1].tolist() == [track]
    assert pattern.other_col(torch.tensor([0, 0]), torch.tensor([track - 1, track])).tolist() == [
        track - 1,
        track + 1,
    ]


def test_lookups_beyond_int32_stay_exact_and_leave_the_indices_alone():
    """n m is over 2^31 in a pattern of int32 indices; indices that are int64 are not written over."""
    rows, cols = torch.tensor([0, 69_999]), torch.tensor([5, 69_999])
    pattern = Pattern.from_edges(rows, cols, (70_000, 70_000))
    assert pattern.rows.dtype == torch.int32
    asked = torch.tensor([0, 69_999, 69_999]), torch.tensor([5, 69_998, 69_999])
    assert pattern.contains(*asked).tolist() == [True, False, True]
    assert pattern.other_col(torch.tensor([69_999]), torch.tensor([69_998])).tolist() == [69_998]
    wide = Pattern.from_edges(rows, cols, (70_000, 2**31 + 1))
    assert wide.contains(*asked).tolist() == [True, False, True]
    assert wide.edges().tolist() == [[0, 69_999], [5, 69_999]]


@pytest.mark.parametrize("cols", [[1, 0, 2], [1, 1, 2]])
def test_lookups_in_unsorted_or_repeating_rows_are_refused(cols):
    pattern = pattern_of([(0, 0), (0, 1), (1, 2)]).with_cols(torch.tensor(cols))
    with pytest.raises(ValueError, match="rows are sorted"):
        pattern.contains(torch.tensor([0]), torch.tensor([0]))


def test_lookups_cost_nothing_where_there_are_none():
    pattern = pattern_of([(0, 1), (4, 6)])
    assert not {"_keys", "_taken", "_others_before", "_by_column"} & set(vars(pattern))


@given(PAIRS)
def test_degrees_and_weights_of_both_directions(pairs):
    graph = Graph(torch.tensor([*pairs]).T, NUM_PLAYLISTS, NUM_TRACKS)
    of_playlist, of_track = ([[*column].count(i) for i in range(7)] for column in zip(*pairs, strict=True))
    assert graph.playlists.degree.tolist() == graph.tracks.source_degree.tolist() == of_playlist[:5]
    assert graph.tracks.degree.tolist() == graph.playlists.source_degree.tolist() == of_track
    for pattern in (graph.playlists, graph.tracks):
        weights = pattern.weights(0.5, 0.25, torch.float64)
        assert weights is pattern.weights(0.5, 0.25, torch.float64)
        assert weights.tolist() == pytest.approx(
            [
                pattern.degree[i].item() ** -0.5 * pattern.source_degree[j].item() ** -0.25
                for i, j in pattern.edges().T.tolist()
            ]
        )
        assert torch.equal(pattern.T.weights(0.25, 0.5, torch.float64), weights[pattern.order])


def test_degrees_that_are_given():
    """Track 1 is on 3 playlists, of which this pattern knows one; its transpose weighs it the same."""
    pattern = pattern_of([(0, 0), (0, 1)])
    given = Pattern(pattern.rowptr, pattern.rows, pattern.cols, (5, 7), torch.tensor([1, 3, 9, 9, 9, 9, 9]))
    assert given.weights(1.0, 1.0, torch.float64).tolist() == pytest.approx([1 / 2, 1 / 6])
    assert given.T.weights(1.0, 1.0, torch.float64).tolist() == pytest.approx([1 / 2, 1 / 6])
    assert given.T.source_degree.tolist() == [2, 0, 0, 0, 0]
