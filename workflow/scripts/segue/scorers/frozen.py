"""A trained model frozen: playlists that it never saw are embedded by their tracks, in milliseconds."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from segue.nn.functional import Formula, mean
from segue.nn.pattern import Graph, Pattern
from segue.nn.score import DOT_PRODUCT, Score
from segue.run.registry import convolution
from segue.scorers.base import save_scorer

STAND_INS = ("zero", "mean")


@dataclass(frozen=True)
class Frozen:
    r"""What is left of a model when the features of the tracks are known at every layer.

    A playlist p is a node attached to its given tracks S. With the tracks' features :math:`X_t^{(l)}` frozen,
    its own follow layer by layer from the model's convolution, as for any playlist of the graph:

    .. math::
        x_p^{(l+1)} = \mathrm{conv}_l\big(x_p^{(l)}, \{X_t^{(l)} : t \in S\}\big), \qquad
        z_p = \sum_{l=0}^{L} \alpha_l x_p^{(l)}

    It has no input embedding; in place of :math:`x_p^{(0)}` stands ``stand_in``: ``zero``, or the ``mean`` of
    its tracks' input embeddings. ``score`` says what the score of a track is, as a dot product of two rows.

    ``convs``: the state dicts of L convolutions. ``layers``: [L, T, d] float32, the tracks' X^(0..L-1);
    ``tracks``: [T, d'] float32, their rows of the score; ``alpha``: [L + 1] float32; ``degree``: [T] int32,
    in the graph that passes messages. Track indices throughout. ``settings``: conv, layers, dim and the
    convolution's own, to make it anew; ``facts``: what else is worth knowing of the file, JSON-able.
    """

    KIND: ClassVar[str] = "gnn"
    convs: Sequence[dict[str, Tensor]]
    layers: Tensor
    tracks: Tensor
    alpha: Tensor
    degree: Tensor
    stand_in: str
    settings: dict[str, Any]
    facts: dict[str, Any]
    score: Score = DOT_PRODUCT

    @property
    def num_tracks(self) -> int:
        return self.tracks.size(0)

    @torch.inference_mode()
    def embed(self, given: Pattern, own: Tensor | None = None, *, counted: bool = False) -> Tensor:
        """[n, d'] float32, the rows of n playlists, whose dot products with ``tracks`` are the scores.

        ``given``: [n, T], each playlist's tracks, no pair twice; an empty row gets what the model gives a
        playlist without neighbours. ``own``: [n, d] input embeddings, where the playlists have some.
        ``counted``: whether they are playlists of the graph, which ``degree`` counts already.
        """
        used, alone = attached(given, self.degree + (0 if counted else 1))
        if own is None:
            own = self.start(self.layers[0].index_select(0, used), alone)
        z = self.alpha[0] * own
        for weight, formula, layer in zip(self.alpha[1:], self.formulas, self.layers, strict=True):
            own = formula((layer.index_select(0, used), own), alone)
            z.addcmul_(weight, own)
        return self.score.playlists(z)

    def scores(self, given: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``."""
        return self.embed(given) @ self.tracks.T

    def start(self, inputs: Tensor, pattern: Pattern) -> Tensor:
        """[n, d], what stands for the input embeddings of nodes that have none, by ``stand_in``; ``inputs``
        [m, d]: of their neighbours along ``pattern`` [n, m]."""
        if self.stand_in == "mean":
            return mean(inputs, pattern)
        return inputs.new_zeros(pattern.shape[0], inputs.size(1))

    @functools.cached_property
    def formulas(self) -> list[Formula]:
        """Of each layer. A convolution without a formula in the registry is made anew, as for training."""
        formula = convolution(self.settings["conv"], self.settings).load_frozen()
        if formula:
            return [formula(state) for state in self.convs]
        from segue.nn.encoder import make_convs  # imports torch_geometric, which takes seconds

        convs = make_convs(**self.settings, generator=torch.Generator()).eval()
        for module, state in zip(convs, self.convs, strict=True):
            module.load_state_dict(state)
        return list(convs)

    def save(self, path: str | Path) -> None:
        tensors = {name: getattr(self, name) for name in ("layers", "tracks", "alpha", "degree")}
        for layer, state in enumerate(self.convs):
            tensors |= {f"convs.{layer}.{name}": value for name, value in state.items()}
        about = {"stand_in": self.stand_in, "settings": self.settings, **self.score.facts, **self.facts}
        save_scorer(path, self.KIND, tensors, about)

    @classmethod
    def of(cls, tensors: dict[str, Tensor], about: dict[str, Any]) -> "Frozen":
        settings, stand_in = about.pop("settings"), about.pop("stand_in")
        convs: list[dict[str, Tensor]] = [{} for _ in range(settings["layers"])]
        for full in [name for name in tensors if "." in name]:
            _, layer, name = full.split(".", 2)
            convs[int(layer)][name] = tensors.pop(full)
        score = Score.from_facts(about)
        about.pop("score", None)
        return cls(convs, **tensors, stand_in=stand_in, settings=settings, facts=about, score=score)


def attached(given: Pattern, degree: Tensor) -> tuple[Tensor, Pattern]:
    """The columns that ``given`` [n, m] uses, [u] int64 and rising, and its pattern [n, u] on these alone: so
    that one row costs what its own length asks for.

    ``degree``: [m] of the columns. It is theirs in the pattern whichever rows there are, since each row is
    attached alone: what it gets must not depend on which others are asked about.
    """
    used, cols = given.cols.long().unique(return_inverse=True)
    shape = given.shape[0], used.numel()
    degree = degree.index_select(0, used)
    return used, Pattern(given.rowptr, given.rows, cols.to(given.cols.dtype), shape, degree)


@torch.inference_mode()
def freeze(
    model: torch.nn.Module,
    edges: Tensor,
    num_playlists: int,
    num_tracks: int,
    *,
    stand_in: str,
    settings: dict[str, Any],
    facts: dict[str, Any],
    score: Score = DOT_PRODUCT,
) -> Frozen:
    """The tracks' features at every layer of ``model``, after message passing over ``edges`` [2, E] int64.

    ``model``: a ``segue.nn.encoder.Encoder``; ``settings``: its conv, layers, dim and the convolution's own.
    """
    model = model.eval()
    graph = Graph(edges, num_playlists, num_tracks)
    layers = [tracks for _, tracks in model.layers(graph)]
    z = model.alpha[0] * layers[0]
    for weight, layer in zip(model.alpha[1:], layers[1:], strict=True):
        z.addcmul_(weight, layer)
    convs = [conv.state_dict() for conv in model.convs]
    degree, alpha = graph.tracks.degree.int(), model.alpha.detach().clone()
    tracks = score.tracks(z, degree)
    return Frozen(convs, torch.stack(layers[:-1]), tracks, alpha, degree, stand_in, settings, facts, score)
