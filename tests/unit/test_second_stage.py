"""The second stage: candidates and features by hand, its file, its ranker, how it is chosen and ablated."""

import dataclasses
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from second_stage_cases import Fixed, Hashed, Parity

from segue.catalogue.queries import Queries
from segue.catalogue.rankers import best_tracks
from segue.challenge.metrics import challenge_metrics
from segue.challenge.second_stage import (
    ABLATION,
    ablation,
    channels_of,
    choose_stage,
    columns_without,
    folds_of,
    measured,
)
from segue.challenge.validation import Validation
from segue.errors import SegueError
from segue.rerank.examples import Examples, collect, cross_fitted, fit_model, predicted
from segue.rerank.features import Features
from segue.rerank.logistic import GROUPS, Logistic
from segue.rerank.stage import Reranker, SecondStage

NAN = np.nan
SETTINGS = {
    "stages": ["logistic", "trees", "both"],
    "without": [[]],
    "artist_credit": [0.0],
    "ablation": "logistic",
    "folds": 2,
    "share": 0.5,
    "seed": 1,
    "logistic": {"penalty": 1.0},
    "trees": {"trees": 20, "leaves": 8, "depth": 3, "learning_rate": 0.3, "l2": 0.0, "least": 5},
}


def queries(*playlists, num_tracks=6):
    return Queries.of(
        [np.array(tracks, int) for tracks, _ in playlists], [t for _, t in playlists], num_tracks
    )


def test_candidates_and_features_by_hand():
    one = Fixed("one", (4, 3, 2, 1, 0, 0))
    two = Fixed("two", (0, 0, 0, 0, 8, NAN), signed=True)
    features = Features([one, two], [Parity("one")], {"one": 1.0}, 3)
    found = features.of(queries(([0], "Title"), ([], None)))
    assert found.tracks.tolist() == [[1, 2, 3], [0, 1, 2]]
    assert found.given.tolist() == [1, 0]
    value = dict(zip(features.names, found.values.tolist(), strict=True))
    assert value["one"] == [[3, 2, 1], [4, 3, 2]]
    assert value["one/max"] == [[0.75, 0.5, 0.25], [1, 0.75, 0.5]]
    # Of 0, 0, 0, 0, 8 the mean is 1.6 and the standard deviation 3.2.
    assert value["two"] == [[pytest.approx(-0.5)] * 3] * 2
    assert value["two/max"] == [[pytest.approx(-2.5)] * 3] * 2
    assert value["parity/even"] == [[0, 1, 0], [1, 0, 1]]
    assert value["parity/first"] == [[1, 0, 0], [1, 0, 0]]
    mean, spread = 10 / 6, np.std([4, 3, 2, 1, 0, 0])
    assert value["blend"][1] == pytest.approx([(score - mean) / spread for score in (4, 3, 2)])
    assert value["blend/place"][0] == pytest.approx([0, np.log(2), np.log(3)])
    assert value["playlist/given"] == [[1, 1, 1], [0, 0, 0]]
    assert value["playlist/titled"] == [[1, 1, 1], [0, 0, 0]]


def test_a_channel_without_a_say_leaves_the_blend_alone_and_is_missing():
    silent = Fixed("silent", (NAN,) * 6, signed=True)
    quiet = Fixed("quiet", (NAN,) * 6)
    features = Features([Fixed("one", (1, 2, 3, 0, 0, 0)), silent, quiet], [], {"one": 1.0, "silent": 9.0}, 2)
    found = features.of(queries(([], None)))
    assert found.tracks.tolist() == [[2, 1]]
    assert np.isnan(found.values[2:6]).all()


def test_given_tracks_fill_rows_that_are_too_short():
    found = Features([Fixed("one", (3, 2, 1, 0, 0, 0))], [], {"one": 1.0}, 6).of(queries(([0, 2], None)))
    assert found.tracks.tolist() == [[1, 3, 4, 5, 0, 2]]
    assert found.fillers.tolist() == [[False] * 4 + [True] * 2]


