"""Memory and time of the jobs that grow with the graph, for schedulers that want to be told beforehand.

Fitted to what was measured on two CPU cores (benchmarks/RESULTS.md, and GAT and SAGE on graphs of 35 and 139
thousand nodes), and then raised: memory by a half, time to twice. A job on a GPU needs less of both.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from segue.run.kinds import EpochCost, FitCost

MEMORY_HEADROOM, TIME_HEADROOM = 1.5, 2.0
PROCESS_MB = 800  # Python, torch and the CSR patterns of a small graph; the two Snakemakes around a SLURM job
PAIR_NANOSECONDS = 9 / 64  # of scoring and ranking one playlist x track, for each dimension
FLOPS = 5e10  # of dense products
START_MINUTES = 20
ANSWERS = 10_000 * 500  # tracks of a challenge's submission
LONGEST_HEADER = 1 << 20  # bytes
NO_SUCH_FILE = ValueError, KeyError, TypeError, IndexError, AttributeError  # in whose header one looks
EXTENSION_EDGES = 1 << 18  # that pass messages at a time beyond the core: segue.scorers.receiving.EDGES


@dataclass(frozen=True)
class GraphSize:
    """Counts of playlists, tracks and edges; ``others``: of artists and albums, where these are nodes."""

    playlists: int
    tracks: int
    edges: int
    others: tuple[int, ...] = field(default=(), kw_only=True)

    @property
    def nodes(self) -> int:
        return self.playlists + self.tracks

    @property
    def received(self) -> int:
        """Rows that are received in a layer: a node's from each type of node that it may have edges with."""
        types = len(self.others)
        return self.playlists + (1 + types) * self.tracks + types * sum(self.others)

    @property
    def mean_length(self) -> float:
        """Tracks of a playlist."""
        return self.edges / max(self.playlists, 1)


@dataclass(frozen=True)
class CatalogueSize(GraphSize):
    """Of all playlists and tracks that were read; ``candidates``: tracks that are answers."""

    candidates: int


def size_of_split(path: str | Path) -> GraphSize:
    """The size of the graph in a file of ``segue.graph.split.save_split``, from its header alone.

    Edges of all stages count, each tensor once: train edges that pass messages and are supervision too are
    stored twice and counted twice. A file that is no such split has size 0: Snakemake asks first with what an
    earlier version left, and again once the split is made anew, before it starts the job.
    """
    try:
        header = _header(path)
        counts = json.loads(header.pop("__metadata__")["counts"])
        edges = sum(tensor["shape"][1] for tensor in header.values())
        return GraphSize(counts["num_playlists"], counts["num_tracks"], edges)
    except NO_SUCH_FILE:
        return GraphSize(0, 0, 0)


def with_relations(size: GraphSize, path: str | Path, kinds: Sequence[str]) -> GraphSize:
    """``size`` with the nodes of ``kinds``, and all edges of these, in a file of
    ``segue.graph.relations.save_relations``, from its header; as ``size_of_split``."""
    try:
        header = _header(path)
        counts = json.loads(header.pop("__metadata__")["counts"])
        present = {"track", *kinds}
        edges = [tensor["shape"][1] for name, tensor in header.items() if present.issuperset(name.split("-"))]
        others = tuple(counts[kind] for kind in kinds)
        return replace(size, edges=size.edges + sum(edges), others=others)
    except NO_SUCH_FILE:
        return size


def size_of_catalogue(path: str | Path) -> CatalogueSize:
    """The size of a catalogue from the header of its ``listed.safetensors``, as ``size_of_split``."""
    try:
        header = _header(path)
        candidates = json.loads(header["__metadata__"]["segue"])["num_candidates"]
        playlists, tracks = (header[name]["shape"][0] - 1 for name in ("rowptr", "t_rowptr"))
        return CatalogueSize(playlists, tracks, header["cols"]["shape"][0], candidates)
    except NO_SUCH_FILE:
        return CatalogueSize(0, 0, 0, 0)


def _header(path: str | Path) -> dict:
    """Of a safetensors file; raises one of NO_SUCH_FILE where it is none."""
    with Path(path).open("rb") as file:
        start = file.read(8)
        return json.loads(file.read(min(int.from_bytes(start, "little"), LONGEST_HEADER)))


def training_mb(size: GraphSize, cost: EpochCost, chosen: dict) -> int:
    """MB of memory that training one model needs at its peak.

    ``cost``: of its convolution; ``chosen``: of ``segue.run.recipes.model_settings``. float32 activations and
    gradients of every layer, Adam's moments, patterns and pairs of the edges, and the snapshots, float16.
    """
    train, dim = chosen["train"], chosen["dim"]
    snapshots = 2 + train["epochs"] // (train["snapshot_every"] or train["epochs"])
    kept = 2 * 2 * snapshots * (size.playlists + sum(size.others)) * dim  # once as a list, once stacked
    held = _epoch_bytes(size, cost, dim, chosen["conv"]) + kept
    return PROCESS_MB + math.ceil(MEMORY_HEADROOM * held / 1e6)


