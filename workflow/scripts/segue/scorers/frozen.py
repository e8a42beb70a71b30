"""A trained model frozen: playlists that it never saw are embedded by their tracks, in milliseconds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from segue.nn.convs import Attached
from segue.nn.encoder import Encoder, make_convs
from segue.nn.pattern import Graph, Pattern
from segue.scorers.base import read_scorer, save_scorer

STAND_INS = ("zero", "mean")


@dataclass(frozen=True)
class Frozen:
    r"""What is left of a model when the features of the tracks are known at every layer.

    A playlist p is a node attached to its seeds S. With the tracks' features :math:`X_t^{(l)}` frozen, its
    own follow layer by layer from the model's convolution, as for any playlist of the graph:

    .. math::
        x_p^{(l+1)} = \mathrm{conv}_l\big(x_p^{(l)}, \{X_t^{(l)} : t \in S\}\big), \qquad
        z_p = \sum_{l=0}^{L} \alpha_l x_p^{(l)}

    It has no input embedding; in place of :math:`x_p^{(0)}` stands ``stand_in``: ``zero``, or the ``mean`` of
    its seeds' input embeddings. The score of a track is :math:`\langle z_p, z_t \rangle`.

    ``convs``: L convolutions, in evaluation mode. ``layers``: [L, T, d] float32, the tracks' X^(0..L-1);
    ``tracks``: [T, d] float32, their z; ``alpha``: [L + 1] float32; ``degree``: [T] int32, in the graph that
    passes messages. Track indices throughout. ``settings``: conv, layers, dim, heads and dropout, to make the
    convolutions anew; ``facts``: what else is worth knowing of the file, JSON-able.
    """

    KIND: ClassVar[str] = "gnn"
    convs: torch.nn.ModuleList
    layers: Tensor
    tracks: Tensor
    alpha: Tensor
    degree: Tensor
    stand_in: str
    settings: dict[str, Any]
    facts: dict[str, Any]

    @property
    def num_tracks(self) -> int:
        return self.tracks.size(0)

    @torch.inference_mode()
    def embed(self, seeds: Pattern, own: Tensor | None = None, *, counted: bool = False) -> Tensor:
        """[n, d] float32, z of n playlists.

        ``seeds``: [n, T], each playlist's tracks, no pair twice; an empty row gets what the model gives a
        playlist without neighbours. ``own``: [n, d] input embeddings, where the playlists have some.
        ``counted``: whether they are playlists of the graph, which ``degree`` counts already.
        """
        # Of the tracks only those that are used, so that one playlist costs what its own length asks for.
        used, cols = seeds.cols.long().unique(return_inverse=True)
        # Each playlist is attached alone: what it gets must not depend on which others are asked about.
        degree = self.degree.index_select(0, used) + (0 if counted else 1)
        shape = seeds.shape[0], used.numel()
        attached = Attached(Pattern(seeds.rowptr, seeds.rows, cols.to(seeds.cols.dtype), shape, degree))
        if own is None:
            own = self._stand_in(attached, used)
        z = self.alpha[0] * own
        for weight, conv, layer in zip(self.alpha[1:], self.convs, self.layers, strict=True):
            own = conv.playlists(own, layer.index_select(0, used), attached)
            z.addcmul_(weight, own)
        return z

    def scores(self, seeds: Pattern) -> Tensor:
        """[n, T] float32, as ``Scorer.scores``."""
        return self.embed(seeds) @ self.tracks.T

    def _stand_in(self, attached: Attached, used: Tensor) -> Tensor:
        if self.stand_in == "mean":
            return attached.propagate(self.layers[0].index_select(0, used), 1.0, 0.0)
        return self.layers.new_zeros(attached.seeds.shape[0], self.layers.size(2))

    def save(self, path: str | Path) -> None:
        tensors = {name: getattr(self, name) for name in ("layers", "tracks", "alpha", "degree")}
        tensors |= {f"convs.{name}": value for name, value in self.convs.state_dict().items()}
        about = {"stand_in": self.stand_in, "settings": self.settings, **self.facts}
        save_scorer(path, self.KIND, tensors, about)

    @classmethod
    def load(cls, path: str | Path) -> "Frozen":
        tensors, about = read_scorer(path)
        settings, stand_in = about.pop("settings"), about.pop("stand_in")
        convs = make_convs(**settings, generator=torch.Generator())
        of_convs = {name.removeprefix("convs."): tensors.pop(name) for name in [*tensors] if "." in name}
        convs.load_state_dict(of_convs)
        return cls(convs.eval(), **tensors, stand_in=stand_in, settings=settings, facts=about)


@torch.inference_mode()
def freeze(
    model: Encoder,
    edges: Tensor,
    num_playlists: int,
    num_tracks: int,
    *,
    stand_in: str,
    settings: dict[str, Any],
    facts: dict[str, Any],
) -> Frozen:
    """The model with the tracks' features at every layer, after message passing over ``edges`` [2, E] int64.

    ``settings``: conv, layers, dim, heads and dropout of ``model``.
    """
    model = model.eval()
    graph = Graph(edges, num_playlists, num_tracks)
    layers = [tracks for _, tracks in model.layers(graph)]
    z = model.alpha[0] * layers[0]
    for weight, layer in zip(model.alpha[1:], layers[1:], strict=True):
        z.addcmul_(weight, layer)
    degree = graph.tracks.degree.int()
    alpha = model.alpha.detach().clone()
    return Frozen(model.convs, torch.stack(layers[:-1]), z, alpha, degree, stand_in, settings, facts)