def test_features_are_refused():
    one = Fixed("joint", (1.0,) * 6)
    with pytest.raises(SegueError, match="did you mean 'joint'"):
        Features([one], [], {"jiont": 1.0}, 5)
    with pytest.raises(SegueError, match="No channel picks"):
        Features([one], [], {}, 5)
    with pytest.raises(SegueError, match="twice: joint, joint/max"):
        Features([one, one], [], {"joint": 1.0}, 5)


PLAYLISTS = st.lists(
    st.tuples(st.lists(st.integers(0, 29), unique=True, max_size=8), st.sampled_from([None, "a", "bc"])),
    min_size=1,
    max_size=5,
)


ABOUT = {
    "blend": {"tracks": 1.0},
    "candidates": 10,
    "artist_credit": 0.0,
    "models": [],
    "title_encoder": False,
}


def stage_of(names, weights=1.0, num_features=None):
    shape = len(GROUPS), num_features or len(names)
    model = Logistic(np.zeros(shape), np.ones(shape), np.full(shape, weights), np.zeros(len(GROUPS)))
    return SecondStage("logistic", model, names, "digest", ABOUT)


def some_features(candidates=10):
    dense = [Hashed("tracks", 30), Hashed("network", 30, signed=True)]
    return Features(dense, [Parity("tracks")], {"tracks": 1.0, "network": 0.5}, candidates)


@given(PLAYLISTS)
@settings(deadline=None)
def test_a_row_does_not_depend_on_the_others_and_candidates_come_first(playlists):
    features = some_features()
    asked = queries(*playlists, num_tracks=30)
    ranker = Reranker(stage_of(features.names), features, 30, np.arange(30))
    scores = ranker.scores(asked).numpy()
    found = features.of(asked)
    ranked = ranker.stage.scores(found, features.names)
    best, _ = best_tracks(ranker, asked, 22)
    for row in range(len(asked)):
        assert (ranker.scores(asked.block(row, row + 1)).numpy()[0] == scores[row]).all()
        known = asked.block(row, row + 1).tracks
        assert not np.isin(best[row], known).any()
        tops = found.tracks[row][np.argsort(-ranked[row], kind="stable")]
        assert set(best[row, :10]) == set(tops)
        assert (scores[row][tops] == np.sort(ranked[row])[::-1]).all()
        rest = best[row, 10:]
        assert (np.diff(found.blend[row][rest]) <= 0).all()


def test_a_file_is_the_stage(tmp_path):
    features = some_features()
    stage, path = stage_of(features.names, 0.25), tmp_path / "rerank.safetensors"
    stage.save(path)
    first = path.read_bytes()
    read = SecondStage.load(path, "digest")
    assert (read.kind, read.features, read.settings) == ("logistic", stage.features, stage.settings)
    found = features.of(queries(([3, 4], "a"), num_tracks=30))
    assert (read.scores(found, features.names) == stage.scores(found, features.names)).all()
    read.save(path)
    assert path.read_bytes() == first


def test_both_are_a_stage_of_two(tmp_path):
    examples, _, _ = examples_and_validation(tmp_path)
    everyone, columns = np.ones(40, bool), [*range(len(examples.names))]
    models = {kind: fit_model(kind, examples, everyone, columns, SETTINGS) for kind in SETTINGS["stages"]}
    some = examples.values[:, :5]
    expected = (models["logistic"].scores(some, examples.given[:5]) + models["trees"].scores(some)) / 2
    assert (models["both"].scores(some, examples.given[:5]) == expected).all()
    path = tmp_path / "rerank.safetensors"
    SecondStage("both", models["both"], examples.names, "digest", ABOUT).save(path)
    assert (SecondStage.load(path, "digest").model.scores(some, examples.given[:5]) == expected).all()


def test_features_go_by_name():
    features = some_features()
    found = features.of(queries(([3, 4], "a"), num_tracks=30))
    alone = stage_of(["parity/even"]).scores(found, features.names)
    assert (alone == found.values[features.names.index("parity/even")]).all()
    with pytest.raises(SegueError, match="no artist, titles"):
        stage_of(["artist", "parity/even", "titles"]).scores(found, features.names)


