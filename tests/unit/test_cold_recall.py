"""Tracks that training never saw: references by hand, what is last, chance, and gains."""

import polars as pl
import pytest
import torch

from segue.evaluate.cold import cold_table, cold_test, coverage_table
from segue.evaluate.relations import models_table
from segue.graph.split import Split

K = [1, 2]


@pytest.fixture
def test():
    """Tracks 0 to 3 are in the graph, by artists 0, 0, 1 and nobody; cold are 4 to 6: by artists 0, 1, 2.

    Artist 2 has no track in the graph. Playlist 0 is known by tracks 0 and 1, playlist 1 by 2 and 3, and
    playlist 2, which has no cold track, by 2.
    """
    message = torch.tensor([[0, 0, 1, 1, 2], [0, 1, 2, 3, 2]])
    split = Split(3, 4, message, message, torch.empty(2, 0, dtype=torch.int64), torch.tensor([[2], [0]]))
    artist = torch.tensor([0, 0, 1, -1, 0, 1, 2])
    return cold_test(split, torch.tensor([[1, 0, 1], [1, 0, 2]]), artist, None, 1)


def recalls(found, among):
    return found[among].rows()


def test_who_is_asked_about(test):
    assert test.playlists.tolist() == [0, 1]
    assert test.known.edges().tolist() == [[0, 0, 1, 1], [0, 1, 2, 3]]
    assert test.held_out.edges().tolist() == [[0, 1, 1], [0, 1, 2]]
    assert test.degree.tolist() == [1, 1, 2, 1]


def test_chance_is_a_share_of_the_candidates(test):
    found = test.random(K)
    assert recalls(found, "cold") == [(0, 1 / 3, 2 / 3), (1, 1 / 3, 2 / 3)]
    assert recalls(found, "all") == [(0, 1 / 5, 2 / 5), (1, 1 / 5, 2 / 5)]
    of_constants = test.of(lambda start, stop: torch.zeros(stop - start, 7), K, 0)
    for among in ("cold", "all"):
        for mine, expected in zip(recalls(of_constants, among), recalls(found, among), strict=True):
            assert mine == pytest.approx(expected)


def test_the_artist_s_popularity(test):
    """Artists 0 and 1 have two edges each; of artist 2, as of none, nothing is known."""
    assert test.popularity.tolist() == [2, 2, 2, 0, 2, 2, 0]
    found = test.of(test.by_popularity, K, 0)
    assert recalls(found, "cold") == [(0, 1 / 2, 1), (1, 1 / 4, 1 / 2)]
    # Beside cold tracks 4 and 5, playlist 0 has track 2 as an equal, and playlist 1 tracks 0 and 1.
    assert recalls(found, "all") == [(0, pytest.approx(1 / 3), pytest.approx(2 / 3)), (1, 1 / 8, 1 / 4)]


def test_the_playlist_s_own_artists_come_first(test):
    scores = test.by_overlap(0, 2)
    assert scores[:, 4:].floor().tolist() == [[2, 0, 0], [0, 1, 0]]
    assert recalls(test.of(test.by_overlap, K, 0), "cold") == [(0, 1, 1), (1, 1 / 2, 1 / 2)]


def test_what_a_model_does_not_know_comes_last(test):
    playlists, tracks = torch.tensor([[1.0], [-1.0], [5.0]]), torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    is_known = torch.tensor([False, True, True])
    scores = test.by_model(playlists, tracks, torch.tensor([[100.0], [5.0], [-6.0]]), is_known)
    assert scores(0, 2)[:, 5:].tolist() == [[5, -6], [-5, 6]]
    found = test.of(scores, K, 0)
    assert recalls(found, "cold") == [(0, 0, 0), (1, 1 / 2, 1)]
    assert recalls(found, "all") == [(0, 0, 0), (1, 1 / 2, 1 / 2)]


def test_the_table(test):
    found = {
        "random": test.random(K),
        "artist popularity": test.of(test.by_popularity, K),
        "a": test.of(test.by_overlap, K),
    }
    models = models_table([{"model": "a", "like": "lgc", "relations": "artist"}])
    table = cold_table(found, models, K, seed=1)
    assert table.height == 3 * 2 * 2
    row = table.row(
        by_predicate=pl.col("model").eq("a") & (pl.col("among") == "cold") & (pl.col("k") == 1), named=True
    )
    assert (row["like"], row["relations"], row["playlists"], row["recall"]) == ("lgc", "artist", 2, 0.75)
    assert (row["low"], row["high"], row["ratio_to_random"]) == (0.5, 1, pytest.approx(9 / 4))
    assert (row["gain"], row["gain_low"], row["gain_high"]) == (0.375, 0.25, 0.5)
    references = table.filter(pl.col("like").is_null())
    assert references["model"].unique().sort().to_list() == ["artist popularity", "random"]
    assert references.filter(model="artist popularity")["gain"].is_null().all()


def test_coverage(test):
    table = coverage_table(
        torch.tensor([0, -1, -1]), torch.tensor([0, 1, -1]), torch.tensor([[1, 0, 1, 1], [1, 0, 2, 0]])
    )
    assert table.rows() == [
        ("artist", 1, pytest.approx(1 / 3), 0.5),
        ("album", 2, pytest.approx(2 / 3), 0.75),
        ("artist or album", 2, pytest.approx(2 / 3), 0.75),
    ]
