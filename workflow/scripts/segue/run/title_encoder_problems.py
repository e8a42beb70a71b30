"""What is wrong with section `title_encoder` of a configuration that is otherwise valid."""

from collections.abc import Mapping
from typing import Any

from segue.run.models import models_of
from segue.run.problems import nearest


def title_encoder_problems(config: Mapping[str, Any]) -> list[str]:
    """A line for each thing that is wrong."""
    encoder = config["title_encoder"]
    model, (shortest, longest) = encoder["model"], encoder["ngrams"]
    problems = []
    if shortest > longest:
        problems.append(
            f"title_encoder.ngrams: found {encoder['ngrams']}, expected the shortest before the longest"
        )
    if model is None:
        return problems
    known = [one.name for one in models_of(config["sweep"], config["train"]["seed"])]
    if model not in known:
        problems.append(
            f"title_encoder.model: found {model!r}, expected null or a model of this run, as {known[0]}"
            + nearest(model, known, "; did you mean {!r}?")
        )
    if config["candidates"]["min_degree"] is None:
        problems.append(
            f"title_encoder.model: found {model!r} without candidates.min_degree, expected a number there: "
            "titles are learned from the playlists of the catalogue"
        )
    return problems
