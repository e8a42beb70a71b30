"""How the score of a playlist and a track follows from their embeddings."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

TINY = 1e-12  # the norm of an embedding that is none


@dataclass(frozen=True)
class Score:
    r"""A form of score, always the dot product of a row for the playlist and a row for the track.

    Where ``prior`` is None, of their embeddings z,

    .. math:: s_{pt} = \langle z_p, z_t \rangle \, \|z_t\|^{q - 1}

    with q the ``norm_power``: 1 is the dot product, as of LightGCN, and 0 orders as the cosine does. A model
    that was trained with a popularity prior gamma at temperature tau has it in its scores, in ``prior``
    = gamma tau:

    .. math:: s_{pt} = \cos(z_p, z_t) + \gamma \tau \ln d_t

    with d_t the track's degree in the graph that passes messages, at least 1. Its rows have one column more.

    Whatever ranks, maps or serves embeddings takes these rows, and knows of dot products alone.
    """

    norm_power: float = 1.0
    prior: float | None = None

    def playlists(self, z: Tensor) -> Tensor:
        """[P, d'] rows of playlists with embeddings ``z`` [P, d]; d' is d, or d + 1 with a prior."""
        if self.prior is None:
            return z
        return torch.cat([_scaled(z, -1.0), z.new_ones(z.size(0), 1)], dim=1)

    def tracks(self, z: Tensor, degree: Tensor) -> Tensor:
        """[T, d'] rows of tracks with embeddings ``z`` [T, d] and ``degree`` [T]."""
        if self.prior is None:
            return z if self.norm_power == 1 else _scaled(z, self.norm_power - 1)
        popularity = degree.clamp(min=1).to(z.dtype).log() * self.prior
        return torch.cat([_scaled(z, -1.0), popularity[:, None]], dim=1)

    @property
    def facts(self) -> dict[str, Any]:
        """JSON-able, for the files of a model: nothing for the dot product, else ``{"score": ...}``, of which
        ``from_facts`` makes it anew."""
        if self == DOT_PRODUCT:
            return {}
        return {"score": {"norm_power": self.norm_power, "prior": self.prior}}

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> "Score":
        """The score that ``facts``, of a model's file, tell of."""
        return cls(**facts.get("score", {}))


DOT_PRODUCT = Score()


def _scaled(z: Tensor, power: float) -> Tensor:
    """Each row of ``z`` times its norm to the ``power``."""
    return z * torch.linalg.vector_norm(z, dim=1, keepdim=True).clamp(min=TINY).pow(power)
