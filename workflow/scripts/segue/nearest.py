"""Names that are like one that is not there."""

from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process

NEAREST = 5
LEAST_ALIKE = 60  # of 100, to be worth naming


def nearest(wanted: str, keys: Sequence[str], most: int = NEAREST) -> list[int]:
    """Places of those of ``keys`` that are like ``wanted``, at most ``most``, the likest first.

    Of equally like ones the first. How alike two are is the share of their letters that a shortest series of
    insertions and deletions leaves, of 100; below LEAST_ALIKE they are not.
    """
    found = process.extract(wanted, keys, scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE, limit=most)
    return [place for _, _, place in found]


def called_like(wanted: str, labels: Mapping[str, str]) -> str | None:
    """The name, of ``labels`` by name, that ``wanted`` most likely means, by itself or its label.

    None where none is like either. Case does not count; what begins so comes before what is like it, and of
    equals the first.
    """
    wanted = wanted.strip().casefold()
    names = [*labels, *labels]
    keys = [key.casefold() for key in (*labels, *labels.values())]
    for whole in (True, False):
        for name, key in zip(names, keys, strict=True):
            if wanted and (key == wanted if whole else key.startswith(wanted)):
                return name
    near = process.extractOne(wanted, keys, score_cutoff=LEAST_ALIKE)
    return names[near[2]] if near else None


def likest(wanted: str, keys: Sequence[str]) -> str:
    """A question after the one of ``keys`` that is most like ``wanted``; empty where none is."""
    return "".join(f"; did you mean {keys[place]!r}?" for place in nearest(wanted, keys, 1))
