"""Second stages fitted with scikit-learn, which serving them does not need."""

import numpy as np
from numpy.typing import NDArray

from segue.rerank.logistic import GROUPS, Logistic, groups_of
from segue.rerank.trees import COLUMNS, LEAVES, Trees


def fit_trees(
    values: NDArray[np.float32],
    relevant: NDArray[np.bool_],
    weight: NDArray[np.float64],
    *,
    trees: int,
    leaves: int,
    depth: int,
    learning_rate: float,
    l2: float,
    least: int,
    seed: int,
) -> Trees:
    """Gradient boosting of the log-loss by histograms; ``scores`` are log-odds.

    ``values``: [F, rows], features first, NaN where missing; ``relevant``, ``weight``: [rows]. ``trees`` of
    at most ``leaves`` leaves and ``depth`` levels, each leaf of at least ``least`` rows. All rows are used:
    none are put aside for stopping early. ``seed`` draws the rows that bins are made of.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=trees,
        max_leaf_nodes=min(leaves, LEAVES),
        max_depth=depth,
        learning_rate=learning_rate,
        l2_regularization=l2,
        min_samples_leaf=least,
        early_stopping=False,
        random_state=seed,
    ).fit(values.T, relevant, sample_weight=weight)
    tables = [predictor.nodes for (predictor,) in model._predictors]
    whole = np.concatenate(tables)
    leaf = whole["is_leaf"].astype(bool)
    source = {
        "feature": np.where(leaf, -1, whole["feature_idx"]),
        "threshold": np.where(leaf, 0, whole["num_threshold"]),
        "missing_left": np.where(leaf, 0, whole["missing_go_to_left"]),
        "left": np.where(leaf, 0, whole["left"]),
        "right": np.where(leaf, 0, whole["right"]),
        "value": np.where(leaf, whole["value"], 0),
    }
    nodes = {name: source[name].astype(kind) for name, kind in COLUMNS.items()}
    offsets = np.append(0, np.cumsum([len(table) for table in tables])).astype(np.int64)
    return Trees(nodes, offsets, float(model._baseline_prediction[0, 0]), len(values))


def fit_logistic(
    values: NDArray[np.float32],
    relevant: NDArray[np.bool_],
    weight: NDArray[np.float64],
    given: NDArray[np.integer],
    *,
    penalty: float,
) -> Logistic:
    r"""Of each group that minimises the sum of the weighted log-losses and :math:`\frac{\lambda}{2} |w|^2`.

    ``values``: [F, rows], features first; ``given``: [rows] numbers of given tracks; ``penalty``: λ of
    standardised features. Newton's steps, so that the result is the minimum whatever the rows' order. A group
    without a row to find and one not to find takes the coefficients of the nearest that has.
    """
    from sklearn.linear_model import LogisticRegression

    group, features = groups_of(given), len(values)
    mean, weights = np.zeros((len(GROUPS), features)), np.zeros((len(GROUPS), features))
    scale, intercept = np.ones((len(GROUPS), features)), np.zeros(len(GROUPS))
    fitted = [g for g in range(len(GROUPS)) if 0 < relevant[group == g].sum() < (group == g).sum()]
    for g in fitted:
        own = group == g
        rows = values[:, own].astype(np.float64)
        known = ~np.isnan(rows)
        counts = np.maximum((known * weight[own]).sum(axis=1), 1e-12)
        mean[g] = (np.where(known, rows, 0) * weight[own]).sum(axis=1) / counts
        centred = np.where(known, rows - mean[g][:, None], 0)
        spread = np.sqrt((centred**2 * weight[own]).sum(axis=1) / counts)
        scale[g] = np.where(spread > 1e-9, spread, 1)
        model = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-6, max_iter=100)
        model.fit((centred / scale[g][:, None]).T, relevant[own], sample_weight=weight[own])
        weights[g], intercept[g] = model.coef_[0], model.intercept_[0]
    for g in set(range(len(GROUPS))) - set(fitted):
        near = min(fitted, key=lambda other: (abs(other - g), other))
        mean[g], scale[g], weights[g], intercept[g] = mean[near], scale[near], weights[near], intercept[near]
    return Logistic(mean, scale, weights, intercept)
