"""What a run can be made of: every convolution, loss, negative sampler and baseline has one entry here.

An entry says what it is called, how it is drawn, which settings it has, what it costs, and where its code is.
The schema of the configuration, the wildcards, memory and time of jobs, figures and tables follow from the
entries; defaults stand in config/config.yaml. docs/extending.md adds one.

No code digest follows this file for a rule that names the entries it uses, so that a new entry reruns nothing
of the others.
"""

import difflib
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from segue.errors import SegueError
from segue.run.baselines import BASELINES
from segue.run.kinds import Convolution, EpochCost, Look, Loss, Sampler, Setting, Settings, by_name

__all__ = [
    "BASELINES",
    "CONVOLUTIONS",
    "LOSSES",
    "SAMPLERS",
    "convolution",
    "convolutions",
    "named",
    "spare_look",
]


# Of a convolution that nobody measured: more than any of these.
COST_OF_ANY = EpochCost(per_layer=lambda own: 12, per_edge=lambda own: 400, seconds=8)

# In the order in which they are drawn; colours of Okabe and Ito's, safe for colour-blind readers.
CONVOLUTIONS: dict[str, Convolution] = by_name(
    Convolution(
        "lgc",
        "LightGCN",
        "segue.nn.convs.lgc",
        "LGConv (He et al. 2020).",
        Look("#E69F00", "o"),
        EpochCost(per_layer=lambda own: 1.5, per_edge=lambda own: 80, seconds=1.2),
        frozen="segue.nn.functional.frozen_lgc",
        normalised=True,
        is_sum=True,
    ),
    Convolution(
        "gat",
        "GAT",
        "segue.nn.convs.gat",
        "GATConv (Veličković et al. 2018).",
        Look("#009E73", "s"),
        EpochCost(
            per_layer=lambda own: 2 + 2.4 * own["heads"],
            per_edge=lambda own: 80 + 13 * own["heads"],
            seconds=3.5,
        ),
        (
            Setting(
                "heads",
                "integer",
                "Attention heads; a linear layer maps their concatenation back to `dim`.",
                at_least=1,
            ),
            Setting("dropout", "number", "Dropout of the attention coefficients.", at_least=0, below=1),
        ),
        frozen="segue.nn.functional.frozen_gat",
    ),
    Convolution(
        "sage",
        "GraphSAGE",
        "segue.nn.convs.sage",
        "SAGEConv (Hamilton et al. 2017).",
        Look("#0072B2", "D"),
        EpochCost(per_layer=lambda own: 4.7, per_edge=lambda own: 80, seconds=1.2),
        frozen="segue.nn.functional.frozen_sage",
        is_sum=True,
    ),
)

LOSSES: dict[str, Loss] = by_name(
    Loss("bpr", "BPR", "segue.nn.losses.bpr_loss", unit="nats per pair"),
    Loss("bce", "BCE", "segue.nn.losses.bce_loss", unit="nats per edge"),
    Loss("softmax", "softmax", "segue.nn.softmax.SoftmaxLoss", unit="nats per edge", pairs=False),
)

SAMPLERS: dict[str, Sampler] = by_name(
    Sampler(
        "random",
        "random",
        "segue.nn.negatives.RandomNegatives",
        line="-",
        filled=True,
        settings=(
            Setting(
                "avoid_known",
                "boolean",
                "Draw only tracks that are not on the playlist in the train edges (true), or any track "
                "(false).",
            ),
        ),
    ),
    Sampler(
        "hard",
        "hard",
        "segue.nn.negatives.HardNegatives",
        line=(0, (3.5, 1.5)),
        filled=False,
        settings=(
            Setting(
                "min_fraction",
                "number",
                "Negatives come from the highest-scoring max(min_fraction, 1 - epoch/epochs) of a playlist's "
                "non-positives.",
                above=0,
                at_most=1,
            ),
            Setting(
                "refresh_every",
                "integer",
                "Epochs between two scorings of the tracks by the current model.",
                at_least=1,
            ),
        ),
        needs=("epochs", "block_mb"),
    ),
    Sampler(
        "softmax",
        "softmax",
        "segue.nn.softmax.SoftmaxLoss",
        line=(0, (1, 1)),
        filled=True,
        settings=(
            Setting(
                "tracks",
                "integer",
                "Tracks that all playlists share as negatives, drawn anew at each step; where the graph has "
                "no more, all of them, which is best for small ones.",
                at_least=1,
            ),
            Setting(
                "beta",
                "number",
                "Tracks are drawn with probabilities as their degree to this power; 0 draws all alike.",
                at_least=0,
                at_most=2,  # beyond, a few tracks are all that counts
            ),
            Setting(
                "temperature",
                "number",
                "What the cosines are divided by: the lower, the more the highest-scoring tracks count.",
                above=0,
            ),
            Setting(
                "prior",
                "number",
                "How much of the logarithm of a track's degree stands in its score, so that embeddings need "
                "not learn popularity; 0 for none.",
                at_least=0,
                at_most=2,
            ),
            Setting(
                "norm_power",
                "number",
                "Without prior: power of a track's norm in its score, 1 for the dot product, 0 for the "
                "cosine. Validation chooses one of these; the first is taken while training.",
                at_least=0,
                at_most=1,
                several=True,
            ),
        ),
        pairs=False,
    ),
)

# Of convolutions that the configuration adds: by a class of PyG's, or as another one with its own settings.
BY_CLASS, LIKE = "class", "like"
SPARE_COLOURS = ("#CC79A7", "#56B4E9", "#D55E00", "#882255", "#999933")
SPARE_MARKERS = ("v", "P", "X", "h", "d")


def convolution(name: str, settings: Settings) -> Convolution:
    """The entry of a convolution, or one made for a block ``model.<name>`` that names a ``class`` of PyG's or
    is ``like`` an entry.

    ``settings``: its section of the configuration. Raises SegueError for any other name.
    """
    if name not in CONVOLUTIONS and BY_CLASS in settings:
        described = f"{settings[BY_CLASS]}, by its name."
        return Convolution(name, name, "segue.nn.pyg.layer", described, spare_look(name), COST_OF_ANY)
    if name not in CONVOLUTIONS and LIKE in settings:
        entry = named(CONVOLUTIONS, settings[LIKE], "convolution")
        return replace(entry, name=name, label=name, look=spare_look(name))
    return named(CONVOLUTIONS, name, "convolution")


def named(entries: Mapping[str, Any], name: str, kind: str) -> Any:
    """``entries[name]``; ``kind``: what they are. Raises SegueError, with the nearest name, where none is."""
    if name not in entries:
        near = difflib.get_close_matches(name, entries, n=1)
        raise SegueError(
            f"There is no {kind} of that name.",
            found=repr(name),
            expected="one of " + ", ".join(entries),
            fix=f"did you mean {near[0]!r}?" if near else "",
        )
    return entries[name]


def convolutions(model: Settings) -> dict[str, Convolution]:
    """Those that have a block in section ``model`` of the configuration: what the wildcard {conv} can be."""
    blocks = {name: block for name, block in model.items() if name != "dim"}
    # One that is like a block with a class has that class.
    return {
        name: convolution(name, blocks.get(block.get(LIKE), {}) | block) for name, block in blocks.items()
    }


def spare_look(name: str) -> Look:
    """A look that follows from the name alone, so that it is the same in every figure and run."""
    number = zlib.crc32(name.encode())
    colour = SPARE_COLOURS[number % len(SPARE_COLOURS)]
    return Look(colour, SPARE_MARKERS[number // len(SPARE_COLOURS) % len(SPARE_MARKERS)])
