"""The blends of a run: which models and baselines each adds up, and what is wrong with them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from segue.run.labels import NETWORK
from segue.run.models import models_of
from segue.run.problems import nearest
from segue.run.registry import BASELINES
from segue.run.results import is_ranker

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
MOST = 3  # members


def blend_problems(config: Mapping[str, Any]) -> list[str]:
    """Of section `blends` of a configuration that is otherwise valid, a line for each thing that is wrong."""
    trained = [model.name for model in models_of(config["sweep"], config["train"]["seed"])]
    members = [*trained, *config["baselines"]["names"]]
    names = [blend["name"] for blend in config["blends"]]
    problems = []
    for place, blend in enumerate(config["blends"]):
        key, name = f"blends.{place}", blend["name"]
        if (
            not NAME.fullmatch(name)
            or NETWORK.fullmatch(name)
            or name in BASELINES
            or name in names[:place]
            or is_ranker(name)
        ):
            problems.append(
                f"{key}.name: found {name!r}, expected letters, digits, - and _ after a letter, and no name "
                "of a model, a baseline, a ranker or another blend, since it is part of paths"
            )
        if len(blend["of"]) > MOST:
            problems.append(f"{key}.of: found {len(blend['of'])} names, expected 2 or {MOST}")
        problems += [
            f"{key}.of: found {member!r}, expected {_expected(member, members, names)}"
            for member in blend["of"]
            if member not in members
        ]
    return problems


def _expected(member: str, members: Sequence[str], blends: Sequence[str]) -> str:
    of_run = "a model or baseline of this run"
    if member in blends:
        return f"{of_run}, since a blend is no member of a blend"
    return of_run + nearest(member, list(members), "; did you mean {!r}?")
