import torch
from hypothesis import given
from hypothesis import strategies as st

from segue.nn.edge_set import EdgeSet

NUM_PLAYLISTS, NUM_TRACKS = 5, 7
PAIRS = st.sets(st.tuples(st.integers(0, NUM_PLAYLISTS - 1), st.integers(0, NUM_TRACKS - 1)), min_size=1)


@given(PAIRS, st.randoms())
def test_other_tracks_are_the_complement_in_order(pairs, random):
    shuffled = sorted(pairs)
    random.shuffle(shuffled)
    edges = EdgeSet(torch.tensor(shuffled).T, NUM_PLAYLISTS, NUM_TRACKS)
    for playlist in range(NUM_PLAYLISTS):
        others = [track for track in range(NUM_TRACKS) if (playlist, track) not in pairs]
        assert edges.num_others[playlist] == len(others)
        r = torch.arange(len(others))
        assert edges.other_track(torch.full_like(r, playlist), r).tolist() == others


@given(PAIRS, st.integers(0, NUM_PLAYLISTS - 1), st.integers(1, NUM_PLAYLISTS))
def test_blocks(pairs, start, size):
    edges = EdgeSet(torch.tensor(sorted(pairs)).T, NUM_PLAYLISTS, NUM_TRACKS)
    stop = min(start + size, NUM_PLAYLISTS)
    rows, tracks = edges.block(start, stop)
    expected = [(p - start, t) for p, t in sorted(pairs) if start <= p < stop]
    assert list(zip(rows.tolist(), tracks.tolist(), strict=True)) == expected


@given(PAIRS)
def test_contains(pairs):
    edges = EdgeSet(torch.tensor(sorted(pairs)).T, NUM_PLAYLISTS, NUM_TRACKS)
    every = [(p, t) for p in range(NUM_PLAYLISTS) for t in range(NUM_TRACKS)]
    assert edges.contains(*torch.tensor(every).T).tolist() == [pair in pairs for pair in every]


def test_contains_among_many_and_in_an_empty_set():
    keys = torch.randperm(3000 * 2000, generator=torch.Generator().manual_seed(0))
    present, absent = (torch.stack([part // 2000, part % 2000]) for part in (keys[:50_000], keys[50_000:]))
    edges = EdgeSet(present, 3000, 2000)
    assert edges.contains(*present).all()
    assert not edges.contains(*absent).any()
    assert not EdgeSet(present[:, :0], 3000, 2000).contains(*absent).any()


def test_large_ids_stay_exact():
    track = 2**24 + 1  # not a float32
    edges = EdgeSet(torch.tensor([[0], [track]]), 1, 2**25)
    assert edges.tracks.tolist() == [track]
    assert edges.other_track(torch.tensor([0, 0]), torch.tensor([track - 1, track])).tolist() == [
        track - 1,
        track + 1,
    ]
