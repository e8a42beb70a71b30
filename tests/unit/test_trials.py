import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from segue.run.trials import (
    LEAST,
    candidates,
    count_of,
    drawn,
    last_epoch,
    ranked,
    slots,
    tuning_of_baseline,
    tuning_of_model,
    with_values,
    without,
)

GRID = {"train.lr": [0.01, 0.03], "conv.layers": [2, 3, 4]}
GRIDS = st.dictionaries(
    st.sampled_from("abc"), st.lists(st.integers(), min_size=1, max_size=4, unique=True), min_size=1
)
SETTINGS = {"dim": 64, "conv": {"layers": 3, "init_std": 0.1}, "train": {"lr": 0.01, "epochs": 20}}


def as_set(trials):
    return {tuple(sorted(trial.items())) for trial in trials}


@given(GRIDS, st.none() | st.integers(1, 20), st.integers(0, 2**32))
def test_no_combination_is_tried_twice_and_one_seed_draws_the_same(grid, draw, seed):
    asked = {"grid": grid, "draw": draw, "seed": seed}
    trials = drawn(asked)
    whole = candidates(grid)
    assert len(trials) == len(as_set(trials)) == count_of(asked) == min(draw or len(whole), len(whole))
    assert as_set(trials) <= as_set(whole)
    assert trials == sorted(trials, key=whole.index)
    assert drawn(asked) == trials


def test_every_combination_may_be_drawn():
    draws = [drawn({"grid": GRID, "draw": 1, "seed": seed})[0] for seed in range(600)]
    counts = [sum(draw == one for draw in draws) for one in candidates(GRID)]
    assert sum(counts) == 600
    assert max(abs(count - 100) for count in counts) < 4 * math.sqrt(600 * 5 / 36)


def test_a_draw_of_a_grid_that_nobody_could_write_out():
    grid = {f"train.{number}": [*range(10)] for number in range(15)}
    trials = drawn({"grid": grid, "draw": 16, "seed": 1})
    assert len(as_set(trials)) == 16
    assert [*trials[0]] == [*grid]


@given(st.integers(1, 500), st.integers(1, 5), st.floats(0.01, 1))
def test_slots(trials, rounds, keep):
    counts = slots(trials, rounds, keep)
    assert len(counts) == rounds
    assert counts[0] == trials
    for before, after in itertools.pairwise(counts):
        assert min(before, LEAST) <= after <= before
        assert after >= keep * before - 1e-6
        assert after <= max(LEAST, keep * before + 1)


def test_slots_by_hand():
    assert slots(16, 3, 0.34) == (16, 6, 3)
    assert slots(9, 3, 1 / 3) == (9, 3, 2)
    assert slots(10, 2, 0.3) == (10, 3)  # though 0.3 * 10 is more than 3 in floating point with other factors
    assert slots(1, 2, 0.5) == (1, 1)


@given(st.floats(0.01, 1), st.integers(1, 300), st.integers(1, 20))
def test_rounds_end_where_recall_is_measured(share, epochs, every):
    epoch = last_epoch(share, epochs, every)
    assert epoch == epochs or epoch % every == 0
    assert 0 < epoch <= epochs
    assert abs(epoch - share * epochs) <= max(every / 2, every - share * epochs) + 1e-6 or epoch == epochs


def test_rounds_by_hand():
    assert [last_epoch(share, 120, 10) for share in (0.25, 0.5, 1.0)] == [30, 60, 120]
    assert [last_epoch(share, 25, 10) for share in (0.25, 0.5, 1.0)] == [10, 10, 25]
    assert last_epoch(0.5, 4, 10) == 4


def test_settings_are_laid_over_and_taken_out():
    values = {"conv.layers": 2, "dim": 8, "train.decay": "linear"}
    laid = with_values(SETTINGS, values)
    assert laid == {
        "dim": 8,
        "conv": {"layers": 2, "init_std": 0.1},
        "train": {"lr": 0.01, "epochs": 20, "decay": "linear"},
    }
    assert SETTINGS["conv"]["layers"] == 3
    left = without(SETTINGS, values)
    assert left == {"conv": {"init_std": 0.1}, "train": {"lr": 0.01, "epochs": 20}}
    assert with_values(left, values) == laid
    assert without(SETTINGS, []) == SETTINGS


def test_what_is_tried_of_a_model():
    tune = {"rounds": [0.25, 0.5, 1.0], "keep": 0.34, "models": {"lgc": {"grid": GRID}}}
    tuning = tuning_of_model(tune, "lgc")
    assert (tuning.slots, tuning.rounds) == ((6, 3, 2), (0.25, 0.5, 1.0))
    assert tuning.keys == ["conv.layers", "train.lr"]
    assert [tuning.slots_of(round_) for round_ in (2, 3)] == [["1", "2", "3"], ["1", "2"]]
    tune["models"]["lgc"] = {"grid": {"dim": [8]}}
    assert tuning_of_model(tune, "lgc").slots == (1,)
    assert tuning_of_model(tune, "lgc").rounds == (1.0,)


def test_trials_keep_their_names_as_a_grid_grows():
    tune = {"rounds": [1.0], "keep": 0.5, "models": {"lgc": {"grid": GRID}}}
    before = tuning_of_model(tune, "lgc").trials
    tune["models"]["lgc"] = {"grid": {"conv.layers": [1, *GRID["conv.layers"]], "train.lr": GRID["train.lr"]}}
    after = tuning_of_model(tune, "lgc").trials
    assert len(after) == 8
    assert before.items() <= after.items()


def test_what_is_tried_of_a_baseline():
    """Lists of its own section are candidates where the grid does not have the key."""
    own = {"neighbours": [100, 200], "shrinkage": [0, 20], "seed": 1, "factors": [64]}
    tune = {"models": {"knn": {"grid": {"shrinkage": [1, 2, 3]}}}}
    tuning = tuning_of_baseline(tune, "knn", own)
    assert tuning.slots == (6,)
    assert {tuple(trial) for trial in tuning.trials.values()} == {("neighbours", "shrinkage")}
    assert {trial["shrinkage"] for trial in tuning.trials.values()} == {1, 2, 3}
    assert tuning.slots_of(1) == [*tuning.trials]


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=1))
def test_the_best_are_first(recalls):
    trials = [{"trial": i, "validation_recall": recall} for i, recall in enumerate(recalls)]
    found = ranked(trials)
    assert [trial["validation_recall"] for trial in found] == sorted(recalls, reverse=True)
    for one, other in itertools.pairwise(found):
        assert one["validation_recall"] > other["validation_recall"] or one["trial"] < other["trial"]
    assert found[0]["trial"] == recalls.index(max(recalls))
