"""What is wrong with section `rerank` of a configuration that is otherwise valid."""

from collections.abc import Mapping
from typing import Any

from segue.run.models import models_of
from segue.run.problems import nearest
from segue.run.results import EXTENDED

POPULARITY = "popularity"


def rerank_problems(config: Mapping[str, Any]) -> list[str]:
    """A line for each thing that is wrong."""
    rerank = config["rerank"]
    trained = [model.name for model in models_of(config["sweep"], config["train"]["seed"])]
    known = [*trained, *(f"{name}{EXTENDED}" for name in trained), *config["baselines"]["names"]]
    problems = [
        f"rerank.models: found {name!r}, expected a model or baseline of this run"
        + nearest(name, known, "; did you mean {!r}?")
        for name in rerank["models"]
        if name not in known
    ]
    if POPULARITY in rerank["models"]:
        problems.append(
            f"rerank.models: found {POPULARITY}, expected another: the channel {POPULARITY} says it "
            "already, of all candidates"
        )
    if not rerank["stages"]:
        return problems
    for section, key, what in (
        ("candidates", "min_degree", "its candidates are tracks of enough playlists"),
        ("challenge", "validation_per_category", "it learns from playlists that are held out for it"),
    ):
        if config[section][key] is None:
            problems.append(
                f"rerank.stages: found {', '.join(rerank['stages'])} without {section}.{key}, expected a "
                f"number there: {what}"
            )
    return problems
