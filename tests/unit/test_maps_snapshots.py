import numpy as np
import pytest
from safetensors.numpy import save_file

from segue.analysis.maps import NEIGHBOURS, load_snapshots, place_among, share_near, unit_rows


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


def test_artists_have_snapshots_of_their_own(tmp_path):
    playlists, artists = np.ones((1, 3, 2), dtype=np.float16), np.array([[[0, 2]]], dtype=np.float16)
    tensors = {"epochs": np.array([7], dtype=np.int32), "playlists": playlists, "artists": artists}
    save_file(tensors, tmp_path / "s.safetensors")
    assert load_snapshots(tmp_path / "s.safetensors", "artists")[7].tolist() == [[0, 1]]


def test_what_is_placed_among_others_lies_amid_the_nearest_of_them():
    angles = np.concatenate([np.linspace(0, 0.1, NEIGHBOURS), np.linspace(2, 2.1, NEIGHBOURS)])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    places = np.random.default_rng(0).normal(size=(len(angles), 3)).astype(np.float32)
    others = np.array([[np.cos(2.05), np.sin(2.05)], [1, 0]], dtype=np.float32)
    expected = [places[NEIGHBOURS:].mean(axis=0), places[:NEIGHBOURS].mean(axis=0)]
    assert place_among(others, vectors, places) == pytest.approx(np.array(expected), abs=1e-6)
    few = place_among(others, vectors[:2], places[:2])
    assert few == pytest.approx(np.array([places[:2].mean(axis=0)] * 2), abs=1e-6)


def test_whose_the_nearest_playlists_are():
    places = np.zeros((2 * NEIGHBOURS, 3), dtype=np.float32)
    places[NEIGHBOURS:, 0] = 9
    members = np.zeros((2, 2 * NEIGHBOURS), dtype=bool)
    members[0, :NEIGHBOURS] = True
    members[1, [0, 1, NEIGHBOURS]] = True
    others = np.array([[1, 0, 0], [8, 0, 0]], dtype=np.float32)
    assert share_near(others, places, members) == pytest.approx((1 + 1 / NEIGHBOURS) / 2)
    assert share_near(others, places[:2], members[:, :2]) == 1
