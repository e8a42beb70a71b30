"""What is wrong with section `tune`, beyond what its schema says."""

from collections.abc import Iterator, Mapping
from typing import Any

from segue.run.models import Model, models_of
from segue.run.problems import nearest
from segue.run.pyg_classes import class_problems
from segue.run.recipes import model_settings, problems_of_training
from segue.run.registry import BASELINES, BY_CLASS
from segue.run.schema import NOT_TRIED, arguments_of_class
from segue.run.trials import asked_of_baseline, count_of, drawn, with_values

Config = Mapping[str, Any]


def tune_problems(config: Config) -> Iterator[str]:
    """Each with its key. ``config``: one that its schema is satisfied with."""
    tune = config["tune"]
    rounds = tune["rounds"]
    if rounds != sorted(rounds) or rounds[-1] != 1:
        yield f"tune.rounds: found {rounds}, expected shares that rise to 1, a whole training"
    models = {
        model.name: model
        for model in models_of(config["sweep"], config["train"]["seed"])
        if model.seed is None
    }
    known = [*models, *config["baselines"]["names"]]
    for name, asked in tune["models"].items():
        path = f"tune.models.{name}"
        if name not in known:
            hint = nearest(name, known, "; did you mean {!r}?")
            yield f"{path}: found a model that is not in this run, expected one of {', '.join(known)}{hint}"
            continue
        whole = asked_of_baseline(asked, config["baselines"][name]) if name in BASELINES else asked
        if count_of(whole) > tune["max_trials"]:
            yield (
                f"{path}: found {count_of(whole):,} trials, expected at most tune.max_trials = "
                f"{tune['max_trials']}; draw: {tune['max_trials']} draws so many of them"
            )
        elif name in models:
            yield from _problems_of_trials(config, models[name], whole, path)


def _problems_of_trials(config: Config, model: Model, asked: Config, path: str) -> Iterator[str]:
    own = model_settings(model, config)
    if BY_CLASS in own["conv"]:
        yield from dict.fromkeys(_problems_of_class(own, asked["grid"], f"{path}.grid"))
    found = (
        problem
        for trial in drawn(asked)
        for problem in problems_of_training(model.sampler, with_values(own, trial)["train"])
    )
    yield from (f"{path}, a trial's {problem}" for problem in dict.fromkeys(found))


def _problems_of_class(own: Config, grid: Config, path: str) -> Iterator[str]:
    """Of keys that are not in the schema: it does not know the arguments of a class of torch_geometric."""
    block = own["conv"]
    known = ["dim", *(f"negatives.{key}" for key in own["negatives"])]
    known += [f"train.{key}" for key in own["train"] if key not in NOT_TRIED]
    for key, values in grid.items():
        part, _, argument = key.partition(".")
        if part == "conv":
            for value in values:
                arguments = arguments_of_class({**block, argument: value})
                yield from class_problems(f"{path}.conv", block[BY_CLASS], arguments)
        elif key not in known:
            hint = nearest(key, known, "did you mean {!r}? ")
            yield f"{path}.{key}: unknown key; {hint}allowed here: {', '.join(known)}, and conv.<setting>"
