"""A trained encoder, read back from the files of its model."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from segue.errors import SegueError
from segue.nn.encoder import Encoder
from segue.nn.hetero_encoder import HeteroEncoder, build_encoder


def read_encoder(
    path: str | Path, weights: dict[str, Tensor] | None = None
) -> tuple[Encoder | HeteroEncoder, dict[str, Any]]:
    """The encoder in a ``model.safetensors``, on the CPU, and what the file tells of it besides.

    That is conv, alpha, dim, settings (the convolution's), num_playlists, num_tracks, the facts of its
    ``Score``, and of a model with artists or albums, relations: how messages pass along them, and num_nodes,
    how many there are. ``weights``: others of the same model, in the place of its own. Raises SegueError
    where an earlier version of Segue has trained it.
    """
    with safe_open(str(path), framework="pt") as file:
        text = (file.metadata() or {}).get("segue")
    if text is None:
        raise SegueError(
            "The file of the model does not say how the model was built.",
            where=str(path),
            found="weights alone",
            expected="weights and the settings of the model, as this version of Segue writes them",
            fix="run the workflow again: it trains what an earlier version has trained",
        )
    about = json.loads(text)
    relations = about.get("relations")
    num_nodes = {"playlist": about["num_playlists"], "track": about["num_tracks"]}
    encoder = build_encoder(
        about["conv"],
        num_nodes | (relations["num_nodes"] if relations else {}),
        relations=relations,
        dim=about["dim"],
        alpha=about["alpha"],
        generator=torch.Generator(),
        **about["settings"],
    )
    encoder.load_state_dict(load_file(path) if weights is None else weights)
    return encoder, about
