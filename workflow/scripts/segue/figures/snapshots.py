"""Snapshots of the playlists' embeddings over the epochs, as train_model has kept them."""

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file


def load_snapshots(path: str | Path) -> dict[int, np.ndarray]:
    """Unit vectors [P, d] float32 by epoch, in rising order; a zero embedding stays zero."""
    tensors = load_file(path)
    return {
        int(epoch): unit_rows(playlists.astype(np.float32))
        for epoch, playlists in zip(tensors["epochs"], tensors["playlists"], strict=True)
    }


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """``vectors`` [n, d], each divided by its length; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)
