import numpy as np
import polars as pl
import pytest
from figure_cases import (
    LGC_ALONE,
    MODELS,
    SUBSETS,
    assert_texts_apart,
    curves,
    every_subset,
    history,
    rows_of,
    spiked,
    texts,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

from segue.errors import SegueError
from segue.figures import looks
from segue.figures.curves import auc_curves, loss_curves, recall_curves

# The loss.


@every_subset
def test_loss_lines_are_the_table(models):
    table = history(models)
    figure = loss_curves(table, "bpr")
    drawn = [item for ax in figure.axes for item in curves(ax).items()]
    for name, line in drawn:
        rows = rows_of(table, name.split("-"))
        np.testing.assert_array_equal(line.get_xdata(), rows["epoch"])
        np.testing.assert_array_equal(line.get_ydata(), rows["validation_loss"])
    assert {name for name, _ in drawn} == {"-".join(model) for model in models}


LABELS = {
    loss_curves: "Validation BPR loss\n(nats per pair)",
    recall_curves: "Validation Recall@300\n(share of held-out tracks)",
    auc_curves: "Validation ROC-AUC\n(edges above a negative)",
}


@pytest.mark.parametrize("draw", LABELS)
def test_a_panel_holds_the_models_that_were_trained_alike(draw):
    axes = draw(history(), *["bpr"] * (draw is loss_curves)).axes
    assert [ax.get_title(loc="left") for ax in axes] == [
        "Random negatives, fixed α",
        "Hard negatives, fixed α",
        "Random negatives, learnable α",
        "Hard negatives, learnable α",
    ]
    ways = ("random-fixed", "hard-fixed", "random-learnable", "hard-learnable")
    for ax, way in zip(axes, ways, strict=True):
        assert list(curves(ax)) == [f"{conv}-{way}" for conv in ("lgc", "gat", "sage")]
    assert len({(ax.get_xlim(), ax.get_ylim()) for ax in axes}) == 1
    assert [ax.get_ylabel() for ax in axes] == [LABELS[draw], ""] * 2
    assert [ax.get_xlabel() for ax in axes] == ["", "", "Epoch", "Epoch"]


def test_three_ways_to_train_stand_beside_each_other():
    models = [model for model in MODELS if model[1:] != ("hard", "learnable")]
    axes = recall_curves(history(models)).axes
    assert [ax.get_title(loc="left") for ax in axes] == [
        "Random negatives, fixed α",
        "Hard negatives, fixed α",
        "Random negatives, learnable α",
    ]
    assert len({ax.get_position().y0 for ax in axes}) == 1


@pytest.mark.parametrize(
    ("models", "titles"),
    [
        ("one", ["Random negatives, fixed α"]),
        ("one hard", ["Hard negatives, learnable α"]),
        ("random", ["Random negatives, fixed α", "Random negatives, learnable α"]),
        ("hard", ["Hard negatives, fixed α", "Hard negatives, learnable α"]),
        ("learnable", ["Random negatives, learnable α", "Hard negatives, learnable α"]),
        ("no common part", ["Random negatives, fixed α", "Hard negatives, learnable α"]),
    ],
)
def test_no_panel_is_empty_or_repeated(models, titles):
    axes = loss_curves(history(SUBSETS[models]), "bce").axes
    assert [ax.get_title(loc="left") for ax in axes] == titles
    assert all(curves(ax) for ax in axes)
    assert axes[0].get_ylabel() == "Validation BCE loss\n(nats per edge)"


def test_a_spike_is_cut_marked_and_named():
    figure = loss_curves(spiked(history(), 47.25, epoch=3), "bpr")
    left, *others = figure.axes
    assert left.get_ylim()[1] < 0.75
    # The curve itself still goes there.
    assert curves(left)["gat-random-fixed"].get_ydata()[2] == 47.25
    (mark,) = (line for line in left.get_lines() if line.get_label() == "peaks")
    np.testing.assert_array_equal(mark.get_xdata(), [3])
    assert mark.get_color() == looks.conv_look("gat").colour
    assert not [line for ax in others for line in ax.get_lines() if line.get_label() == "peaks"]
    notes = [text for text, _ in texts(figure) if text.startswith("▲")]
    assert notes == ["▲ peak above the end of the axis; the highest is 47.2 (GAT random, fixed α, epoch 3)"]


def test_marks_are_at_the_highest_epoch_of_each_run_above_the_axis():
    table = history(LGC_ALONE)
    for epoch, loss in ((4, 5.0), (5, 9.0), (6, 7.0), (9, 4.0)):
        table = spiked(table, loss, epoch=epoch, model=LGC_ALONE[0])
    (ax,) = loss_curves(table, "bpr").axes
    (mark,) = (line for line in ax.get_lines() if line.get_label() == "peaks")
    np.testing.assert_array_equal(mark.get_xdata(), [5, 9])


def test_curves_that_come_from_above_have_no_peak_there():
    table = history(LGC_ALONE)
    for epoch, loss in ((1, 9.0), (2, 5.0)):
        table = spiked(table, loss, epoch=epoch, model=LGC_ALONE[0])
    figure = loss_curves(table, "softmax")
    assert "peaks" not in [line.get_label() for line in figure.axes[0].get_lines()]
    assert [text for text, _ in texts(figure) if "the highest" in text] == [
        "Curves come from above the end of the axis; the highest is 9 (LightGCN random, fixed α, epoch 1)"
    ]


def test_losses_that_fit_are_not_cut():
    figure = loss_curves(history(), "bpr")
    low, high = figure.axes[0].get_ylim()
    losses = history()["validation_loss"]
    assert low < losses.min() < losses.max() < high
    assert not any(text.startswith("▲") for text, _ in texts(figure))


def test_the_end_of_the_loss_axis():
    # Least 1, second half 2 (u = 2): the axis ends at 1 + 1.5 (2 - 1) = 2.5, and 4% of 1 to 2.5 are added.
    values = [50.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    table = history(LGC_ALONE, epochs=6).with_columns(validation_loss=pl.Series(values))
    assert loss_curves(table, "bpr").axes[0].get_ylim() == pytest.approx((0.94, 2.56))
    # Least 0.1, second half 0.1: ln 2 is higher.
    table = table.with_columns(validation_loss=pl.Series([50.0, 0.1, 0.1, 0.1, 0.1, 0.1]))
    assert loss_curves(table, "bpr").axes[0].get_ylim()[1] == pytest.approx(0.716873, abs=1e-6)


def test_a_model_that_diverges_does_not_press_the_others_flat():
    gat = pl.col("conv") == "gat", pl.col("sampler") == "hard", pl.col("alpha") == "fixed"
    diverged = (
        pl.when(*gat).then(pl.col("epoch") ** 2.0).otherwise("validation_loss").alias("validation_loss")
    )
    figure = loss_curves(history().with_columns(diverged), "bce")
    assert_texts_apart(figure)
    # The least loss and the highest settled one are those of the other models.
    others = history().filter(~pl.all_horizontal(gat))
    assert figure.axes[0].get_ylim() == pytest.approx(loss_curves(others, "bce").axes[0].get_ylim(), rel=0.1)
    notes = [text for text, _ in texts(figure) if text.startswith("▲")]
    assert notes == ["▲ peak above the end of the axis; the highest is 3.6e+03 (GAT hard, fixed α, epoch 60)"]


def test_two_models_of_which_one_diverges():
    table = history([*LGC_ALONE, ("gat", "hard", "fixed")], epochs=2)
    losses = pl.Series([1.0, 1.0, 5000.0, 7000.0])
    _, right = loss_curves(table.with_columns(validation_loss=losses), "bpr").axes
    assert right.get_ylim()[1] < 1.1
    # Alone it has the axis for itself.
    (ax,) = loss_curves(table.with_columns(validation_loss=losses)[2:], "bpr").axes
    assert ax.get_ylim()[0] < 5000 < 7000 < ax.get_ylim()[1]


# Recall.


@every_subset
def test_recall_lines_are_the_measured_rows(models):
    table = history(models, epochs=64)
    drawn = {name: line for ax in recall_curves(table).axes for name, line in curves(ax).items()}
    assert set(drawn) == {"-".join(model) for model in models}
    for name, line in drawn.items():
        np.testing.assert_array_equal(line.get_xdata(), [10, 20, 30, 40, 50, 60, 64])
        values = rows_of(table, name.split("-"))["validation_recall"].drop_nulls()
        np.testing.assert_array_equal(line.get_ydata(), values)


def test_a_history_without_recall_is_refused():
    table = history().with_columns(
        pl.when(pl.col("conv") == "gat").then(None).otherwise("validation_recall").alias("validation_recall")
    )
    with pytest.raises(
        SegueError, match=r"no recall to draw.\n.*gat-random-fixed\n.*null at each of 60 epochs"
    ):
        recall_curves(table)
    with pytest.raises(SegueError, match="no column validation_recall"):
        recall_curves(history().drop("validation_recall"))


def test_different_recalls_are_refused():
    table = pl.concat([history(LGC_ALONE), history(MODELS[5:6]).with_columns(recall_k=pl.lit(100, pl.Int32))])
    with pytest.raises(SegueError, match="found: 100, 300"):
        recall_curves(table)


# ROC-AUC.


@every_subset
def test_auc_lines_are_the_table(models):
    table = history(models)
    figure = auc_curves(table)
    assert_texts_apart(figure)
    drawn = {name: line for ax in figure.axes for name, line in curves(ax).items()}
    assert set(drawn) == {"-".join(model) for model in models}
    for name, line in drawn.items():
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 61))
        np.testing.assert_array_equal(line.get_ydata(), rows_of(table, name.split("-"))["validation_auc"])


