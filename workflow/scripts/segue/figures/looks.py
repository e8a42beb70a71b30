"""How models are named and drawn, everywhere the same: as the registry says.

A convolution has one colour and one marker; one that only the configuration knows gets them by its name.
Those with artists or albums as nodes have a darker shade of their family's colour, and markers of their own.
Models with random negatives have a solid line and filled markers, those with hard ones dashed lines and open
markers; those whose loss takes no pairs have dotted lines and filled markers with a dark edge. Baselines and
blends are dark.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import polars as pl
from matplotlib.colors import to_hex, to_rgb

from segue.figures.style import INK, RELATED
from segue.run.contenders import extended_network
from segue.run.families import Families, conv_label, family, is_named, kinds_of
from segue.run.labels import ALPHA_LABELS, label, network_label
from segue.run.registry import BASELINES as ENTRIES_OF_BASELINES
from segue.run.registry import CONVOLUTIONS, SAMPLERS, spare_look
from segue.run.results import JOINT, RERANK

Model = tuple[str, str, str]  # conv, sampler, alpha

BASELINES = {name: label(name) for name in reversed(ENTRIES_OF_BASELINES)}
STROKES = {name: ENTRIES_OF_BASELINES[name].marker for name in BASELINES}
ALPHAS = ALPHA_LABELS
BLEND_STROKE = 6, 2, 0  # a star of six strokes
RANKERS = {RERANK: ("#D55E00", "P"), JOINT: ("#CC79A7", "h")}  # answer from the catalogue: colour, marker
# Points: where two values are equal, a filled dot in an open one.
FILLED_DOT, OPEN_DOT, EDGED_DOT = 5.0, 8.0, 6.5
# Of convolutions with these nodes beside playlists and tracks: share of their family's colour, and marker.
KINDS = {
    ("artist",): (0.8, RELATED["artist"].marker),
    ("album",): (0.62, RELATED["album"].marker),
    ("artist", "album"): (0.42, "*"),
}
_families: ContextVar[Families] = ContextVar("families", default={})  # noqa: B039, nothing changes it


@dataclass(frozen=True)
class Conv:
    """``place``: from 0 to 1, different for each of the registry's, to stagger what would coincide."""

    label: str
    colour: str
    marker: str
    place: float


@contextmanager
def drawn_as(families: Families | None) -> Iterator[None]:
    """Figures that are made within know the ``families`` of the run's convolutions; None: there are none."""
    token = _families.set(families or {})
    try:
        yield
    finally:
        _families.reset(token)


def conv_look(conv: str) -> Conv:
    """Of the registry's convolution ``conv``, or of one that the configuration added."""
    families = _families.get()
    if conv not in families:
        return _plain_look(conv)
    look = _plain_look(family(conv, families))
    share, marker = KINDS.get(kinds_of(conv, families), (1.0, look.marker))
    if is_named(conv, families):
        marker = spare_look(conv).marker
    colour = to_hex([share * part for part in to_rgb(look.colour)])
    return Conv(conv_label(conv, families), colour, marker, look.place)


def _plain_look(conv: str) -> Conv:
    """Of a convolution without relations, that is like no other."""
    if conv not in CONVOLUTIONS:
        look = spare_look(conv)
        return Conv(conv, look.colour, look.marker, 0.5)
    entry = CONVOLUTIONS[conv]
    place = list(CONVOLUTIONS).index(conv) / len(CONVOLUTIONS)
    return Conv(entry.label, entry.look.colour, entry.look.marker, place)


def family_of(conv: str) -> str:
    """The convolution that its family has its name from."""
    return family(conv, _families.get())


def convs_in(table: pl.DataFrame) -> list[str]:
    """The convolutions that column conv holds: the registry's in its order, then others by name; of a family
    the plain one, then by kinds."""
    return sorted(set(table["conv"].drop_nulls()), key=_order)


def _order(conv: str) -> tuple[int, str, int, str]:
    families, known = _families.get(), list(CONVOLUTIONS)
    like = family(conv, families)
    kinds = kinds_of(conv, families)
    place = known.index(like) if like in known else len(known)
    return place, like, list(KINDS).index(kinds) + 1 if kinds in KINDS else 0, conv


def scorer_label(name: str) -> str:
    """Of a baseline, a network, or what answers from the catalogue; a blend's is its name."""
    return label(name, _families.get())


def ranker_dot(name: str) -> dict[str, str | float]:
    """As ``dot``, with the label, of what answers from the catalogue: an extended network is drawn as the
    network, half filled."""
    if model := extended_network(name):
        return dot(*model[:2]) | {
            "label": label(name, _families.get()),
            "markersize": OPEN_DOT,
            "fillstyle": "left",
            "markerfacecolor": conv_look(model[0]).colour,
            "markerfacecoloralt": "white",
        }
    colour, marker = RANKERS[name]
    edge = {"markeredgecolor": INK, "markeredgewidth": 0.8}
    return {"label": label(name), "color": colour, "marker": marker, "markersize": 8.5} | edge


def stroke(name: str) -> str | tuple[int, int, int]:
    """The marker of a baseline, or that of all blends."""
    return STROKES.get(name, BLEND_STROKE)


def dot(conv: str, sampler: str) -> dict[str, str | float]:
    """matplotlib's properties of the one marker of a model."""
    look, entry = conv_look(conv), SAMPLERS[sampler]
    size = (FILLED_DOT if entry.filled else OPEN_DOT) if entry.pairs else EDGED_DOT
    return {
        "marker": look.marker,
        "markersize": size,
        "color": look.colour,
        "markerfacecolor": look.colour if entry.filled else "white",
        "markeredgecolor": look.colour if entry.pairs else INK,
    }


def trained_with(sampler: str) -> str:
    """What tells its models apart, such as "random negatives" or "softmax loss"."""
    entry = SAMPLERS[sampler]
    return f"{entry.label} {'negatives' if entry.pairs else 'loss'}"


def fill(model: Model) -> str:
    """The colour that the model's markers are filled with."""
    return conv_look(model[0]).colour if SAMPLERS[model[1]].filled else "white"


def model_label(model: Model) -> str:
    """The model's name in full, such as "LightGCN random, fixed α"."""
    return network_label(*model, _families.get())
