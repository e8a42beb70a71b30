"""How models are named and drawn, everywhere the same: as the registry says.

A convolution has one colour and one marker; one that only the configuration knows gets them by its name.
Models with random negatives have a solid line and filled markers, those with others dashed lines and open
markers. Baselines are dark.
"""

from dataclasses import dataclass

import polars as pl

from segue.run.registry import BASELINES as ENTRIES_OF_BASELINES
from segue.run.registry import CONVOLUTIONS, SAMPLERS, spare_look

Model = tuple[str, str, str]  # conv, sampler, alpha

BASELINES = {name: ENTRIES_OF_BASELINES[name].label for name in reversed(ENTRIES_OF_BASELINES)}
STROKES = {name: ENTRIES_OF_BASELINES[name].marker for name in BASELINES}
ALPHAS = {"fixed": "fixed α", "learnable": "learnable α"}
FILLED_DOT, OPEN_DOT = 5.0, 8.0  # points: where two values are equal, a filled dot in an open one


@dataclass(frozen=True)
class Conv:
    """``place``: from 0 to 1, different for each of the registry's, to stagger what would coincide."""

    label: str
    colour: str
    marker: str
    place: float


def conv_look(conv: str) -> Conv:
    """Of the registry's convolution ``conv``, or of one that the configuration added."""
    if conv not in CONVOLUTIONS:
        look = spare_look(conv)
        return Conv(conv, look.colour, look.marker, 0.5)
    entry = CONVOLUTIONS[conv]
    place = list(CONVOLUTIONS).index(conv) / len(CONVOLUTIONS)
    return Conv(entry.label, entry.look.colour, entry.look.marker, place)


def convs_in(table: pl.DataFrame) -> list[str]:
    """The convolutions that column conv holds: the registry's in its order, then others by name."""
    held = set(table["conv"].drop_nulls())
    return [*(name for name in CONVOLUTIONS if name in held), *sorted(held - set(CONVOLUTIONS))]


def dot_size(sampler: str) -> float:
    return FILLED_DOT if SAMPLERS[sampler].filled else OPEN_DOT


def fill(model: Model) -> str:
    """The colour that the model's markers are filled with."""
    return conv_look(model[0]).colour if SAMPLERS[model[1]].filled else "white"


def model_label(model: Model) -> str:
    """The model's name in full, such as "LightGCN random, fixed α"."""
    conv, sampler, alpha = model
    return f"{conv_look(conv).label} {SAMPLERS[sampler].label}, {ALPHAS[alpha]}"


def short_label(model: Model, table: pl.DataFrame) -> str:
    """The convolution's name, and the sampler's where the models of ``table`` have several."""
    conv, sampler, _ = model
    several = table["sampler"].n_unique() > 1
    return f"{conv_look(conv).label} {SAMPLERS[sampler].label}" if several else conv_look(conv).label
