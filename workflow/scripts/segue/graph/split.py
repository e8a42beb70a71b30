"""The transductive split: which edges pass messages and which are predicted, at each stage."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from segue.errors import SegueError
from segue.files import atomic


@dataclass(frozen=True)
class Split:
    """Edges by their role, each [2, E_i] int64: row 0 playlist index, row 1 track index.

    ============  ================================  ==================
    stage         message passing                   supervision
    ============  ================================  ==================
    train         ``train_message``                 ``train``
    validation    all train edges                   ``validation``
    test          all train and validation edges    ``test``
    ============  ================================  ==================

    ``train_message`` and ``train`` are the same edges, unless a share of the train edges was set apart
    as supervision only; all train edges are their union.
    """

    num_playlists: int
    num_tracks: int
    train_message: Tensor
    train: Tensor
    validation: Tensor
    test: Tensor

    @property
    def all_train(self) -> Tensor:
        """Train edges of either role, each once: what validation passes messages over."""
        if torch.equal(self.train_message, self.train):
            return self.train
        return torch.cat([self.train_message, self.train], dim=1)

    @property
    def train_and_validation(self) -> Tensor:
        """What the test passes messages over."""
        return torch.cat([self.all_train, self.validation], dim=1)


TENSORS = ("train_message", "train", "validation", "test")


def split_edges(
    edges: Tensor,
    *,
    train: float = 0.70,
    validation: float = 0.15,
    test: float = 0.15,
    disjoint_train_ratio: float = 0.0,
    seed: int = 0,
) -> Split:
    """Splits edges at random, as PyG's ``RandomLinkSplit`` does for an undirected graph.

    ``edges``: [2, E] int64, playlist and track indices, no pair twice; every index in 0..P-1 and 0..T-1
    has an edge, as in a k-core. floor(validation E) and floor(test E) edges are held out and the rest
    trains; of the train edges floor(``disjoint_train_ratio`` E_train) are supervision only and the
    others message passing only; at ratio 0 each is both.

    The order comes from raw PCG64 draws, whose stream NumPy guarantees, and a stable sort: one seed
    gives the same split on every machine and version. Raises SegueError when a stage has no edge.
    """
    count = edges.size(1)
    held_out = {"validation": int(validation * count), "test": int(test * count)}
    num_train = count - sum(held_out.values())
    num_disjoint = int(disjoint_train_ratio * num_train)
    sizes = {
        "train supervision": num_disjoint or num_train,
        "train message passing": num_train - num_disjoint,
    }
    for stage, size in (sizes | held_out).items():
        if size == 0 or (disjoint_train_ratio > 0 and num_disjoint == 0):
            raise SegueError(
                f"The split leaves no edge for {stage if size == 0 else 'train supervision'}.",
                where="split",
                found=f"{count} edges, shares {train:g} / {validation:g} / {test:g}, "
                f"disjoint_train_ratio {disjoint_train_ratio:g}",
                expected="at least one edge for each stage",
                fix="raise that share, lower graph.k_core, or read more slices",
            )
    keys = np.random.PCG64(seed).random_raw(count)
    parts = cut_by_key(keys, [num_disjoint, num_train - num_disjoint, *held_out.values()])
    return split_of(edges, *parts)


def cut_by_key(keys: np.ndarray, sizes: list[int]) -> list[Tensor]:
    """The ``sizes``[0] least keys, then the ``sizes``[1] next, and so on, each as rising indices, int64.

    ``keys``: [n] uint64, n the sum of ``sizes``. Equal keys are taken in the order of their indices, as a
    stable sort would put them; but no order within a part is needed, so that a selection does.
    """
    ends = np.cumsum(sizes).tolist()
    inner = sorted({end for end in ends if 0 < end < len(keys)})
    places = [end - 1 for end in inner]
    highest = dict(zip(inner, np.partition(keys, places)[places] if places else [], strict=True))
    parts, before = [], np.zeros(len(keys), dtype=bool)
    for end in ends:
        if end in highest:
            least = keys < highest[end]
            equal = np.flatnonzero(keys == highest[end])
            least[equal[: end - np.count_nonzero(least)]] = True
        else:
            least = np.full(len(keys), end > 0)
        parts.append(torch.from_numpy(np.flatnonzero(least & ~before)))
        before = least
    return parts


def split_of(edges: Tensor, apart: Tensor, message: Tensor, validation: Tensor, test: Tensor) -> Split:
    """The split of ``edges`` [2, E] by rising indices; ``apart``: train edges that are supervision only.

    Where there are none, the train edges that pass messages are supervision too.
    """
    supervision, message, validation, test = (
        edges[:, part].contiguous() for part in (apart, message, validation, test)
    )
    return Split(
        num_playlists=int(edges[0].max()) + 1,
        num_tracks=int(edges[1].max()) + 1,
        train_message=message,
        train=supervision if apart.numel() else message,
        validation=validation,
        test=test,
    )


def of_playlists(split: Split, playlists: Tensor) -> Split:
    """The edges of some playlists alone, renumbered: ``playlists``[i] becomes playlist i; tracks stay.

    ``playlists``: [n] int64, sorted playlist indices.
    """
    new = torch.full((split.num_playlists,), -1)
    new[playlists] = torch.arange(playlists.numel())

    def part(edges: Tensor) -> Tensor:
        index = new[edges[0]]
        return torch.stack([index, edges[1]])[:, index >= 0]

    tensors = {name: part(getattr(split, name)) for name in TENSORS}
    return Split(num_playlists=playlists.numel(), num_tracks=split.num_tracks, **tensors)


def draw_playlists(edges: Tensor, count: int | None, seed: int) -> Tensor:
    """Sorted indices of ``count`` playlists drawn from those with an edge in ``edges`` [2, E].

    All of them where ``count`` is None or exceeds their number.
    """
    playlists = edges[0].unique()
    if count is None or count >= playlists.numel():
        return playlists
    keys = np.random.PCG64(seed).random_raw(playlists.numel())
    return playlists[cut_by_key(keys, [count, playlists.numel() - count])[0]]


def require_cutoffs(ks: Iterable[int], num_tracks: int) -> None:
    """Raises SegueError where one of ``ks``, the cut-offs of the metrics, is more than there are tracks:
    every model would have a recall of 1."""
    if (largest := max(ks)) > num_tracks:
        raise SegueError(
            "There are fewer tracks than the metrics rank.",
            where="evaluate.k, train.recall_k",
            found=f"K = {largest}, and {num_tracks:,} tracks in the k-core",
            expected=f"at most {num_tracks}, and for recall to tell models apart, far less",
            fix="lower evaluate.k and train.recall_k, lower graph.k_core, or read more",
        )


def save_split(split: Split, path: str | Path) -> None:
    """Writes a split as safetensors, its counts as metadata, whole or not at all; always the same bytes."""
    tensors = {name: getattr(split, name).clone() for name in TENSORS}
    counts = {"num_playlists": split.num_playlists, "num_tracks": split.num_tracks}
    with atomic(path, sum(tensor.nbytes for tensor in tensors.values())) as temporary:
        # Under one key: safetensors writes several in random order.
        save_file(tensors, temporary, metadata={"counts": json.dumps(counts)})


def load_split(path: str | Path, *, test: bool = True) -> Split:
    """Reads what ``save_split`` wrote; without ``test`` no test edge, for who must not know them."""
    with safe_open(str(path), framework="pt") as file:
        counts = json.loads(file.metadata()["counts"])
        tensors = {name: file.get_tensor(name) for name in TENSORS if test or name != "test"}
        return Split(**counts, **{"test": torch.empty(2, 0, dtype=torch.int64)} | tensors)