@pytest.mark.parametrize(("lowest", "start"), [(0.7, 0.5), (0.3, 0.3)])
def test_the_auc_axis_starts_at_guessing_or_below(lowest, start):
    auc = pl.Series([lowest, 0.9])
    (ax,) = auc_curves(history(LGC_ALONE, epochs=2).with_columns(validation_auc=auc)).axes
    low, high = ax.get_ylim()
    assert low < start < 0.9 < high
    assert start - low == pytest.approx(high - 0.9)


def test_an_auc_that_is_no_number_is_named():
    for value in (None, float("nan")):
        table = history().with_columns(validation_auc=pl.lit(value, pl.Float64))
        with pytest.raises(SegueError, match=f"lgc-random-fixed, epoch 1\n.*validation_auc {value}"):
            auc_curves(table)


# What they have in common.


@every_subset
def test_names_stand_outside_at_the_ends_in_their_order(models):
    table = spiked(history(models), 12.5, epoch=2)
    for figure in (loss_curves(table, "bpr"), recall_curves(table)):
        assert_texts_apart(figure)
        for ax in figure.axes:
            ends = {name.split("-")[0]: line.get_ydata()[-1] for name, line in curves(ax).items()}
            names = [f"{ends[conv]:.3f} {looks.conv_look(conv).label}" for conv in sorted(ends, key=ends.get)]
            assert [text.get_text() for text in sorted(ax.texts, key=lambda text: text.xyann[1])] == names
            assert all(Text.get_window_extent(text).x0 > ax.bbox.x1 for text in ax.texts)


