import numpy as np
import polars as pl
import pytest
from figure_cases import (
    LGC_ALONE,
    SUBSETS,
    assert_texts_apart,
    curves,
    every_subset,
    history,
    rows_of,
    spiked,
    texts,
)

from segue.errors import SegueError
from segue.figures.loss_recall import loss_recall_paths


def marks(ax, name):
    return [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.get_lines() if line.get_label() == name]


@every_subset
def test_paths_are_loss_and_recall_in_the_order_of_epochs(models):
    table = history(models, epochs=64)
    figure = loss_recall_paths(table.sample(fraction=1, shuffle=True, seed=1), "bpr")
    assert_texts_apart(figure)
    drawn = [item for ax in figure.axes for item in curves(ax).items()]
    assert sorted(name for name, _ in drawn) == sorted(map("-".join, models))
    for name, line in drawn:
        measured = rows_of(table, name.split("-")).drop_nulls("validation_recall")
        assert measured["epoch"].to_list() == [10, 20, 30, 40, 50, 60, 64]
        np.testing.assert_array_equal(line.get_xdata(), measured["validation_loss"])
        np.testing.assert_array_equal(line.get_ydata(), measured["validation_recall"])


@every_subset
def test_every_path_has_a_start_and_an_end(models):
    for ax in loss_recall_paths(history(models), "bpr").axes:
        points = [list(zip(*line.get_data(), strict=True)) for line in curves(ax).values()]
        assert points
        assert marks(ax, "start") == [path[0] for path in points]
        assert marks(ax, "end") == [path[-1] for path in points]


@pytest.mark.parametrize(
    ("models", "titles"),
    [
        ("one hard", ["Hard negatives, learnable α"]),
        ("random", ["Random negatives, fixed α", "Random negatives, learnable α"]),
        ("learnable", ["Random negatives, learnable α", "Hard negatives, learnable α"]),
        ("no common part", ["Random negatives, fixed α", "Hard negatives, learnable α"]),
        (
            "all",
            [
                "Random negatives, fixed α",
                "Hard negatives, fixed α",
                "Random negatives, learnable α",
                "Hard negatives, learnable α",
            ],
        ),
    ],
)
def test_panels_are_samplers_by_alphas_on_the_same_axes(models, titles):
    axes = loss_recall_paths(history(SUBSETS[models]), "bce").axes
    assert [ax.get_title(loc="left") for ax in axes] == titles
    assert len({(ax.get_xlim(), ax.get_ylim()) for ax in axes}) == 1
    assert axes[-1].get_xlabel() == "Validation BCE loss (nats per edge)"


def test_the_legend_says_which_epochs_start_and_end():
    figure = loss_recall_paths(history(SUBSETS["one convolution"], epochs=64), "bpr")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["GAT", "epoch 10", "epoch 64"]


def test_a_spike_is_cut_and_named_only_where_recall_was_measured():
    unmeasured = loss_recall_paths(spiked(history(), 47.25, epoch=3), "bpr")
    assert not [text for text, _ in texts(unmeasured) if "beyond" in text]
    figure = loss_recall_paths(spiked(history(), 47.25, epoch=10), "bpr")
    assert_texts_apart(figure)
    assert [text for text, _ in texts(figure) if "beyond" in text] == [
        "Paths go on beyond the end of the axis; the highest is 47.2 (GAT random, fixed α, epoch 10)"
    ]
    assert figure.axes[0].get_xlim()[1] < 1
    assert curves(figure.axes[0])["gat-random-fixed"].get_xdata()[0] == 47.25


def test_one_epoch_is_a_point():
    figure = loss_recall_paths(history(LGC_ALONE, epochs=1), "bpr")
    assert_texts_apart(figure)
    (ax,) = figure.axes
    assert marks(ax, "start") == marks(ax, "end")


def test_what_cannot_be_drawn_is_named():
    nothing = pl.lit(None, pl.Float64)
    with pytest.raises(SegueError, match="no recall to draw"):
        loss_recall_paths(history().with_columns(validation_recall=nothing), "bpr")
    with pytest.raises(SegueError, match=r"epoch 10\n.*validation_loss None"):
        loss_recall_paths(history().with_columns(validation_loss=nothing), "bpr")
    with pytest.raises(SegueError, match="no column validation_loss"):
        loss_recall_paths(history().drop("validation_loss"), "bpr")


@pytest.mark.parametrize(("scale", "offset"), [(0, 0.4137), (1e-3, 0.02), (100, 0)])
def test_texts_are_apart_at_any_scale(scale, offset):
    table = history().with_columns(pl.col("validation_loss", "validation_recall") * scale + offset)
    assert_texts_apart(loss_recall_paths(table, "bce"))
