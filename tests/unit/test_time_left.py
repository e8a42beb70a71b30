"""How long a run is said to take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snakemake_logger_plugin_segue.time_left import OTHERS, USUAL, TimeLeft, words


def test_what_is_left_is_what_jobs_of_the_same_rule_took():
    left = TimeLeft({"make_sample": 4, "pick_best": 1}, cores=2)
    left.ended("make_sample", 3.0, 1)
    left.ended("make_sample", 5.0, 1)
    # Two more at 4 s, and one that is unknown at twice the usual 2 s; on two cores.
    assert left.seconds() == pytest.approx((2 * 4 + 2 * 2) / 2)
    assert left.seconds(running=3.0) == pytest.approx((2 * 4 + 2 * 2 - 3) / 2)


def test_a_training_counts_for_each_core_that_it_takes():
    seconds, _ = USUAL["train_model"]
    assert TimeLeft({"train_model": 3}, cores=2).seconds() == pytest.approx(3 * seconds)
    left = TimeLeft({"train_model": 3}, cores=4)
    left.ended("train_model", 10.0, 4)
    assert left.seconds() == pytest.approx(20)


def test_a_job_that_nobody_foresaw_is_counted():
    left = TimeLeft({"pick_best": 1}, cores=1)
    left.ended("split_edges", 3.0, 1)
    assert left.seconds() == pytest.approx(OTHERS[0] * 3 / OTHERS[0])


JOBS = st.dictionaries(st.sampled_from(["train_model", "map_playlists", "a", "b"]), st.integers(0, 9))


@given(JOBS, st.integers(1, 64), st.lists(st.floats(0.1, 1e4), max_size=9))
def test_nothing_is_left_after_the_last_and_never_less(jobs, cores, seconds):
    left = TimeLeft(jobs, cores)
    assert left.seconds(running=1e9) == 0
    for rule, count in jobs.items():
        for place in range(count):
            assert left.seconds() >= 0
            left.ended(rule, seconds[place % len(seconds)] if seconds else 1.0, 1)
    assert left.seconds() == 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "0 s"),
        (99, "99 s"),
        (99.6, "2 min"),
        (3569, "59 min"),
        (3590, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_seconds_in_words(seconds, said):
    assert words(seconds) == said
