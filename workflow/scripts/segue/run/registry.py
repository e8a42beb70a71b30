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
from typing import Any

from segue.errors import SegueError
from segue.run.kinds import (
    Baseline,
    Convolution,
    EpochCost,
    FitCost,
    Look,
    Loss,
    Sampler,
    Setting,
    Settings,
)


def _by_name(*entries: Any) -> dict[str, Any]:
    return {entry.name: entry for entry in entries}


# Of a convolution that nobody measured: more than any of these.
COST_OF_ANY = EpochCost(per_layer=lambda own: 12, per_edge=lambda own: 400, seconds=8)

# In the order in which they are drawn; colours of Okabe and Ito's, safe for colour-blind readers.
CONVOLUTIONS: dict[str, Convolution] = _by_name(
    Convolution(
        "lgc",
        "LightGCN",
        "segue.nn.convs.lgc",
        "LGConv (He et al. 2020).",
        Look("#E69F00", "o"),
        EpochCost(per_layer=lambda own: 1.5, per_edge=lambda own: 80, seconds=1.2),
        frozen="segue.nn.functional.frozen_lgc",
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
    ),
)

LOSSES: dict[str, Loss] = _by_name(
    Loss("bpr", "BPR", "segue.nn.losses.bpr_loss", unit="nats per pair"),
    Loss("bce", "BCE", "segue.nn.losses.bce_loss", unit="nats per edge"),
    Loss("softmax", "softmax", "segue.nn.softmax.SoftmaxLoss", unit="nats per edge", pairs=False),
)

