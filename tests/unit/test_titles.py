import math

import numpy as np
import pytest

from segue.catalogue.titles import LEAST_COSINE, SIMILAR, TitleIndex

TITLES = ["Road Trip", "road trip 🚗", "TRIP road!", None, "gym", "gym rock", "rock", "", "sleep"]


@pytest.fixture
def index():
    return TitleIndex.of(TITLES)


def found(answer):
    playlists, weights = answer
    assert (playlists.dtype, weights.dtype) == (np.int64, np.float32)
    return dict(zip(playlists.tolist(), weights.tolist(), strict=True))


def test_the_same_words_in_any_order_come_first(index):
    car = math.hypot(math.log(9 / 3) * 2**0.5, math.log(9))
    like = pytest.approx(math.log(9 / 3) * 2**0.5 / car)
    assert found(index.lookup("trip ROAD")) == {0: 1, 2: 1, 1: like}
    assert found(index.lookup("road trip 🚗")) == {1: 1, 0: like, 2: like}
    assert index.lookup("road trip 🚗")[0].tolist() == [1, 0, 2]


def test_similar_titles_weigh_their_cosine(index):
    """Two titles have gym and two have rock, so that they weigh alike; nobody has xyz."""
    assert found(index.lookup("gym gym")) == pytest.approx({4: 1, 5: 0.5**0.5})
    assert found(index.lookup("rock gym xyz")) == pytest.approx({5: 1, 4: 0.5**0.5, 6: 0.5**0.5})
    assert index.lookup("rock gym xyz")[0][0] == 5


def test_rare_words_count_for_more():
    index = TitleIndex.of(["summer hits", "summer", "summer", "polka hits", "winter"])
    summer, hits = math.log(5 / 3), math.log(5 / 2)
    answer = found(index.lookup("hits of summer 2018"))
    both = math.hypot(summer, hits)
    assert answer == pytest.approx(
        {0: 1, 3: hits**2 / both / math.hypot(hits, math.log(5)), 1: summer / both, 2: summer / both}
    )


def test_nothing_in_common_is_none(index):
    for title in ("polka", "", "!?", "polka mazurka"):
        assert index.lookup(title) is None


def test_what_is_only_remotely_alike_is_left_out():
    index = TitleIndex.of(["summer polka"] + ["summer"] * 8 + ["winter"])
    assert 0 not in found(index.lookup("summer 2018"))
    assert math.log(10 / 9) / math.hypot(math.log(10 / 9), math.log(10)) < LEAST_COSINE


def test_a_word_that_every_title_has_says_nothing():
    index = TitleIndex.of(["my a", "my b", "my c"])
    assert index.lookup("my z") is None
    assert found(index.lookup("my a")) == {0: 1}
    assert found(TitleIndex.of(["my"]).lookup("my")) == {0: 1}


def test_all_of_the_same_title_however_many():
    index = TitleIndex.of(["gym"] * (SIMILAR + 20) + ["gym rock"] * 3)
    assert index.lookup("Gym")[0].tolist() == list(range(SIMILAR + 20))


def test_not_too_many():
    index = TitleIndex.of([f"summer {number % 7}" for number in range(SIMILAR + 50)] + ["winter"] * 500)
    playlists, weights = index.lookup("summer 2018")
    assert len(playlists) == SIMILAR
    assert (np.diff(weights) <= 0).all()


def test_no_titles_at_all():
    assert TitleIndex.of([None, ""]).lookup("road") is None
    assert TitleIndex.of([]).lookup("road") is None


def test_a_file_holds_all_of_it_and_is_the_same_bytes_each_time(index, tmp_path):
    for name in ("a", "b"):
        index.save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    loaded = TitleIndex.load(tmp_path / "a")
    for title in ("road trip", "rock gym xyz"):
        assert found(loaded.lookup(title)) == found(index.lookup(title))
