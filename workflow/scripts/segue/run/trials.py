"""What section `tune` tries of a model: which settings, in which rounds, and which of them go on.

Successive halving (Jamieson and Talwalkar 2016): all trials train for the first share of their epochs, the
best go on to the next one, and so on. How many trials a round has follows from the configuration alone.
"""

import hashlib
import itertools
import json
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Settings = dict[str, Any]
LEAST = 2  # trials that reach the last round, where there are as many: a choice between whole trainings


@dataclass(frozen=True)
class Tuning:
    """``trials``, by name: what each sets, by key; ``rounds``: the share of its epochs that a trial has been
    trained for at the end of each; ``slots``: how many trials each round has."""

    trials: dict[str, Settings]
    rounds: tuple[float, ...]
    slots: tuple[int, ...]

    @property
    def keys(self) -> list[str]:
        """What is tuned."""
        return [*next(iter(self.trials.values()))]

    def slots_of(self, round_: int) -> list[str]:
        """What the trials of a round, from 1, are called in paths: by name; from the second on by their
        places among those of the round before, 1 for its best."""
        return [*self.trials] if round_ == 1 else [str(1 + place) for place in range(self.slots[round_ - 1])]

    def files(self, folder: str, round_: int) -> list[str]:
        """The results of a round's trials, in the model's ``folder`` of them."""
        return [f"{folder}/round-{round_}/{slot}.json" for slot in self.slots_of(round_)]


def tunings_of(tune: Mapping[str, Any], baselines: Mapping[str, Any]) -> dict[str, Tuning]:
    """Of every model and baseline in section ``tune``, by its name. ``tune``, ``baselines``: checked."""
    return {
        name: tuning_of_baseline(tune, name, baselines[name])
        if name in baselines["names"]
        else tuning_of_model(tune, name)
        for name in tune["models"]
    }


def tuning_of_model(tune: Mapping[str, Any], name: str) -> Tuning:
    """Of the graph network ``name`` in section ``tune``, whose keys are dotted: ``train.lr``."""
    trials = _named(drawn(tune["models"][name]))
    rounds = tuple(tune["rounds"]) if len(trials) > 1 else (1.0,)
    return Tuning(trials, rounds, slots(len(trials), len(rounds), tune["keep"]))


def tuning_of_baseline(tune: Mapping[str, Any], name: str, own: Mapping[str, Any]) -> Tuning:
    """Of the baseline ``name``, which is fitted whole, in one round. ``own``: as in ``asked_of_baseline``."""
    trials = _named(drawn(asked_of_baseline(tune["models"][name], own)))
    return Tuning(trials, (1.0,), (len(trials),))


def asked_of_baseline(asked: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """``asked``, a baseline's entry of section ``tune``, with the lists of its ``own`` section as candidates
    too, where the grid does not have the key."""
    several = {key: value for key, value in own.items() if isinstance(value, list) and len(value) > 1}
    return {**asked, "grid": several | asked["grid"]}


def _named(trials: list[Settings]) -> dict[str, Settings]:
    """By names that follow from what they set alone, and so stay as they are in a grid that grows, or whose
    keys are written in another order."""
    trials = [dict(sorted(trial.items())) for trial in trials]
    names = [hashlib.sha256(json.dumps(trial).encode()).hexdigest()[:12] for trial in trials]
    return dict(zip(names, trials, strict=True))


def candidates(grid: Mapping[str, Any]) -> list[Settings]:
    """Every combination of the settings in ``grid`` that are lists, with those that are not."""
    choices = [values if isinstance(values, list) else [values] for values in grid.values()]
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*choices)]


def count_of(asked: Mapping[str, Any]) -> int:
    """How many trials ``drawn`` has."""
    whole = math.prod(map(len, asked["grid"].values()))
    return min(whole, asked.get("draw") or whole)


def drawn(asked: Mapping[str, Any]) -> list[Settings]:
    """The combinations of the lists in ``asked["grid"]``, in its order; or ``draw`` of them, each once, drawn
    from ``seed`` (0); all where there are no more.

    Python guarantees the stream of ``random()``: one seed draws the same on every machine and version.
    """
    grid, count = asked["grid"], count_of(asked)
    sizes = [len(values) for values in grid.values()]
    if count == math.prod(sizes):
        return candidates(grid)
    stream, places = random.Random(asked.get("seed") or 0), set()  # noqa: S311, no secret
    while len(places) < count:
        places.add(int(stream.random() * math.prod(sizes)))
    return [_at(grid, place) for place in sorted(places)]


def _at(grid: Mapping[str, Sequence[Any]], place: int) -> Settings:
    """``candidates(grid)[place]``, of grids that are too large to be written out."""
    settings = {}
    for key, values in reversed(grid.items()):
        place, own = divmod(place, len(values))
        settings[key] = values[own]
    return {key: settings[key] for key in grid}


def slots(trials: int, rounds: int, keep: float) -> tuple[int, ...]:
    """How many of so many ``trials`` are in each round: the share ``keep`` of those before, rounded up, and
    LEAST or more."""
    counts = [trials]
    while len(counts) < rounds:
        counts.append(min(counts[-1], max(LEAST, math.ceil(round(keep * counts[-1], 9)))))
    return tuple(counts)


def last_epoch(share: float, epochs: int, recall_every: int) -> int:
    """Where a round ends: the evaluation nearest to that ``share`` of ``epochs``, one at least."""
    return min(epochs, recall_every * max(1, round(share * epochs / recall_every))) if share < 1 else epochs


def with_values(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """``settings``, nested, with ``values`` at their dotted keys."""
    settings = dict(settings)
    for key, value in values.items():
        name, _, rest = key.partition(".")
        settings[name] = with_values(settings.get(name, {}), {rest: value}) if rest else value
    return settings


def without(settings: Settings, keys: Iterable[str]) -> Settings:
    """``settings``, nested, but for those at the dotted ``keys``, which a job has from a file instead."""
    keys = set(keys)
    return {
        name: without(value, (key.partition(".")[2] for key in keys if key.startswith(f"{name}.")))
        if isinstance(value, dict)
        else value
        for name, value in settings.items()
        if name not in keys
    }


def ranked(trials: Iterable[Settings]) -> list[Settings]:
    """Results of trials by their ``validation_recall``, the best first; equal ones stay in their order."""
    return sorted(trials, key=lambda result: -result["validation_recall"])


def shown_values(values: Mapping[str, Any]) -> str:
    """Settings, such as what a trial sets, in a line."""
    return ", ".join(
        f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in values.items()
    )
