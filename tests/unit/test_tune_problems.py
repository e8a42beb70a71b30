"""What is said of section `tune` before any work."""

import copy
from pathlib import Path

import pytest
import yaml

from segue.errors import SegueError
from segue.run.config import check_config, valid_config
from segue.run.trials import tunings_of

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
LGC = "lgc-random-fixed"
GRID = {"train.lr": [0.01, 0.03], "conv.layers": [2, 3]}


def config_of(models, **changes):
    config = copy.deepcopy(CONFIG)
    config["tune"] |= {"models": models} | changes
    return config


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({LGC: {"grid": {}}}, f"tune.models.{LGC}.grid: found {{}}, expected one key or more of dim, conv.l"),
        ({LGC: {}}, f"tune.models.{LGC}: key 'grid' is missing"),
        ({LGC: {"grid": {"train.lr": []}}}, "train.lr: found [], expected a list of 1 or more distinct va"),
        ({LGC: {"grid": {"train.lr": 0.1}}}, "train.lr: found 0.1, expected a list of 1 or more distinct"),
        ({LGC: {"grid": {"train.lr": [0.1, 0]}}}, "grid.train.lr.1: found 0, expected number > 0"),
        ({LGC: {"grid": {"train.lr": [0.1, 0.1]}}}, "train.lr: found [0.1, 0.1], expected a list of 1 or mo"),
        ({LGC: {"grid": {"conv.layers": [2.5]}}}, "grid.conv.layers.0: found 2.5, expected integer ≥ 1"),
        ({LGC: {"grid": {"train.rl": [1]}}}, "grid.train.rl: unknown key; did you mean 'train.lr'?"),
        ({LGC: {"grid": {"lr": [1]}}}, "grid.lr: unknown key; did you mean train.lr or"),
        ({LGC: {"grid": {"negatives.temperature": [1]}}}, "grid.negatives.temperature: unknown key; "),
        ({LGC: {"grid": {"train.seed": [1, 2]}}}, "grid.train.seed: unknown key; "),
        ({LGC: {"grid": GRID, "draws": 3}}, f"tune.models.{LGC}.draws: unknown key; did you mean 'draw'?"),
        ({LGC: {"grid": GRID, "draw": 0}}, f"tune.models.{LGC}.draw: found 0, expected integer or null ≥ 1"),
        (
            {"lgc-randm-fixed": {"grid": GRID}},
            "lgc-randm-fixed: unknown key; did you mean 'lgc-random-fixed'",
        ),
        ({"popularity": {"grid": GRID}}, "tune.models.popularity: unknown key; "),
        (
            {"knn": {"grid": {"neighbors": [1]}}},
            "knn.grid.neighbors: unknown key; did you mean 'neighbours'?",
        ),
        ({"knn": {"grid": {"neighbours": [0]}}}, "knn.grid.neighbours.0: found 0, expected integer ≥ 1"),
        (
            {LGC: {"grid": {"train.epochs": [*range(1, 50)], "conv.layers": [1, 2]}}},
            f"tune.models.{LGC}: found 98 trials, expected at most tune.max_trials = 64; draw: 64 draws",
        ),
        (
            {"knn": {"grid": {"neighbours": [*range(1, 40)]}}},
            "tune.models.knn: found 78 trials, expected at most tune.max_trials = 64",
        ),
        (
            {LGC: {"grid": {"train.patience": [3]}}},
            f"tune.models.{LGC}, a trial's train.patience: found 3, expected null, since train.keep is last",
        ),
        (
            {LGC: {"grid": {"train.loss": ["bpr", "softmax"]}}},
            f"tune.models.{LGC}, a trial's train.loss: found softmax, expected bpr or bce",
        ),
        (
            {"lgc-softmax-fixed": {"grid": {"negatives.temperature": [0.1, 0]}}},
            "grid.negatives.temperature.1: found 0, expected number > 0",
        ),
    ],
)
def test_what_is_wrong_is_said(models, message):
    with pytest.raises(SegueError) as error:
        check_config(config_of(models), SCHEMA)
    assert message in str(error.value)


def test_a_model_that_is_not_in_the_run():
    config = config_of({LGC: {"grid": GRID}})
    config["sweep"] |= {"sampler": ["hard"], "models": []}
    with pytest.raises(
        SegueError, match=r"lgc-random-fixed: found a model that is not in this run, expected"
    ):
        check_config(config, SCHEMA)


@pytest.mark.parametrize("rounds", [[0.5], [1.0, 0.5], [0.5, 0.25, 1.0]])
def test_rounds_rise_to_a_whole_training(rounds):
    with pytest.raises(SegueError, match=r"tune\.rounds: found .* expected shares that rise to 1"):
        check_config(config_of({}, rounds=rounds), SCHEMA)


def test_a_grid_as_the_command_line_gives_it():
    asked = {LGC: {"grid": {"train.lr": ["1e-2", "0.03"], "conv.layers": ["2"]}, "draw": "null"}}
    config = valid_config(config_of(asked), SCHEMA)
    assert config["tune"]["models"][LGC]["grid"] == {"train.lr": [0.01, 0.03], "conv.layers": [2]}
    assert len(tunings_of(config["tune"], config["baselines"])[LGC].trials) == 2


def test_more_draws_than_combinations_are_all_of_them():
    config = config_of({LGC: {"grid": GRID, "draw": 60}, "ease": {"grid": {"l2": [1, 2, 3]}}})
    check_config(config, SCHEMA)
    tunings = tunings_of(config["tune"], config["baselines"])
    assert {name: tuning.slots for name, tuning in tunings.items()} == {LGC: (4, 2, 2), "ease": (3,)}


def test_a_convolution_of_torch_geometric():
    block = {"class": "torch_geometric.nn.GATv2Conv", "layers": 1, "init_std": 0.1, "edge_dropout": 0.0}
    config = config_of({"v2-random-fixed": {"grid": {"conv.heads": [1, 2], "conv.layers": [1, 2]}}})
    config["model"]["v2"] = block
    config["sweep"] |= {"conv": ["v2"]}
    config["maps"]["conv"] = []
    check_config(config, SCHEMA)
    grid = config["tune"]["models"]["v2-random-fixed"]["grid"]
    for key, message in (("conv.hads", "did you mean 'heads'"), ("trian.lr", "trian.lr: unknown key")):
        grid[key] = [1]
        with pytest.raises(SegueError, match=message):
            check_config(config, SCHEMA)
        del grid[key]