def test_files_are_refused(tmp_path):
    path = tmp_path / "rerank.safetensors"
    stage_of(["parity/even"]).save(path)
    with pytest.raises(SegueError, match="trained on another catalogue"):
        SecondStage.load(path, "another")
    tensors, about = (
        load_file(path),
        {"kind": "logistic", "features": ["even"], "catalogue": "c", "settings": ABOUT},
    )
    for wrong in (
        {"kind": "forest"},
        {"features": "even"},
        {"features": [1]},
        {"settings": {}},
        {"settings": []},
    ):
        save_file(tensors, path, metadata={"segue": json.dumps(about | wrong)})
        with pytest.raises(SegueError, match="no file of a second stage"):
            SecondStage.load(path, "c")
    save_file(tensors, path, metadata={"segue": json.dumps(about | {"features": ["even", "odd"]})})
    with pytest.raises(SegueError, match="of 2 features"):
        SecondStage.load(path, "c")
    save_file(tensors, path)
    path.with_name("text.safetensors").write_text("{}")
    for file in (path, path.with_name("text.safetensors"), tmp_path / "none.safetensors"):
        with pytest.raises(SegueError, match="no file of a second stage"):
            SecondStage.load(file, "c")


def examples_and_validation(tmp_path, playlists=40):
    """To be found are the 3 tracks of the highest score of ``network`` that are even and not given."""
    generator = np.random.default_rng(3)
    asked = queries(
        *(
            (generator.permutation(30)[: row % 4], "a" * (row % 3))
            for row in range(playlists)
        ),
        num_tracks=30,
    )  # fmt: skip
    features = some_features(20)
    network = features.dense[1].scores(asked)
    network[:, 1::2] = -1
    pattern = asked.given(30)
    network[pattern.rows.numpy(), pattern.cols.numpy()] = -1
    wanted = np.argsort(-network, axis=1)[:, :3].ravel()
    starts = np.arange(0, 3 * playlists + 1, 3)
    category = np.resize(np.int32([1, 2, 3, 4]), playlists)
    validation = Validation(asked, category, starts, wanted, np.arange(30))
    return collect(features, asked, starts, wanted, 30, tmp_path / "values.npy"), validation, features.groups


def test_examples(tmp_path):
    examples, validation, _ = examples_and_validation(tmp_path)
    for row in (0, 7, 39):
        wanted = validation.wanted[3 * row : 3 * row + 3]
        assert examples.relevant[row].tolist() == [track in wanted for track in examples.tracks[row]]
    assert not examples.filler.any()
    assert examples.given.tolist() == [row % 4 for row in range(40)]


@pytest.mark.parametrize("kind", ["logistic", "trees", "both"])
def test_a_fold_is_scored_by_a_model_of_the_others(tmp_path, kind):
    examples, validation, _ = examples_and_validation(tmp_path)
    fold, columns = folds_of(validation.category, 2, 1), list(range(len(examples.names)))
    scores = cross_fitted(kind, examples, fold, columns, SETTINGS)
    model = fit_model(kind, examples, fold != 1, columns, SETTINGS)
    rows = np.flatnonzero(fold == 1)
    assert (scores[rows] == predicted(model, examples, rows, columns)).all()
    changed = dataclasses.replace(
        examples, relevant=np.where((fold == 1)[:, None], ~examples.relevant, examples.relevant)
    )
    assert (cross_fitted(kind, changed, fold, columns, SETTINGS)[rows] == scores[rows]).all()


def test_nothing_to_learn_from_is_refused(tmp_path):
    examples, _, _ = examples_and_validation(tmp_path)
    none = dataclasses.replace(examples, relevant=np.zeros_like(examples.relevant))
    with pytest.raises(SegueError, match="nothing to learn from"):
        fit_model("trees", none, np.ones(40, bool), [0], SETTINGS)


def test_folds():
    category = np.repeat([1, 2, 5], [7, 8, 9])
    fold = folds_of(category, 4, 1)
    for number in (1, 2, 5):
        counts = np.bincount(fold[category == number], minlength=4)
        assert counts.max() - counts.min() <= 1
    assert (folds_of(category, 4, 1) == fold).all()
    assert (folds_of(category, 4, 2) != fold).any()
    with pytest.raises(SegueError, match="3 playlists"):
        folds_of(category[:3], 4, 1)


