"""The figure and the tables of trials."""

import json

import polars as pl
import pytest
from figure_cases import assert_texts_apart

from collect_trials import SCHEMA
from segue.errors import SegueError
from segue.figures.trials import CHOSEN, DROPPED, trials_figure
from segue.report.trials import chosen_table, trial_tables

LGC = [
    # trial, round, epochs, recall, layers, lr, chosen
    ("a", 1, 10, 0.10, 2, 0.01, False),
    ("b", 1, 10, 0.30, 3, 0.01, False),
    ("c", 1, 10, 0.20, 10, 0.01, False),
    ("b", 2, 20, 0.31, 3, 0.01, False),
    ("c", 2, 20, 0.35, 10, 0.01, True),
]
KNN = [("d", 1, None, 0.2, 50, False), ("e", 1, None, 0.25, 9, True)]


@pytest.fixture
def trials():
    rows = [
        (*("lgc-random-fixed", trial, round_, epochs, 20, recall), settings, chosen)
        for trial, round_, epochs, recall, layers, lr, chosen in LGC
        for settings in [json.dumps({"conv.layers": layers, "train.lr": lr})]
    ]
    rows += [
        ("knn", trial, round_, epochs, 20, recall, json.dumps({"neighbours": count}), chosen)
        for trial, round_, epochs, recall, count, chosen in KNN
    ]
    return pl.DataFrame(rows, SCHEMA, orient="row")


def drawn(ax):
    """x, y and colour of each line of a panel."""
    return [(line.get_xdata().tolist(), line.get_ydata().tolist(), line.get_color()) for line in ax.lines]


def test_a_panel_by_epochs_and_one_a_setting_that_differs(trials):
    figure = trials_figure(trials)
    by_epochs, layers, neighbours = figure.axes
    assert [ax.get_xlabel() for ax in figure.axes] == ["epochs", "conv.layers", "neighbours"]
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["LightGCN random, fixed α", "", "Item-kNN"]
    assert [ax.get_ylabel() for ax in figure.axes] == ["Validation Recall@20", "", "Validation Recall@20"]
    assert_texts_apart(figure)
    assert drawn(by_epochs)[0] == ([10], [0.1], DROPPED)
    assert drawn(by_epochs)[2] == ([10, 20], [0.2, 0.35], CHOSEN)
    # Numbers in their order, and of each trial the last round.
    assert [text.get_text() for text in layers.get_xticklabels()] == ["2", "3", "10"]
    assert [(x, y) for x, y, _ in drawn(layers)] == [([0], [0.1]), ([1], [0.31]), ([2], [0.35])]
    assert [text.get_text() for text in neighbours.get_xticklabels()] == ["9", "50"]
    assert drawn(neighbours)[1] == ([0], [0.25], CHOSEN)


def test_a_model_with_many_settings_goes_on_in_a_row_that_says_so(trials):
    many = [{f"conv.{name}": place for name in "abcde"} for place in range(3)]
    table = trials.filter(model="lgc-random-fixed").with_columns(
        settings=pl.col("trial").replace_strict(dict(zip("abc", map(json.dumps, many), strict=True)))
    )
    figure = trials_figure(table)
    assert_texts_apart(figure)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == [
        "LightGCN random, fixed α",
        "",
        "",
        "",
        "LightGCN random, fixed α (further settings)",
        "",
    ]


def test_what_is_missing_is_said(trials):
    with pytest.raises(SegueError, match=r"tune\.parquet[\s\S]*no column settings"):
        trials_figure(trials.drop("settings"))


def test_tables(trials):
    chosen = chosen_table(trials)
    assert chosen.select("model", "setting", "chosen", "tried", "trials").rows() == [
        ("LightGCN random, fixed α", "conv.layers", "10", "2, 3, 10", 3),
        ("LightGCN random, fixed α", "train.lr", "0.01", "0.01", 3),
        ("Item-kNN", "neighbours", "9", "50, 9", 2),
    ]
    assert chosen["validation recall"].to_list() == [0.35, 0.35, 0.25]
    (title, rows), (other, _) = trial_tables(trials)
    assert (title, other) == (
        "LightGCN random, fixed α: validation Recall@20",
        "Item-kNN: validation Recall@20",
    )
    assert rows["round"].to_list() == [2, 2, 1, 1, 1]
    assert rows["chosen"].to_list() == ["chosen", "", "", "", ""]
    assert rows["settings"][0] == "conv.layers 10, train.lr 0.01"