def test_one_epoch_is_drawn():
    for figure in (loss_curves(history(epochs=1), "bpr"), recall_curves(history(epochs=1))):
        assert_texts_apart(figure)
        assert all(list(line.get_xdata()) == [1] for ax in figure.axes for line in curves(ax).values())


@given(st.sets(st.sampled_from(MODELS), min_size=1))
@settings(max_examples=12, deadline=None)
def test_any_subset_is_drawn_once_and_leaves_no_panel_empty(models):
    table = history(sorted(models), epochs=20)
    recall = recall_curves(table)
    drawn = [name for ax in recall.axes for name in curves(ax)]
    assert sorted(drawn) == sorted("-".join(model) for model in models)
    loss = loss_curves(table, "bpr")
    assert {name for ax in loss.axes for name in curves(ax)} == set(drawn)
    assert all(curves(ax) for ax in loss.axes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (pl.col("conv").replace("gat", None), "column conv\n.*found: None"),
        (pl.col("sampler").replace("hard", "soft"), "found: soft"),
        (pl.lit(None, pl.String).alias("alpha"), "found: None"),
        (pl.lit(float("nan")).alias("validation_loss"), "lgc-random-fixed, epoch 1\n.*validation_loss nan"),
        (pl.lit(None, pl.Float64).alias("validation_loss"), "validation_loss None"),
    ],
)
def test_what_cannot_be_drawn_is_named(change, message):
    with pytest.raises(SegueError, match=message):
        loss_curves(history().with_columns(change), "bpr")


def test_an_empty_history_is_refused():
    for draw in (lambda table: loss_curves(table, "bpr"), recall_curves):
        with pytest.raises(SegueError, match="no model to draw"):
            draw(history().clear())


def test_hard_negatives_are_dashed():
    for figure in (loss_curves(history(), "bpr"), recall_curves(history())):
        for ax in figure.axes:
            styles = {(name.split("-")[1], line.get_linestyle()) for name, line in curves(ax).items()}
            assert styles <= {("random", "-"), ("hard", "--")}


@pytest.mark.parametrize(("scale", "offset"), [(0, 0.4137), (1e-3, 0.02), (100, 0)])
def test_texts_of_curves_are_apart_at_any_scale(scale, offset):
    table = history().with_columns(pl.col("validation_loss", "validation_recall") * scale + offset)
    assert_texts_apart(loss_curves(table, "bce"))
    assert_texts_apart(recall_curves(table))