def training_minutes(size: GraphSize, cost: EpochCost, chosen: dict, ranked: int | None) -> int:
    """Minutes that training one model takes on two CPU cores.

    ``cost`` and ``chosen``: as for ``training_mb``. ``ranked``: the playlists that validation recall is
    measured on, None for all.
    """
    train, negatives, dim = chosen["train"], chosen["negatives"], chosen["dim"]
    epoch = _epoch_bytes(size, cost, dim, chosen["conv"]) / 1e9 * cost.seconds
    if "tracks" in negatives:  # of a softmax: the products of playlists and tracks, there and back
        epoch += 6 * size.playlists * min(negatives["tracks"], size.tracks) * dim / FLOPS
    rankings = min(ranked or size.playlists, size.playlists) * math.ceil(
        train["epochs"] / train["recall_every"]
    )
    if refresh_every := negatives.get("refresh_every"):
        rankings += size.playlists * math.ceil(train["epochs"] / refresh_every)
    epochs = train["epochs"] * (2 if train["refit"] else 1)
    seconds = epochs * epoch + _ranking_seconds(rankings, size, dim)
    return START_MINUTES + math.ceil(TIME_HEADROOM * seconds / 60)


def answering_mb(catalogue: CatalogueSize, models_mb: float) -> int:
    """MB of memory that answers from a ``catalogue`` need at their peak, beside models whose files have
    ``models_mb``: its playlists, the names of its tracks, and a challenge's answers as a table."""
    held = 9 * catalogue.edges + 400 * catalogue.tracks + 200 * catalogue.playlists + 200 * ANSWERS
    return PROCESS_MB + math.ceil(MEMORY_HEADROOM * (models_mb + held / 1e6))


def extension_mb(size: GraphSize, catalogue: CatalogueSize, cost: EpochCost, chosen: dict) -> int:
    """MB of memory that extending a network to the candidates of a ``catalogue`` needs at its peak.

    ``size``: of its split; ``cost`` and ``chosen``: as for ``training_mb``. Patterns of the edges, which are
    sorted, the catalogue, features of all playlists at two layers and of the candidates at each, and what a
    layer makes of a block of edges.
    """
    row = 4 * chosen["dim"]
    held = row * (4 * catalogue.playlists + (3 + 2 * chosen["conv"]["layers"]) * catalogue.candidates)
    held += row * EXTENSION_EDGES * cost.per_layer(chosen["conv"])
    held += 28 * size.edges + 12 * catalogue.edges + 300 * catalogue.tracks
    return PROCESS_MB + math.ceil(MEMORY_HEADROOM * held / 1e6)


def channels_mb(catalogue: CatalogueSize, rank: int) -> int:
    """MB of memory that fitting the channels of a ``catalogue`` needs at its peak.

    Its tables, its edges as pairs that are sorted, and a few times the vectors of playlists and candidates,
    ``rank`` of them.
    """
    vectors = 5 * 4 * (rank + 16) * (catalogue.playlists + catalogue.candidates)
    held = vectors + 110 * catalogue.edges + 300 * catalogue.tracks
    return PROCESS_MB + math.ceil(MEMORY_HEADROOM * held / 1e6)


def ranking_minutes(size: GraphSize, dim: int, ranked: int | None) -> int:
    """Minutes to rank all tracks for ``ranked`` playlists (None: all) on two CPU cores, a few times over."""
    playlists = min(ranked or size.playlists, size.playlists)
    return START_MINUTES + math.ceil(TIME_HEADROOM * 3 * _ranking_seconds(playlists, size, dim) / 60)


def baseline_mb(size: GraphSize, cost: FitCost, grid: dict) -> int:
    """MB of memory that fitting or testing a baseline needs at its peak: patterns of the edges, and its own.

    ``cost``: the baseline's; ``grid``: its section of the configuration.
    """
    return blend_mb(size, [(cost, grid)])


def baseline_minutes(size: GraphSize, cost: FitCost, grid: dict, ranked: int | None) -> int:
    """Minutes that fitting every candidate of ``grid`` and ranking with each takes on two CPU cores.

    ``ranked``: the playlists of the validation, None for all.
    """
    fits = 1 + math.prod(len(values) for values in grid.values() if isinstance(values, list))
    playlists = min(ranked or size.playlists, size.playlists)
    of_ranking = 2 * _ranking_seconds(playlists, size, 64 + size.mean_length)
    seconds = fits * (cost.seconds(size, grid) + of_ranking)
    return START_MINUTES + math.ceil(TIME_HEADROOM * seconds / 60)


def blend_mb(size: GraphSize, costs: Sequence[tuple[FitCost, dict]]) -> int:
    """MB of memory that a blend needs beside its files: patterns of the edges, and what its baselines hold.

    ``costs``: of these baselines, with their sections.
    """
    own = sum(cost.memory(size, grid) for cost, grid in costs)
    return PROCESS_MB + math.ceil(MEMORY_HEADROOM * (120 * size.edges + own) / 1e6)


def blend_minutes(
    size: GraphSize, costs: Sequence[tuple[FitCost, dict]], tried: int, ranked: int | None
) -> int:
    """Minutes to choose among ``tried`` weights of a blend on two CPU cores; the others as for
    ``baseline_minutes``."""
    playlists = min(ranked or size.playlists, size.playlists)
    of_ranking = 4 * _ranking_seconds(playlists, size, 64 + size.mean_length)
    seconds = (1 + tried) * (sum(cost.seconds(size, grid) for cost, grid in costs) + of_ranking)
    return START_MINUTES + math.ceil(TIME_HEADROOM * seconds / 60)


def _epoch_bytes(size: GraphSize, cost: EpochCost, dim: int, settings: dict) -> float:
    """An embedding is kept as parameter, gradient and Adam's two moments; each layer adds its activations."""
    of_layers = cost.per_layer(settings) * settings["layers"]
    rows = 6 * (size.nodes + sum(size.others)) + of_layers * size.received
    return rows * dim * 4 + size.edges * cost.per_edge(settings)


def _ranking_seconds(playlists: int, size: GraphSize, dim: float) -> float:
    return playlists * size.tracks * dim * PAIR_NANOSECONDS / 1e9
