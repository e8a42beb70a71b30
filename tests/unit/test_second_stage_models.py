"""Trees and regressions of the second stage: against scikit-learn, by hand, and as damaged files."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from segue.errors import SegueError
from segue.rerank.fit import fit_logistic, fit_trees
from segue.rerank.logistic import GROUPS, Logistic, groups_of
from segue.rerank.trees import COLUMNS, Trees

NAN = np.nan


def stump(**columns):
    """x_0 <= 0.5, or missing: 1; else x_1 <= 2: 10, else 100, as a missing one."""
    nodes = {
        "feature": [0, -1, 1, -1, -1],
        "threshold": [0.5, 0, 2, 0, 0],
        "missing_left": [1, 0, 0, 0, 0],
        "left": [1, 0, 3, 0, 0],
        "right": [2, 0, 4, 0, 0],
        "value": [0, 1, 0, 10, 100],
    } | columns
    return {name: np.array(nodes[name], dtype=kind) for name, kind in COLUMNS.items()}


def one_tree(nodes, base=0.0):
    return Trees(nodes, np.array([0, len(nodes["feature"])]), base, 2)


def test_a_tree_by_hand():
    values = np.array([[0.5, NAN, 0.6, 9, 0.6], [9, 9, 2, 2.1, NAN]], dtype=np.float32)
    assert one_tree(stump(), base=0.25).scores(values[:, None]).tolist() == [
        [1.25, 1.25, 10.25, 100.25, 100.25]
    ]


def test_many_rows_part_by_part():
    values = np.random.default_rng(1).normal(1, 1, (2, 3, 3001)).astype(np.float32)
    expected = np.where(values[0] <= 0.5, 1, np.where(values[1] <= 2, 10, 100))
    assert (one_tree(stump()).scores(values) == expected).all()


def test_two_trees_add_up():
    whole = {name: np.concatenate([column, column]) for name, column in stump().items()}
    trees = Trees(whole, np.array([0, 5, 10]), 0.0, 2)
    assert trees.scores(np.float32([[[1]], [[0]]])).tolist() == [[20]]


def test_a_leaf_alone_is_a_tree():
    leaf = {
        name: np.array([{"feature": -1, "value": 3}.get(name, 0)], dtype=kind)
        for name, kind in COLUMNS.items()
    }
    assert one_tree(leaf, base=1.0).scores(np.zeros((2, 1, 2), np.float32)).tolist() == [[4, 4]]


THRESHOLDS = st.floats(-1e300, 1e300, allow_nan=False) | st.just(np.inf) | st.floats(-2, 2)


@given(THRESHOLDS, st.floats(width=32, allow_nan=False) | st.floats(-2, 2, width=32))
def test_float32_values_are_compared_with_float64_thresholds(threshold, value):
    trees = one_tree(stump(threshold=[threshold, 0, 2, 0, 0]))
    expected = 1 if float(np.float32(value)) <= threshold else 10
    assert trees.scores(np.float32([[[value]], [[0]]])).tolist() == [[expected]]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 32), st.integers(1, 8))
def test_trees_are_those_of_scikit_learn(seed, leaves, depth):
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(6, 900)).astype(np.float32)
    values[1] = np.round(values[1])
    values[2][generator.random(900) < 0.3] = NAN
    values[3] = values[3] > 0
    relevant = values[0] + values[1] + np.nan_to_num(values[2], nan=1.5) + values[3] > 1.5
    weight = generator.uniform(0.5, 2, 900)
    asked = {"learning_rate": 0.1, "l2": 1.0, "least": 5, "seed": 1, "depth": depth, "leaves": leaves}
    trees = fit_trees(values, relevant, weight, trees=20, **asked)
    model = HistGradientBoostingClassifier(
        max_iter=20,
        max_leaf_nodes=leaves,
        max_depth=depth,
        learning_rate=0.1,
        l2_regularization=1.0,
        min_samples_leaf=5,
        early_stopping=False,
        random_state=1,
    ).fit(values.T, relevant, sample_weight=weight)
    found = trees.scores(values.reshape(6, 3, 300)).ravel()
    np.testing.assert_allclose(found, model.decision_function(values.T), atol=1e-6)
    again = fit_trees(values, relevant, weight, trees=20, **asked)
    assert all((again.tensors()[name] == array).all() for name, array in trees.tensors().items())
    assert (Trees.of(trees.tensors(), 6).scores(values) == found).all()


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"left": [0, 0, 3, 0, 0]}, "not behind its parent"),  # a cycle
        ({"right": [5, 0, 4, 0, 0]}, "not behind its parent"),
        ({"left": [2, 0, 3, 0, 0]}, "child of two"),
        ({"feature": [2, -1, 1, -1, -1]}, "a feature numbered 2"),
        ({"feature": [-2, -1, 1, -1, -1]}, "or -2"),
        ({"threshold": [NAN, 0, 2, 0, 0]}, "a threshold"),
        ({"threshold": [-np.inf, 0, 2, 0, 0]}, "a threshold"),
        ({"value": [0, NAN, 0, 10, 100]}, "a leaf whose value is not finite"),
        ({"value": [0, np.inf, 0, 10, 100]}, "a leaf whose value is not finite"),
        ({"missing_left": [2, 0, 0, 0, 0]}, "neither 0 nor 1"),
    ],
)
def test_damaged_trees_are_refused(columns, found):
    with pytest.raises(SegueError, match=found):
        one_tree(stump(**columns))


def test_trees_of_wrong_sizes_are_refused():
    nodes = stump()
    for offsets in ([0], [0, 4], [1, 5], [0, 5, 5], [0, 6, 5]):
        with pytest.raises(SegueError, match="offsets"):
            Trees(nodes, np.array(offsets), 0.0, 2)
    with pytest.raises(SegueError, match="columns of"):
        Trees(nodes | {"left": nodes["left"][:-1]}, np.array([0, 5]), 0.0, 2)
    with pytest.raises(SegueError, match="finite"):
        Trees(nodes, np.array([0, 5]), NAN, 2)
    tensors = one_tree(nodes).tensors()
    for wrong in ({"value": tensors["value"].astype(np.float32)}, {"base": np.zeros(2)}):
        with pytest.raises(SegueError, match="does not hold its trees"):
            Trees.of(tensors | wrong, 2)
    with pytest.raises(SegueError, match="no threshold"):
        Trees.of({name: array for name, array in tensors.items() if name != "threshold"}, 2)


def test_a_tree_of_too_many_leaves_is_refused():
    inner = 32  # a comb: each right child is inner, but for the last
    nodes = {name: np.zeros(2 * inner + 1, dtype=kind) for name, kind in COLUMNS.items()}
    nodes["feature"][1::2] = -1
    nodes["feature"][-1] = -1
    nodes["left"][0:-1:2], nodes["right"][0:-1:2] = np.arange(1, 64, 2), np.arange(2, 65, 2)
    with pytest.raises(SegueError, match="a tree of 33 leaves"):
        one_tree(nodes)


def test_groups_by_given_tracks():
    assert groups_of(np.array([0, 1, 2, 5, 10, 11, 25, 26, 100])).tolist() == [0, 1, 2, 2, 2, 3, 3, 4, 4]


def test_a_regression_by_hand():
    shape = len(GROUPS), 2
    mean, scale, weights = np.zeros(shape), np.ones(shape), np.zeros(shape)
    mean[1], scale[1], weights[1] = [1, 2], [2, 4], [3, 5]
    model = Logistic(mean, scale, weights, np.array([7.0, 0.5, 0, 0, 0]))
    values = np.array([[[9, 9], [3, NAN]], [[9, 9], [6, 2]]], dtype=np.float32)
    assert model.scores(values, np.array([0, 1])).tolist() == [[7, 7], [3 + 5 + 0.5, 0.5]]


def examples(seed, rows=400):
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(3, rows)).astype(np.float32)
    values[1] = 5 + 2 * values[1]
    relevant = generator.random(rows) < 1 / (1 + np.exp(-values[0]))
    return values, relevant, generator.uniform(0.5, 2, rows), np.resize([0, 1, 5, 11, 100], rows)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_a_regression_is_at_its_minimum(seed):
    """Where the gradient of the penalised loss vanishes, in each group."""
    values, relevant, weight, known = examples(seed)
    model = fit_logistic(values, relevant, weight, known, penalty=5.0)
    for g in range(len(GROUPS)):
        own = groups_of(known) == g
        rows = (values[:, own].T - model.mean[g]) / model.scale[g]
        np.testing.assert_allclose((rows * weight[own, None]).sum(0), 0, atol=1e-3)
        odds = rows @ model.weights[g] + model.intercept[g]
        missed = weight[own] * (1 / (1 + np.exp(-odds)) - relevant[own])
        np.testing.assert_allclose(missed @ rows + 5 * model.weights[g], 0, atol=1e-3)
        np.testing.assert_allclose(missed.sum(), 0, atol=1e-3)


def test_a_group_without_examples_takes_the_nearest():
    values, relevant, weight, known = examples(1)
    few = np.isin(known, [1, 100])
    model = fit_logistic(values[:, few], relevant[few], weight[few], known[few], penalty=5.0)
    assert (model.weights[0] == model.weights[1]).all()
    assert (model.weights[2] == model.weights[1]).all()
    assert (model.weights[3] == model.weights[4]).all()
    assert (model.weights[1] != model.weights[4]).all()


def test_a_damaged_regression_is_refused():
    values, relevant, weight, known = examples(1)
    model = fit_logistic(values, relevant, weight, known, penalty=5.0)
    tensors = model.tensors()
    assert dataclasses.asdict(Logistic.of(tensors, 3)).keys() == tensors.keys()
    for wrong in (
        {"weights": tensors["weights"][:, :2]},
        {"mean": tensors["mean"] * NAN},
        {"intercept": tensors["intercept"].astype(np.float32)},
        {"scale": tensors["scale"] * 0},
    ):
        with pytest.raises(SegueError, match="regression of a second stage is damaged"):
            Logistic.of(tensors | wrong, 3)
