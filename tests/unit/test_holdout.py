"""The draw of whole playlists: the challenge's constraints as properties, and small cases by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.challenge.holdout import CATEGORIES, draw_held_out
from segue.errors import SegueError

# Playlists of a pid, a title or none, and distinct tracks; some long enough for categories of 5 and 10.
PLAYLISTS = st.lists(
    st.tuples(st.booleans(), st.lists(st.integers(0, 15), min_size=1, max_size=14, unique=True)),
    min_size=1,
    max_size=25,
)
PIDS = st.randoms(use_true_random=False)


def draw(playlists, *settings, **named):
    return draw_both(playlists, *settings, **named)[0]


def draw_both(playlists, categories=(1,), per_category=1, lone_tracks="leave_out", seed=3, validation=0):
    """``playlists``: (pid, has a title, tracks), each in provisional order."""
    pids, titled, tracks = zip(*playlists, strict=True)
    sizes = [len(of) for of in tracks]
    return draw_held_out(
        np.repeat(np.arange(len(pids), dtype=np.int32), sizes),
        np.array([track for of in tracks for track in of], dtype=np.int32),
        np.array(pids),
        np.array(titled),
        16,
        per_category=per_category,
        validation_per_category=validation,
        categories=categories,
        lone_tracks=lone_tracks,
        seed=seed,
    )


def drawn_pids(playlists, **settings):
    held = draw(playlists, **settings)
    return sorted((int(c), playlists[p][0]) for p, c in zip(held.playlist, held.category, strict=True))


@given(PLAYLISTS, PIDS, st.sampled_from(["leave_out", "refuse"]), st.integers(1, 3), st.integers(0, 9))
def test_the_constraints_hold(drawn, random, lone_tracks, per_category, seed):
    pids = random.sample(range(100), len(drawn))
    playlists = [(pid, titled, tracks) for pid, (titled, tracks) in zip(pids, drawn, strict=True)]
    categories = [5, 4, 2, 1]
    try:
        held = draw(playlists, categories, per_category, lone_tracks, seed)
    except SegueError:
        return
    assert held.category.tolist() == sorted(categories * per_category)
    assert len(set(held.playlist.tolist())) == len(held.playlist)
    chosen = {playlists[p][0] for p in held.playlist}
    remaining = {track for pid, _, tracks in playlists if pid not in chosen for track in tracks}
    everywhere = [track for *_, tracks in playlists for track in tracks]
    for p, number in zip(held.playlist, held.category, strict=True):
        _, titled, tracks = playlists[p]
        kept = [track for track in tracks if held.shared[track]]
        assert len(kept) > CATEGORIES[number].given
        assert titled or not CATEGORIES[number].title
        assert set(kept) <= remaining
        assert all(everywhere.count(track) == 1 for track in set(tracks) - set(kept))
        assert kept == tracks or lone_tracks == "leave_out"


@given(PLAYLISTS, PIDS, st.integers(0, 9))
def test_the_order_of_the_batches_changes_nothing(drawn, random, seed):
    playlists = [(7 * i % 101, *playlist) for i, playlist in enumerate(drawn)]
    others = random.sample(playlists, len(playlists))
    settings = {"categories": [1, 4], "seed": seed}
    try:
        expected = drawn_pids(playlists, **settings)
    except SegueError:
        with pytest.raises(SegueError):
            draw(others, **settings)
    else:
        assert drawn_pids(others, **settings) == expected


def test_what_can_be_held_out_together():
    # Track 0 is on two playlists alone: one of them is held out, never both.
    playlists = [(10, True, [0, 1]), (11, True, [0, 2]), (12, True, [1, 2])]
    for seed in range(8):
        (row,) = drawn_pids(playlists, seed=seed)
        assert row[1] in {10, 11, 12}
        with pytest.raises(SegueError, match="at most 1"):
            draw(playlists, per_category=2, seed=seed)


def test_every_candidate_is_drawn_under_some_seed():
    playlists = [(pid, True, [0, 1]) for pid in range(6)]
    assert {drawn_pids(playlists, seed=seed)[0][1] for seed in range(60)} == set(range(6))


def test_a_lone_track_is_left_out_or_refused():
    # 10 has track 9 to itself, and without it one track too few for a first track and an answer.
    playlists = [(10, True, [0, 9]), (11, True, [0, 1]), (12, True, [0, 1])]
    assert {drawn_pids(playlists, seed=seed)[0][1] for seed in range(20)} == {10, 11, 12}
    refused = {drawn_pids(playlists, lone_tracks="refuse", seed=seed)[0][1] for seed in range(20)}
    assert refused == {11, 12}
    with_a_seed = {drawn_pids(playlists, categories=[2], seed=seed)[0][1] for seed in range(20)}
    assert with_a_seed == {11, 12}
    held = draw(playlists, categories=[2])
    assert held.shared.tolist() == [True, True] + [False] * 14
    assert held.counts == {
        "playlists": 3,
        "playlists_without_lone_tracks": 2,
        "tracks": 3,
        "lone_tracks": 1,
        "held_out": 1,
        "lone_tracks_of_held_out": 0,
        "categories": [{"category": 2, "given": "title, first 1", "candidates": 2, "playlists": 1}],
    }


def test_too_few_playlists():
    playlists = [(pid, pid != 3, [0, 1, 2]) for pid in range(4)]
    with pytest.raises(SegueError) as error:
        draw(playlists, categories=[4, 1], per_category=1)
    assert error.value.what == "There are too few playlists for category 4 of the challenge (first 5)."
    assert error.value.found.startswith("1; 0 playlists have more than 5 tracks that other playlists have")
    with pytest.raises(SegueError) as error:
        draw(playlists, categories=[2], per_category=4, lone_tracks="refuse")
    # Three have a title. The fourth stays, so that all tracks do.
    assert error.value.found.startswith(
        "4; 3 playlists have more than 1 tracks that other playlists have too,"
    )
    assert "3 of them can be held out" in error.value.found
    assert error.value.expected == "at most 3"
    assert "set challenge.lone_tracks to leave_out" in str(error.value)


def test_the_categories_are_the_challenge_s():
    names = [category.name for category in CATEGORIES.values()]
    assert names == [
        "title only",
        "title, first 1",
        "title, first 5",
        "first 5",
        "title, first 10",
        "first 10",
        "title, first 25",
        "title, 25 random",
        "title, first 100",
        "title, 100 random",
    ]


def test_playlists_without_edges_change_nothing():
    # What was rejected has no edge, and its pid may stand elsewhere too.
    playlists = [(pid, True, [0, 1]) for pid in range(6)]
    with_rejected = [(4, True, []), *playlists, (2, True, [])]
    assert drawn_pids(with_rejected) == drawn_pids(playlists)


def test_a_category_draws_from_all_that_fits_it():
    # Long and short ones are as many. What category 5 passed over must not be what category 1 gets.
    playlists = [(pid, True, list(range(3 if pid % 2 else 12))) for pid in range(100)]
    long = 0
    for seed in range(30):
        long += sum(
            number == 1 and pid % 2 == 0
            for number, pid in drawn_pids(playlists, categories=[1, 5], per_category=10, seed=seed)
        )
    assert 0.35 < long / 300 < 0.55  # 40 of the 90 that are left


@given(PLAYLISTS, st.integers(1, 3), st.integers(0, 9))
def test_playlists_for_validation_are_others_and_leave_the_first_as_they_are(drawn, per_category, seed):
    playlists = [(pid, titled, tracks) for pid, (titled, tracks) in enumerate(drawn)]
    settings = {"categories": [1, 2], "per_category": per_category, "seed": seed}
    try:
        test, validation = draw_both(playlists, validation=2, **settings)
    except SegueError:  # as other tests have it
        return
    np.testing.assert_array_equal(test.playlist, draw(playlists, **settings).playlist)
    assert validation.category.tolist() == [1, 1, 2, 2]
    held = {*test.playlist.tolist(), *validation.playlist.tolist()}
    assert len(held) == len(test.playlist) + len(validation.playlist)
    elsewhere = {track for p, (_, _, tracks) in enumerate(playlists) if p not in held for track in tracks}
    for p in held:
        assert all(track in elsewhere for track in playlists[p][2] if test.shared[track])


def test_too_few_for_validation_are_said_to_be_so():
    playlists = [(pid, True, [0, 1]) for pid in range(4)]
    with pytest.raises(SegueError, match=r"challenge\.validation_per_category"):
        draw_both(playlists, per_category=2, validation=2)
