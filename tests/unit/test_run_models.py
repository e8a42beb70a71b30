"""The graph networks of a run: which there are, and their names."""

import pytest

from segue.run.models import Model, models_of

SWEEP = {
    "conv": ["lgc", "gat"],
    "sampler": ["random"],
    "alpha": ["fixed", "learnable"],
    "models": [],
    "seed": [],
}
COMBINED = ["lgc-random-fixed", "lgc-random-learnable", "gat-random-fixed", "gat-random-learnable"]


def names(**sweep):
    return [model.name for model in models_of(SWEEP | sweep, 4)]


def test_every_combination_and_the_further_ones_after_them():
    assert names() == COMBINED
    assert names(models=["sage-hard-fixed", "gat-random-fixed"]) == [*COMBINED, "sage-hard-fixed"]


def test_each_with_every_seed_of_which_the_run_s_own_has_no_suffix():
    found = names(conv=["lgc"], alpha=["fixed"], models=["sage-hard-fixed"], seed=[7, 4])
    assert found == ["lgc-random-fixed-seed7", "lgc-random-fixed", "sage-hard-fixed-seed7", "sage-hard-fixed"]
    assert names(seed=[4]) == COMBINED


@pytest.mark.parametrize(("suffix", "seed"), [("", None), ("-seed0", 0), ("-seed12", 12)])
def test_the_wildcards_say_which_it_is(suffix, seed):
    wildcards = {"conv": "lgc", "sampler": "hard", "alpha": "fixed", "seed": suffix}
    model = Model.of(wildcards)
    assert model == Model("lgc", "hard", "fixed", seed)
    assert model.name == f"lgc-hard-fixed{suffix}"
    assert model.parts == {"conv": "lgc", "sampler": "hard", "alpha": "fixed"}
