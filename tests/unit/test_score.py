"""The score's rows: their dot products are the formulas."""

import pytest
import torch

from segue.nn.score import Score

Z = torch.tensor([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0]])  # norms 5, 1, 0
TRACKS = torch.tensor([[0.0, 2.0], [6.0, 8.0]])  # norms 2, 10
DEGREE = torch.tensor([0, 7])


def scores(score):
    return score.playlists(Z) @ score.tracks(TRACKS, DEGREE).T


def test_the_dot_product_leaves_the_embeddings_as_they_are():
    assert Score().playlists(Z) is Z
    assert Score().tracks(TRACKS, DEGREE) is TRACKS
    assert Score().facts == {}


@pytest.mark.parametrize("power", [0.0, 0.5])
def test_a_power_of_the_track_s_norm(power):
    dots = torch.tensor([[8.0, 50.0], [0.0, 6.0], [0.0, 0.0]])
    torch.testing.assert_close(scores(Score(power)), dots * torch.tensor([2.0, 10.0]) ** (power - 1))


def test_the_cosine_and_the_logarithm_of_the_degree_which_is_at_least_one():
    expected = torch.tensor([[0.8, 1.0], [0.0, 0.6], [0.0, 0.0]]) + torch.tensor([0.0, 0.1 * 1.9459101])
    torch.testing.assert_close(scores(Score(prior=0.1)), expected)


@pytest.mark.parametrize("score", [Score(), Score(0.25), Score(prior=0.15)])
def test_files_tell_of_it(score):
    assert Score.from_facts({"model": "x", **score.facts}) == score
