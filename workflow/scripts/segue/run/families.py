"""Convolutions with relations, or settings like another's: whose family they are, what they are called."""

from collections.abc import Mapping
from typing import Any

from segue.run.registry import CONVOLUTIONS, LIKE

Families = Mapping[str, Mapping[str, Any]]  # by convolution: like, the family's name, and kinds, a list


def families_of(blocks: Mapping[str, Any], kinds: Mapping[str, list[str]]) -> dict[str, dict[str, Any]]:
    """``like``, the convolution that a family has its name from, and ``kinds`` of each that is like another
    or has kinds; of a plain convolution nothing, so that figures of the bipartite graph get none.

    ``blocks``: section model of the configuration; ``kinds``: node types beside playlists and tracks, by the
    name of each convolution to be shown.
    """
    return {
        name: {LIKE: _root(name, blocks), "kinds": list(own)}
        for name, own in kinds.items()
        if own or LIKE in blocks[name]
    }


def family(conv: str, families: Families) -> str:
    """The convolution that the family of ``conv`` has its name from: its own where nothing is said of it."""
    return families[conv][LIKE] if conv in families else conv


def conv_label(conv: str, families: Families) -> str:
    """Such as "LightGCN + artist + album": its family's label and its kinds, its own name behind where
    ``is_named``."""
    text = " + ".join([_plain_label(family(conv, families)), *kinds_of(conv, families)])
    return f"{text} ({conv})" if is_named(conv, families) else text


def is_named(conv: str, families: Families) -> bool:
    """Whether family and kinds do not tell ``conv`` from others: it has no kinds, or another has the same."""
    if conv not in families or conv == family(conv, families):
        return False
    same = [name for name, own in families.items() if own == families[conv]]
    return not kinds_of(conv, families) or len(same) > 1


def kinds_of(conv: str, families: Families) -> tuple[str, ...]:
    """Node types that it has beside playlists and tracks."""
    return tuple(families[conv]["kinds"]) if conv in families else ()


def _root(name: str, blocks: Mapping[str, Any]) -> str:
    while LIKE in blocks[name]:
        name = blocks[name][LIKE]
    return name


def _plain_label(conv: str) -> str:
    return CONVOLUTIONS[conv].label if conv in CONVOLUTIONS else conv
