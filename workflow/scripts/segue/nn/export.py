"""A trained encoder as a module of PyG's own layers, for use without Segue's patterns."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from segue.errors import SegueError, shown
from segue.graph.edge_types import FORWARD, REVERSE, EdgeType
from segue.nn.encoder import Encoder
from segue.nn.export_hetero import PyGHeteroEncoder
from segue.nn.pyg_layers import keep_as_it_is, of_pyg
from segue.nn.saved import read_encoder
from segue.nn.score import Score


class PyGEncoder(nn.Module):
    r"""A trained ``segue.nn.encoder.Encoder``, its layers PyG's: :math:`Z = \sum_l \alpha_l X^{(l)}`.

    It gives the rows of its ``score``, whose dot products are the scores: Z itself, where that is the dot
    product; else its rows scaled, and with a popularity prior one column more (``segue.nn.score``).

    ``embedding``: [P + T, dim] float32, in node ids (playlist index, or track index + P). ``alpha``: [L + 1].
    ``convs``: L layers, called with features and an edge_index.
    """

    def __init__(self, encoder: Encoder, num_playlists: int, score: Score):
        super().__init__()
        self.num_playlists, self.score = num_playlists, score
        self.embedding = encoder.embedding
        self.convs = nn.ModuleList(of_pyg(conv) for conv in encoder.convs)
        keep_as_it_is(self, "alpha", encoder.alpha)

    def forward(self, edge_index: Tensor | Mapping[EdgeType, Tensor]) -> Tensor | dict[str, Tensor]:
        """Embeddings after message passing over ``edge_index``.

        - [2, E] int64 in node ids, messages from its first row to its second; so both directions of an
          undirected graph stand in it, as in ``to_hetero_data(...).to_homogeneous().edge_index``. Returns
          [P + T, d'], d' columns of the score's rows.
        - ``to_hetero_data(...).edge_index_dict``, or one with ``("playlist", "contains", "track")`` alone,
          whose messages pass both ways then. Returns ``{"playlist": [P, d'], "track": [T, d']}``.
        """
        if isinstance(edge_index, Tensor):
            return self._embed(edge_index)
        if FORWARD not in edge_index:
            raise SegueError(
                "There are no edges of playlists and tracks.",
                where="the edge types that the encoder was given",
                found=", ".join(map(str, edge_index)) or "none",
                expected=str(FORWARD),
                fix="name the edge type so, or pass an edge_index in node ids",
            )
        there = edge_index[FORWARD]
        back = edge_index.get(REVERSE, there.flip([0]))
        shift = torch.tensor([[0], [self.num_playlists]], device=there.device)
        z = self._embed(torch.cat([there + shift, back + shift.flip([0])], dim=1))
        return {"playlist": z[: self.num_playlists], "track": z[self.num_playlists :]}

    def _embed(self, edge_index: Tensor) -> Tensor:
        x = self.embedding
        out = self.alpha[0] * x
        for weight, conv in zip(self.alpha[1:], self.convs, strict=True):
            x = conv(x, edge_index)
            out = out + weight * x
        degree = torch.bincount(edge_index[1], minlength=len(out))[self.num_playlists :]
        playlists, tracks = out.split([self.num_playlists, len(out) - self.num_playlists])
        return torch.cat([self.score.playlists(playlists), self.score.tracks(tracks, degree)])


def load_encoder(results: str | Path, model: str) -> PyGEncoder | PyGHeteroEncoder:
    """The encoder of ``model``, such as ``lgc-hard-fixed``, trained by the run in the folder ``results``.

    It is in evaluation mode, on the CPU, and its layers are PyG's own, HeteroConv where it has artists or
    albums. On the graph that the test passes messages over, it gives the embeddings in the model's
    ``embeddings.safetensors``.

    Raises SegueError where there is no such model, or another version of Segue has trained it.
    """
    folder = Path(str(results), "models")
    path = folder / str(model) / "model.safetensors"
    if not isinstance(model, str) or not path.is_file():
        raise _no_encoder(folder, model)
    encoder, about = read_encoder(path)
    score = Score.from_facts(about)
    if about.get("relations"):
        return PyGHeteroEncoder(encoder, score).eval()
    return PyGEncoder(encoder, about["num_playlists"], score).eval()


def _no_encoder(folder: Path, model: Any) -> SegueError:
    trained = sorted(path.parent.name for path in folder.glob("*/model.safetensors"))
    near = difflib.get_close_matches(str(model), trained, n=1)
    is_other = isinstance(model, str) and (folder / model / "scorer.safetensors").is_file()
    found = "a model without one: a baseline or a blend" if is_other else "no such model"
    return SegueError(
        "There is no encoder of this model.",
        where=f"{folder}, {shown(model)}",
        found=found + (f"; did you mean {near[0]!r}?" if near else ""),
        expected="one of " + ", ".join(trained)
        if trained
        else "the results of a run, with a trained network",
        fix="name one of these" if trained else "train one first: `make demo` does, in results",
    )