SAMPLERS: dict[str, Sampler] = _by_name(
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

NEIGHBOURS = Setting(
    "neighbours",
    "integer",
    "Most similar tracks that each track keeps, itself among them.",
    at_least=1,
    several=True,
)
OF_NEIGHBOURS = FitCost(  # an entry for each track and neighbour
    memory=lambda size, own: 32 * size.tracks * max(own["neighbours"]),
    seconds=lambda size, own: (
        size.edges * size.mean_length * 6e-9 + size.tracks * max(own["neighbours"]) * 1e-6
    ),
)

# Of the filters: V and lambda.
RANK = Setting(
    "rank",
    "integer",
    "Frequencies (eigenvectors) that the part of low rank has; 0: two hops alone.",
    at_least=0,
    several=True,
)
ITERATED = (
    Setting(
        "iterations",
        "integer",
        "Steps of the iteration towards the eigenvectors; few leave them unconverged.",
        at_least=0,
        several=True,
    ),
    Setting("seed", "integer", "Seed of the vectors that it starts from.", at_least=0),
)
OF_FREQUENCIES = FitCost(  # a basis of tracks and its image of playlists, a few times; a test, over all edges
    memory=lambda size, own: 24 * size.nodes * (16 + max(own["rank"])),
    seconds=lambda size, own: (
        (1 + max(own["iterations"]))
        * (16 + max(own["rank"]))
        * (2e-9 * size.edges + 1e-10 * size.tracks * (16 + max(own["rank"])))
        + 6e-10 * size.edges * size.playlists
    ),
)

BASELINES: dict[str, Baseline] = _by_name(
    Baseline(
        "popularity",
        "Popularity",
        "segue.scorers.fit.fit_popularity",
        "segue.scorers.baselines.Popularity",
        "Tracks by the number of their playlists.",
        "|",
        FitCost(memory=lambda size, own: 0, seconds=lambda size, own: 0),
        parallel=False,
    ),
    Baseline(
        "knn",
        "Item-kNN",
        "segue.scorers.fit.fit_item_knn",
        "segue.scorers.baselines.ItemKNN",
        "Item-kNN (Deshpande and Karypis 2004), by implicit.",
        "x",
        OF_NEIGHBOURS,
        (
            NEIGHBOURS,
            Setting(
                "shrinkage",
                "number",
                "Playlists added to the degree of each track in the cosine, which lowers the similarities of "
                "rare tracks; 0 is the cosine.",
                at_least=0,
                several=True,
            ),
        ),
    ),
    Baseline(
        "als",
        "ALS",
        "segue.scorers.fit.fit_als",
        "segue.scorers.baselines.ALS",
        "Alternating least squares (Hu, Koren and Volinsky 2008), by implicit.",
        "+",
        FitCost(
            memory=lambda size, own: 8 * size.nodes * max(own["factors"]),
            seconds=lambda size, own: (
                own["iterations"]
                * (size.edges * max(own["factors"]) + size.nodes * max(own["factors"]) ** 2)
                * 1e-8
            ),
        ),
        (
            Setting("factors", "integer", "Dimensions of the factors.", at_least=1, several=True),
            Setting("regularization", "number", "L2 penalty of the factors.", above=0, several=True),
            Setting(
                "confidence",
                "number",
                "Confidence of a track that is on a playlist; 1 for one that is not.",
                at_least=1,
                several=True,
            ),
            Setting("iterations", "integer", "Iterations, each of playlists and tracks.", at_least=1),
            Setting("seed", "integer", "Seed of the first factors.", at_least=0),
        ),
    ),
    Baseline(
        "ease",
        "EASE",
        "segue.scorers.fit.fit_ease",
        "segue.scorers.baselines.EASE",
        "EASE (Steck 2019), in closed form.",
        "1",
        FitCost(  # a float64 and a float32 for each pair of tracks
            memory=lambda size, own: 12 * min(size.tracks, own["max_tracks"]) ** 2,
            seconds=lambda size, own: (
                min(size.tracks, own["max_tracks"]) ** 3 * 4e-11 + size.edges * size.mean_length * 2e-8
            ),
        ),
        (
            Setting("l2", "number", "L2 penalty of the weights.", above=0, several=True),
            Setting(
                "max_tracks",
                "integer",
                "Tracks above which EASE stops the run, since it takes 12 bytes for each pair of them.",
                at_least=1,
            ),
        ),
    ),
    Baseline(
        "rp3b",
        "RP3β",
        "segue.scorers.fit.fit_rp3b",
        "segue.scorers.baselines.RP3b",
        "RP3β (Paudel et al. 2017): random walks of three steps, and a penalty of popular tracks.",
        "2",
        OF_NEIGHBOURS,
        (
            NEIGHBOURS,
            Setting("power", "number", "Power of the steps' probabilities.", above=0, several=True),
            Setting(
                "penalty",
                "number",
                "Power of the degree that a track's weights are divided by; 0 is no penalty.",
                at_least=0,
                several=True,
            ),
        ),
    ),
    Baseline(
        "gfcf",
        "GF-CF",
        "segue.scorers.fit_filters.fit_gfcf",
        "segue.scorers.filters.GFCF",
        "GF-CF (Shen et al. 2021): two hops on the graph, and an ideal low-pass filter.",
        "3",
        OF_FREQUENCIES,
        (
            RANK,
            Setting("gain", "number", "Weight of the low-pass filter.", at_least=0, several=True),
            *ITERATED,
        ),
    ),
    Baseline(
        "filter",
        "Filter",
        "segue.scorers.fit_filters.fit_filter",
        "segue.scorers.filters.GraphFilter",
        "Two hops on the graph, between powers of the tracks' degrees; its strongest frequencies are cut and "
        "lifted.",
        "4",
        OF_FREQUENCIES,
        (
            Setting(
                "before",
                "number",
                "Power of the degree that a given track is divided by: how little popular ones say.",
                several=True,
            ),
            Setting(
                "after",
                "number",
                "Power of the degree that a track's score is multiplied with: what popular ones are worth.",
                several=True,
            ),
            RANK,
            Setting(
                "gain", "number", "Added to the eigenvalues of those frequencies.", at_least=0, several=True
            ),
            Setting(
                "cut",
                "number",
                "What those eigenvalues are cut down to where they are larger; at 1 none is.",
                above=0,
                at_most=1,
                several=True,
            ),
            *ITERATED,
        ),
    ),
)

# Of convolutions that the configuration adds.
BY_CLASS = "class"
SPARE_COLOURS = ("#CC79A7", "#56B4E9", "#D55E00", "#882255", "#999933")
SPARE_MARKERS = ("v", "P", "X", "h", "d")


def convolution(name: str, settings: Settings) -> Convolution:
    """The entry of a convolution, or one made for a block ``model.<name>`` that names a ``class`` of PyG's.

    ``settings``: its section of the configuration. Raises SegueError for any other name.
    """
    if name not in CONVOLUTIONS and BY_CLASS in settings:
        described = f"{settings[BY_CLASS]}, by its name."
        return Convolution(name, name, "segue.nn.pyg.layer", described, spare_look(name), COST_OF_ANY)
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
    return {name: convolution(name, block) for name, block in model.items() if name != "dim"}


def spare_look(name: str) -> Look:
    """A look that follows from the name alone, so that it is the same in every figure and run."""
    number = zlib.crc32(name.encode())
    colour = SPARE_COLOURS[number % len(SPARE_COLOURS)]
    return Look(colour, SPARE_MARKERS[number // len(SPARE_COLOURS) % len(SPARE_MARKERS)])
