"""Who takes part in a challenge: of what kind a contender is, by its name."""

from segue.run.models import ALPHAS
from segue.run.registry import BASELINES, SAMPLERS
from segue.run.results import JOINT, RERANK, network_of

# From what is learned of all others to what is added up.
KINDS = ("second stage", "neighbour ranker", "extended network", "graph network", "baseline", "blend")


def extended_network(name: str) -> tuple[str, str, str] | None:
    """Conv, sampler and alpha of an extended network; None of any other contender."""
    conv, *rest = (network_of(name) or "").split("-")
    known = len(rest) == 2 and rest[0] in SAMPLERS and rest[1] in ALPHAS
    return (conv, rest[0], rest[1]) if known else None


def kind_of(name: str, is_network: bool) -> str:
    """One of KINDS. ``is_network``: whether it has a convolution of its own, as a row of a summary says."""
    if is_network:
        return "graph network"
    if extended_network(name):
        return "extended network"
    if name in BASELINES:
        return "baseline"
    return {RERANK: "second stage", JOINT: "neighbour ranker"}.get(name, "blend")


def answers_from_catalogue(name: str) -> bool:
    """Whether a contender of that name ranks all candidates, and not the tracks of the k-core alone."""
    return kind_of(name, is_network=False) in KINDS[:3]
