import pytest
import torch

from segue.errors import SegueError
from segue.nn.negatives import HardNegatives, RandomNegatives
from segue.nn.pattern import Pattern

NUM_PLAYLISTS, NUM_TRACKS = 4, 10
POSITIVES = torch.tensor([[0, 0, 0, 1, 1, 2, 3, 3], [0, 4, 9, 2, 3, 9, 0, 1]])
KNOWN = Pattern.from_edges(*POSITIVES, (NUM_PLAYLISTS, NUM_TRACKS))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def embeddings(seed=0):
    return torch.randn(NUM_PLAYLISTS, 3, generator=generator(seed)), torch.randn(
        NUM_TRACKS, 3, generator=generator(seed + 1)
    )


def never():
    raise AssertionError("random negatives need no embeddings")


def pairs(tracks):
    return set(zip(POSITIVES[0].tolist(), tracks.tolist(), strict=True))


def hard(positives=POSITIVES, known=KNOWN, *, epochs, min_fraction=0.1, refresh_every=1, **settings):
    return HardNegatives(
        positives, known, epochs=epochs, min_fraction=min_fraction, refresh_every=refresh_every, **settings
    )


def samplers():
    yield RandomNegatives(POSITIVES, KNOWN), never
    yield hard(epochs=20, refresh_every=3, block_mb=0), embeddings


@pytest.mark.parametrize("which", [0, 1])
def test_one_negative_for_each_positive_that_its_playlist_does_not_hold(which):
    sampler, embed = list(samplers())[which]
    for epoch in range(20):
        tracks = sampler.sample(epoch, embed, generator(epoch))
        assert tracks.shape == (8,)
        assert tracks.dtype == torch.int64
        assert not pairs(tracks) & set(map(tuple, POSITIVES.T.tolist()))
        assert tracks.min() >= 0
        assert tracks.max() < NUM_TRACKS


@pytest.mark.parametrize("which", [0, 1])
def test_every_track_that_is_no_positive_can_be_drawn(which):
    sampler, embed = list(samplers())[which]
    drawn = set()
    for seed in range(200):
        drawn |= pairs(sampler.sample(0, embed, generator(seed)))
    expected = {(p, t) for p in range(NUM_PLAYLISTS) for t in range(NUM_TRACKS)}
    assert drawn == expected - set(map(tuple, POSITIVES.T.tolist()))


def test_without_the_check_every_track_is_drawn_the_last_one_too():
    sampler = RandomNegatives(POSITIVES, KNOWN, avoid_known=False)
    drawn = torch.stack([sampler.draw(generator(seed)) for seed in range(500)])
    counts = torch.bincount(drawn.flatten(), minlength=NUM_TRACKS)
    # 400 expected each, standard deviation 19
    assert counts.numel() == NUM_TRACKS
    assert (counts - 400).abs().max() < 5 * 19


def test_random_negatives_are_uniform():
    sampler = RandomNegatives(POSITIVES, KNOWN)
    drawn = torch.stack([sampler.draw(generator(seed)) for seed in range(3000)])
    counts = torch.bincount(drawn[:, :3].flatten(), minlength=NUM_TRACKS)
    others = [1, 2, 3, 5, 6, 7, 8]
    assert counts[[0, 4, 9]].sum() == 0
    # Chi-square with 6 degrees of freedom: 22.5 is its 0.999 quantile.
    assert ((counts[others] - 9000 / 7) ** 2 / (9000 / 7)).sum() < 22.5


def slow_candidates(playlist, fraction):
    """The definition: the top share of the tracks that are no positives of the playlist."""
    playlists, tracks = embeddings()
    positives = set(POSITIVES[1][POSITIVES[0] == playlist].tolist())
    others = [t for t in range(NUM_TRACKS) if t not in positives]
    ranking = sorted(others, key=lambda t: -(playlists[playlist] @ tracks[t]).item())
    return set(ranking[: max(1, int(fraction * len(others)))])


@pytest.mark.parametrize("epoch", [0, 5, 10, 15, 19])
def test_hard_negatives_are_uniform_over_the_top_fraction(epoch):
    sampler = hard(epochs=20, block_mb=0)
    drawn = torch.stack([sampler.sample(epoch, embeddings, generator(seed)) for seed in range(600)])
    for column, playlist in enumerate(POSITIVES[0].tolist()):
        candidates = slow_candidates(playlist, sampler.fraction(epoch))
        counts = torch.bincount(drawn[:, column], minlength=NUM_TRACKS)
        assert set(counts.nonzero().flatten().tolist()) == candidates
        expected = 600 / len(candidates)
        chi_square = ((counts[list(candidates)] - expected) ** 2 / expected).sum()
        # Its mean is the degrees of freedom, its variance twice that.
        freedom = len(candidates) - 1
        assert chi_square <= freedom + 5 * (2 * freedom) ** 0.5


def test_fraction_falls_to_half_halfway_and_to_its_floor():
    sampler = hard(epochs=300, min_fraction=0.05)
    assert [sampler.fraction(epoch) for epoch in (0, 75, 150, 225)] == [1.0, 0.75, 0.5, 0.25]
    assert sampler.fraction(299) == 0.05


def test_scores_are_refreshed_every_few_epochs():
    calls = []

    def embed():
        calls.append(len(calls))
        return embeddings(len(calls))

    sampler = hard(epochs=10, refresh_every=4)
    drawn = [sampler.sample(epoch, embed, generator(epoch)) for epoch in range(10)]
    assert len(calls) == 3  # epochs 0, 4 and 8
    assert not torch.equal(drawn[0], drawn[1])  # drawn anew between two refreshes


def test_the_size_of_a_block_does_not_matter():
    whole, blocked = (hard(epochs=4, refresh_every=2, block_mb=block_mb) for block_mb in (1, 0))
    assert whole.block > NUM_PLAYLISTS
    assert blocked.block == 1
    for epoch in range(4):
        expected = whole.sample(epoch, embeddings, generator(epoch))
        assert torch.equal(blocked.sample(epoch, embeddings, generator(epoch)), expected)


def test_ties_at_the_cut_can_all_be_drawn():
    sampler = hard(epochs=4)
    flat = (torch.zeros(NUM_PLAYLISTS, 1), torch.zeros(NUM_TRACKS, 1))
    drawn = {int(sampler.sample(2, lambda: flat, generator(seed))[5]) for seed in range(200)}
    assert drawn == set(range(9))  # playlist 2 holds track 9


def test_positives_in_any_order_keep_their_playlist():
    order = torch.randperm(8, generator=generator())
    sampler = hard(POSITIVES[:, order], epochs=1, min_fraction=1e-9)
    sampler.fraction = lambda epoch: 1e-9  # one candidate a playlist
    tracks = sampler.sample(0, embeddings, generator())
    for playlist, track in zip(POSITIVES[0][order].tolist(), tracks.tolist(), strict=True):
        assert {track} == slow_candidates(playlist, 1e-9)


@pytest.mark.parametrize("build", [RandomNegatives, lambda *args: hard(*args, epochs=1)])
def test_a_playlist_with_every_track_is_an_error(build):
    positives = torch.tensor([[0, 0, 1], [0, 1, 0]])
    with pytest.raises(SegueError, match=r"holds every track[\s\S]*playlist index 0 \(1 such playlists\)"):
        build(positives, Pattern.from_edges(*positives, (2, 2)))
