"""What a title says of tracks in the embedding space of a network, also one that nobody has written."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from segue.catalogue.queries import Queries
from segue.channels.ngrams import Bags
from segue.errors import SegueError
from segue.scorers.base import read_scorer, save_scorer

SETTINGS = ("shortest", "longest", "buckets")


@dataclass(frozen=True)
class TitleEncoder:
    r"""Scores tracks by a title alone, with the tracks' rows of a network, which stay as they are:

    .. math:: s_t = \langle e, y_t \rangle, \qquad e = b + \frac{1}{|G|} \sum_{g \in G} v_{h(g)}

    G are the n-grams of the title that a title of the catalogue has too, up to the bucket h(g) that each is
    hashed to. Of a playlist without such a title it says nothing. A channel of the second stage.

    ``table``: [B, d'] float32, v; ``base``: [d'] float32, b; ``known``: [B] bool, buckets of the catalogue's
    titles; ``tracks``: [C, d'] float32, y of the candidates. ``settings``: of `Bags`; ``facts``: at least
    model and catalogue, the digest of the candidates.
    """

    KIND: ClassVar[str] = "title_encoder"
    name: ClassVar[str] = KIND
    group: ClassVar[str] = "title"
    signed: ClassVar[bool] = True
    table: Tensor
    base: Tensor
    known: Tensor
    tracks: Tensor
    settings: dict[str, Any]
    facts: dict[str, Any]

    @torch.inference_mode()
    def embed(self, titles: Iterable[str | None]) -> tuple[Tensor, Tensor]:
        """[n, d'] float32, e of each, and [n] bool, whether its title says anything."""
        bags = Bags.of(titles, self.settings).only(self.known)
        return encoded(bags, self.table, self.base), bags.sizes > 0

    @torch.inference_mode()
    def scores(self, queries: Queries) -> np.ndarray:
        """[n, C] float32, the higher the better; rows of NaN where it says nothing. Tracks do not count."""
        rows, known = self.embed(queries.titles)
        scores = (rows @ self.tracks.T).numpy()
        scores[~known.numpy()] = np.nan
        return scores

    def save(self, path: str | Path) -> None:
        """Writes one safetensors file."""
        tensors = {name: getattr(self, name) for name in ("table", "base", "known", "tracks")}
        save_scorer(path, self.KIND, tensors, {"settings": self.settings, **self.facts})

    @classmethod
    def load(cls, path: str | Path, catalogue: str) -> "TitleEncoder":
        """Reads what ``save`` wrote. Raises SegueError when the file is none, is not whole, or is of other
        candidates than those with the digest ``catalogue``."""
        kind, tensors, about = read_scorer(path)
        settings = about.pop("settings", {})
        wrong = _wrong(kind, tensors, settings)
        if not wrong and about.get("catalogue") != catalogue:
            wrong = f"candidates of digest {about.get('catalogue')}"
        if wrong:
            raise SegueError(
                "This is no title encoder of the run's catalogue.",
                where=str(path),
                found=wrong,
                expected=f"what fit_title_encoder writes for candidates of digest {catalogue}",
                fix="make it again: remove the file and run snakemake",
            )
        return cls(**tensors, settings=settings, facts=about)


def encoded(bags: Bags, table: Tensor, base: Tensor) -> Tensor:
    """[n, d'], e of each of ``bags``; ``base`` alone of an empty one."""
    return embedding_bag(bags.ids, table, bags.starts, mode="mean") + base


def _wrong(kind: str, tensors: dict[str, Tensor], settings: Any) -> str:
    """What is wrong with what a file holds; empty where nothing is."""
    if kind != TitleEncoder.KIND:
        return f"a scorer of kind {kind!r}"
    found = {name: (tensor.dtype, tensor.ndim) for name, tensor in sorted(tensors.items())}
    real = torch.float32
    if found != {"base": (real, 1), "known": (torch.bool, 1), "table": (real, 2), "tracks": (real, 2)}:
        return f"tensors {', '.join(found) or 'none'}, not base, known, table and tracks of their kinds"
    if not isinstance(settings, dict) or not all(isinstance(settings.get(name), int) for name in SETTINGS):
        return f"no settings {', '.join(SETTINGS)}"
    shape = settings["buckets"], tensors["base"].numel()
    sizes = tensors["table"].shape, tensors["known"].shape, tensors["tracks"].shape[1:]
    if sizes != (shape, shape[:1], shape[1:]):
        return f"tensors of other sizes than {shape[0]} buckets and {shape[1]} dimensions"
    if not all(tensors[name].isfinite().all() for name in ("base", "table", "tracks")):
        return "values that are no finite numbers"
    return ""