def test_measured_as_lists(tmp_path):
    examples, validation, _ = examples_and_validation(tmp_path, playlists=4)
    scores = np.random.default_rng(1).random(examples.tracks.shape).astype(np.float32)
    filler = examples.filler.copy()
    filler[0, :5] = True
    scores[filler] = -np.inf
    lists = np.array(
        [
            [track for _, track, none in sorted(zip(-own, tracks, gone, strict=True)) if not none]
            + [-1] * int(gone.sum())
            for own, tracks, gone in zip(scores, examples.tracks, filler, strict=True)
        ]
    )
    expected = challenge_metrics(lists, validation.starts, validation.wanted, np.arange(30))
    found = measured(dataclasses.replace(examples, filler=filler), validation, scores)
    assert all((found[name] == expected[name]).all() for name in expected)


def test_the_choice(tmp_path):
    examples, validation, groups = examples_and_validation(tmp_path)
    asked = SETTINGS | {"without": [[], ["parity"], ["network", "parity"]], "artist_credit": [0.0, 0.25]}
    chosen = choose_stage(examples, groups, validation, asked)
    assert len(chosen["candidates"]) == 18
    best = max(chosen["candidates"], key=lambda one: one["r_precision"] + one["ndcg"] - one["clicks"] / 51)
    assert (best["less"], best["error"]) == (0, 0)
    assert all(one["less"] == pytest.approx(best["worth"] - one["worth"]) for one in chosen["candidates"])
    assert chosen["settings"].items() <= best.items()
    assert chosen["validation"].items() <= best.items()
    tried = {(one["stage"], *one["without"]): one for one in chosen["candidates"] if not one["artist_credit"]}
    ndcg = [tried["trees", *without]["ndcg"] for without in asked["without"]]
    assert ndcg[0] > ndcg[1] > ndcg[2]
    assert [one["stage"] for one in chosen["candidates"][:6:2]] == asked["stages"]
    fold, columns = folds_of(validation.category, 2, 1), range(len(examples.names))
    both = measured(examples, validation, cross_fitted("both", examples, fold, columns, SETTINGS))
    assert tried["both",]["ndcg"] == pytest.approx(both["ndcg"].mean())
    json.dumps(chosen, allow_nan=False)
    assert choose_stage(examples, groups, validation, asked) == chosen


def test_what_is_left_out():
    examples = Examples(["a", "a/max", "b", "c/one", "blend"], *[np.zeros((1, 1))] * 4, np.zeros(1))
    groups = {"a": "b", "b": "b", "c": "y"}

    def left(*names):
        return columns_without(examples, channels_of(groups, names))

    assert left() == [0, 1, 2, 3, 4]
    assert left("a") == [2, 3, 4]
    assert left("b") == left("a", "b") == [3, 4]
    assert left("c", "a") == left("y", "a") == [2, 4]
    assert columns_without(examples, {"b"}) == [0, 1, 3, 4]
    with pytest.raises(SegueError, match="did you mean 'a'"):
        left("aa")


def test_the_ablation(tmp_path):
    examples, validation, groups = examples_and_validation(tmp_path)
    table = ablation(examples, groups, validation, SETTINGS)
    assert table.schema == pl.Schema(ABLATION)
    without = table["without"].unique(maintain_order=True).to_list()
    assert without == ["", "hashed", "parity", "tracks", "network"]
    assert table["group"].to_list() == [row in range(5, 15) for row in range(30)]
    assert table["category"].to_list() == ["all", "1", "2", "3", "4"] * 6
    whole = table.filter(without="")
    assert (whole["difference_ndcg"] == 0).all()
    fold = folds_of(validation.category, 2, 1)
    columns = columns_without(examples, {"network"})
    fewer = SETTINGS | {"share": 0.125}
    own, full = (
        measured(examples, validation, cross_fitted("logistic", examples, fold, some, fewer))["ndcg"]
        for some in (columns, range(len(examples.names)))
    )
    row = table.row(by_predicate=(pl.col("without") == "network") & (pl.col("category") == "all"), named=True)
    assert row["ndcg"] == pytest.approx(own.mean())
    assert row["difference_ndcg"] == pytest.approx((own - full).mean())
    assert row["error_ndcg"] == pytest.approx((own - full).std(ddof=1) / np.sqrt(40))
    assert row["difference_ndcg"] < 0
