import numpy as np
import pytest
from safetensors.numpy import save_file

from segue.analysis.maps import load_snapshots, unit_rows


def test_snapshots_are_unit_vectors_by_epoch(tmp_path):
    playlists = np.array([[[3, 4], [0, 0]], [[0, -2], [1, 0]]], dtype=np.float16)
    save_file(
        {"epochs": np.array([1, 20], dtype=np.int32), "playlists": playlists}, tmp_path / "s.safetensors"
    )
    snapshots = load_snapshots(tmp_path / "s.safetensors")
    assert list(snapshots) == [1, 20]
    assert snapshots[1] == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))
    assert snapshots[20].tolist() == [[0, -1], [1, 0]]


def test_large_and_small_vectors_get_length_one():
    vectors = np.array([[6e4, -6e4], [1e-7, 0]], dtype=np.float16).astype(np.float32)
    assert np.linalg.norm(unit_rows(vectors), axis=1) == pytest.approx([1, 1])
