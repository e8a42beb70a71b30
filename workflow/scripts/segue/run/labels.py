"""What people read in place of a model's name: one label, in figures, tables, pages and the terminal; and of
what kind it is."""

import re
from typing import Literal

from segue.run.families import Families, conv_label
from segue.run.models import ALPHAS
from segue.run.registry import BASELINES, SAMPLERS
from segue.run.results import JOINT, RERANK, is_ranker, network_of

Kind = Literal["network", "baseline", "blend", "catalogue"]

RANKERS = {RERANK: "Second stage", JOINT: "Joint neighbours"}
ALPHA_LABELS = {alpha: f"{alpha} α" for alpha in ALPHAS}
NETWORK = re.compile(rf"([A-Za-z]\w*)-({'|'.join(SAMPLERS)})-({'|'.join(ALPHAS)})(?:-seed(\d+))?")


def label(name: str, families: Families | None = None) -> str:
    """Of a network, as "LightGCN softmax, fixed α", of one extended to the catalogue, of a baseline, or of
    what ranks candidates; a blend, and any other name, is its own label.

    ``families``: of the run's convolutions with relations or like others; None: there are none.
    """
    if network := network_of(name):
        return f"{label(network, families)}, extended"
    if found := NETWORK.fullmatch(name):
        conv, sampler, alpha, seed = found.groups()
        text = network_label(conv, sampler, alpha, families)
        return text if seed is None else f"{text}, seed {seed}"
    return RANKERS.get(name) or (BASELINES[name].label if name in BASELINES else name)


def kind(name: str) -> Kind:
    """Of any model of a run: ``catalogue`` is what answers from all tracks of enough playlists."""
    if is_ranker(name):
        return "catalogue"
    if NETWORK.fullmatch(name):
        return "network"
    return "baseline" if name in BASELINES else "blend"


def network_label(conv: str, sampler: str, alpha: str, families: Families | None = None) -> str:
    return f"{conv_label(conv, families or {})} {SAMPLERS[sampler].label}, {ALPHA_LABELS[alpha]}"
