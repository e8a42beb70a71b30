"""The graph networks of a run, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

ALPHAS = ("fixed", "learnable")
KINDS = ("artist", "album")  # of nodes that a model may have beside playlists and tracks


@dataclass(frozen=True)
class Model:
    """One training. ``seed``: None where it is ``train.seed``, the model that pages and figures show."""

    conv: str
    sampler: str
    alpha: str
    seed: int | None = None

    @classmethod
    def of(cls, wildcards: Mapping[str, str]) -> Model:
        """Of the wildcards conv, sampler, alpha and seed, which is "", as "-seed2", or not among them."""
        conv, sampler, alpha = (wildcards[key] for key in ("conv", "sampler", "alpha"))
        seed = wildcards.get("seed", "")
        return cls(conv, sampler, alpha, int(seed.removeprefix("-seed")) if seed else None)

    @property
    def parts(self) -> dict[str, str]:
        """What tables say of it, by column."""
        return {"conv": self.conv, "sampler": self.sampler, "alpha": self.alpha}

    @property
    def name(self) -> str:
        """In paths and tables: conv-sampler-alpha, of another seed -seed and its number after it."""
        name = "-".join(self.parts.values())
        return name if self.seed is None else f"{name}-seed{self.seed}"


def models_of(sweep: Mapping[str, Any], own: int) -> list[Model]:
    """Every combination in section ``sweep``, its further models, and each of them with each of its seeds.

    ``own``: ``train.seed``, whose models have no suffix.
    """
    combined = product(sweep["conv"], sweep["sampler"], sweep["alpha"])
    further = (tuple(name.split("-")) for name in sweep["models"])
    return [
        Model(*parts, None if seed == own else seed)
        for parts in dict.fromkeys([*combined, *further])
        for seed in sweep["seed"] or [own]
    ]
