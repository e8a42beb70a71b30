"""A run's network extended to the candidates of its catalogue."""

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor

from segue.catalogue.catalogue import Catalogue
from segue.channels.neighbours import ranges
from segue.errors import SegueError
from segue.graph.relations import load_relations
from segue.graph.split import load_split
from segue.graph.tables import core_digest
from segue.nn.pattern import Pattern
from segue.scorers.extend import extended
from segue.scorers.frozen import Frozen
from segue.scorers.load import load_scorer


def extended_model(name: str, sources: dict[str, str], catalogue: Catalogue) -> Frozen:
    """The network in ``sources`` by the ``name`` of what answers, with the candidates of ``catalogue`` as its
    tracks, in their order; see ``scorers.extend``.

    ``sources``: paths of its ``scorer``, of its ``model``, for the playlists' input embeddings, of the
    ``split``, over whose train and validation edges messages passed, and of its ``relations``, where it has
    artists or albums. Raises SegueError where the network is of another k-core than the catalogue.
    """
    frozen = load_scorer(sources["scorer"])
    _require_same_core(frozen, catalogue, sources["scorer"])
    message = _message(sources["split"])
    num_playlists, num_tracks = message.shape
    with safe_open(sources["model"], framework="pt") as file:
        own = file.get_slice("embedding")[:num_playlists]

    core = catalogue.playlists["core"].fill_null(-1).to_numpy()
    unseen = np.flatnonzero(core < 0)
    place = core.copy()  # of a playlist: those of the core by index, then the others
    place[unseen] = num_playlists + np.arange(len(unseen))
    candidates = catalogue.core[: catalogue.num_candidates]
    new = np.flatnonzero(candidates < 0)
    order = candidates.astype(np.int64)
    order[new] = num_tracks + np.arange(len(new))
    return extended(
        frozen,
        own,
        message,
        _entries(catalogue.rowptr, catalogue.cols, unseen, catalogue.core, num_tracks),
        _entries(catalogue.t_rowptr, catalogue.t_cols, new, place, len(place)),
        torch.from_numpy(order),
        frozen.facts | {"model": name, "catalogue": catalogue.digest},
        _nodes(frozen, sources["relations"], catalogue, new) if frozen.nodes else None,
    )


def _nodes(frozen: Frozen, path: str, catalogue: Catalogue, tracks: np.ndarray) -> dict[str, Tensor]:
    """By kind, the node of each of ``tracks`` [N], of the catalogue: [N] int64, -1 for none."""
    relations, core = load_relations(path), catalogue.core
    found = {}
    for kind in frozen.nodes.kinds:
        # The catalogue numbers all artists and albums; tracks of the core say which of these are nodes.
        number = catalogue.artist if kind == "artist" else catalogue.album
        node_of = np.full(number.max() + 2, -1)  # the last for tracks without a number, -1
        inside = np.flatnonzero((core >= 0) & (number >= 0))
        node_of[number[inside]] = relations.of_tracks(kind).numpy()[core[inside]]
        found[kind] = torch.from_numpy(node_of[number[tracks]])
    return found


def _message(path: str) -> Pattern:
    """The graph that the test passes messages over. The split is let go of before it is sorted."""
    split = load_split(path, test=False)
    shape, edges = (split.num_playlists, split.num_tracks), split.train_and_validation
    del split
    return Pattern.from_edges(*edges, shape)


def _entries(
    rowptr: np.ndarray, cols: np.ndarray, rows: np.ndarray, number: np.ndarray, width: int
) -> Pattern:
    """[n, width] the rows ``rows`` [n] of a matrix in CSR, column c as ``number``[c], left out where it is
    negative."""
    starts, stops = rowptr[rows], rowptr[rows + 1]
    row = np.repeat(np.arange(len(rows), dtype=np.int32), stops - starts)
    col = number[cols[ranges(starts, stops)]]
    row, col = row[col >= 0], col[col >= 0]
    return Pattern.from_edges(torch.from_numpy(row), torch.from_numpy(col), (len(rows), width))


def _require_same_core(frozen: Frozen, catalogue: Catalogue, where: str) -> None:
    core = catalogue.tracks.drop_nulls("core").sort("core")["track_uri"]
    digest = core_digest(core)
    if frozen.facts["catalogue"] != digest:
        raise SegueError(
            "The network was trained on another k-core than the catalogue has.",
            where=f"{where} and {catalogue.folder}",
            found=f"a model of {frozen.num_tracks:,} tracks, digest {frozen.facts['catalogue'][:12]}; a core "
            f"of {len(core):,}, digest {digest[:12]}",
            expected="a model and a catalogue of one run",
            fix="make both again with one configuration: snakemake makes only what is stale",
        )
