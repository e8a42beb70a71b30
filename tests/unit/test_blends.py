import dataclasses
import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from test_baselines import FACTS, SEEDS, fit, pattern
from test_choose import blocks

from segue.errors import SegueError
from segue.evaluate.blends import choose_weights, read_embeddings, scores_of_blend
from segue.evaluate.protocol import evaluate, evaluate_scorer, evaluate_scores
from segue.scorers.base import save_scorer
from segue.scorers.blend import Blend, blended, save_blend
from segue.scorers.fit import fit_baseline
from segue.scorers.load import load_scorer


def test_members_are_added_on_the_scale_of_their_own_scores():
    first, second = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[300.0, 0.0, 0.0]])
    expected = torch.tensor([-1.0, 0.0, 1.0]) * 1.5**0.5 + 0.5 * torch.tensor([2.0, -1.0, -1.0]) / 2**0.5
    torch.testing.assert_close(blended([first, second], [1, 0.5])[0], expected)


@given(st.floats(0.01, 1e4), st.floats(-100, 100), st.floats(0, 3))
@settings(max_examples=30, deadline=None)
def test_scale_and_offset_of_a_member_do_not_count(scale, offset, weight):
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 4, 50, generator=generator)
    moved = (second.double() * scale + offset).float()
    torch.testing.assert_close(
        blended([first, moved], [1, weight]), blended([first, second], [1, weight]), rtol=1e-3, atol=0.03
    )


def test_a_member_that_finds_all_tracks_alike_has_no_say():
    first = torch.tensor([[1.0, 2.0], [3.0, 1.0]])
    same = torch.tensor([[0.1, 0.1], [0.0, 1.0]])
    assert blended([first, same], [1, 9])[0].tolist() == [-1, 1]
    assert blended([same[:1], same[:1]], [1, 1]).tolist() == [[0, 0]]


@pytest.fixture
def files(tmp_path):
    """Of three fitted baselines."""
    paths = [tmp_path / f"{name}.safetensors" for name in ("knn", "als", "filter")]
    for path in paths:
        fit(path.stem).save(path)
    return paths


def test_a_blend_s_file_holds_its_members_whole(files, tmp_path):
    for path in (tmp_path / "a", tmp_path / "b"):
        save_blend(path, files, [1.0, 0.0, 0.3], FACTS | {"of": ["knn", "als", "filter"]})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    expected = Blend([load_scorer(path) for path in files], [1.0, 0.0, 0.3], {}).scores(pattern(*SEEDS))
    for path in files:
        path.unlink()
    loaded = load_scorer(tmp_path / "a")
    assert (loaded.num_tracks, loaded.weights) == (30, [1.0, 0.0, 0.3])
    assert loaded.facts == FACTS | {"of": ["knn", "als", "filter"]}
    assert torch.equal(loaded.scores(pattern(*SEEDS)), expected)
    alone = [loaded.scores(pattern(tracks)) for tracks in SEEDS]
    torch.testing.assert_close(torch.cat(alone), expected)


def test_scorers_of_other_tracks_and_blends_are_no_members(files, tmp_path):
    blend = tmp_path / "blend"
    save_blend(blend, files[:2], [1, 1], FACTS)
    with pytest.raises(SegueError, match=r"cannot be a member.*\n.*blend\n.*found: a blend\n"):
        save_blend(tmp_path / "x", [files[0], blend], [1, 1], FACTS)
    other = tmp_path / "other"
    save_scorer(other, "popularity", {"counts": torch.zeros(30)}, FACTS | {"catalogue": "def"})
    with pytest.raises(SegueError, match=r"other\n.*catalogue def\n.*catalogue abc"):
        save_blend(tmp_path / "x", [files[0], other], [1, 1], FACTS)
    assert not (tmp_path / "x").exists()


def members_of_train_edges(split):
    shape = split.num_playlists, split.num_tracks
    generator = torch.Generator().manual_seed(1)
    of_tastes = torch.eye(2)[torch.arange(60) % 2], torch.eye(2)[torch.arange(30) % 2]
    noise = (torch.randn(len(part), 2, generator=generator) for part in of_tastes)
    playlists, tracks = (part + 0.8 * own for part, own in zip(of_tastes, noise, strict=True))
    return {
        "net": (playlists, tracks),
        "popularity": fit_baseline("popularity", split.all_train, shape, {}, {}),
        "knn": fit_baseline("knn", split.all_train, shape, {"neighbours": 5, "shrinkage": 0}, {}),
    }


def test_weights_are_those_that_a_test_on_the_validation_edges_finds_best():
    split, weights = blocks(), [0.0, 0.3, 2.0]
    members = members_of_train_edges(split)
    choice = choose_weights(members, weights, split, 5)
    asked = dataclasses.replace(split, validation=split.test[:, :0], test=split.validation)
    net, *others = members.items()
    found = []
    for tried, own in zip(choice["candidates"], itertools.product(weights, repeat=2), strict=True):
        assert [tried[name] for name in members] == [1, *own]
        blend = Blend([None, *(scorer for _, scorer in others)], (1, *own), {"of": list(members)})
        metrics = evaluate_scores(asked, scores_of_blend(blend, dict([net])), k=[5], seed=0)
        assert tried["validation_recall"] == pytest.approx(metrics["recall@5"]["value"])
        found.append(tried["validation_recall"])
    best = choice["candidates"][found.index(max(found))]
    assert choice["settings"] == {name: best[name] for name in members}
    assert choice["recall_k"] == 5
    assert len(set(found)) > 3
    without_test = dataclasses.replace(split, test=split.test[:, :1])
    assert choose_weights(members, weights, without_test, 5) == choice


def test_some_playlists_alone_choose():
    split = blocks()
    members = members_of_train_edges(split)
    some = choose_weights(members, [0, 1], split, 5, max_playlists=10, seed=1)
    every = choose_weights(members, [0, 1], split, 5)
    assert some == choose_weights(members, [0, 1], split, 5, max_playlists=10, seed=1)
    assert some["candidates"] != every["candidates"]
    assert choose_weights(members, [0, 1], split, 5, max_playlists=99) == every


@pytest.mark.parametrize("max_playlists", [None, 20])
def test_without_weight_the_others_change_no_ranking(max_playlists):
    split = blocks()
    members = members_of_train_edges(split)
    options = {"k": [5], "seed": 0, "max_playlists": max_playlists}
    for name in ("net", "knn"):
        of = [name, "popularity"]
        blend = Blend([members[name], members["popularity"]], (1, 0), {"of": of})
        embeddings = {"net": members["net"]} if name == "net" else {}
        found = evaluate_scores(split, scores_of_blend(blend, embeddings), **options)
        if name == "net":
            expected = evaluate(split, *members["net"], **options)
            del expected["bpr_loss"]
        else:
            expected = evaluate_scorer(split, members["knn"], **options)
        del expected["roc_auc"]  # which compares playlists with each other
        for metric, value in expected.items():
            assert found[metric] == pytest.approx(value), metric


def test_embeddings_of_another_graph_are_refused(tmp_path):
    path = str(tmp_path / "embeddings.safetensors")
    save_file({"playlists": torch.zeros(7, 2), "tracks": torch.zeros(30, 2)}, path)
    with pytest.raises(SegueError, match=r"7 playlists and 30 tracks\n.*60 playlists and 30 tracks"):
        read_embeddings(path, blocks())
