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
)
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.figures.alpha import FREE, alpha_curves, layer_weight_curves

PAIRS = list(dict.fromkeys(model[:2] for model in MODELS))
LEARNABLE = SUBSETS["learnable"]


def both(pairs):
    return [(conv, sampler, alpha) for conv, sampler in pairs for alpha in ("fixed", "learnable")]


def titles(figure):
    return [ax.get_title(loc="left") for ax in figure.axes]


# Fixed against learnable.


@given(st.sets(st.sampled_from(PAIRS), min_size=1), st.sets(st.sampled_from(MODELS)))
@settings(max_examples=15)
def test_models_with_both_alphas_are_drawn_and_no_others(pairs, more):
    models = sorted({*both(pairs), *more})
    table = history(models, epochs=24)
    figure = alpha_curves(table)
    paired = {model[:2] for model in models if {*both([model[:2]])} <= {*models}}
    drawn = [curves(ax) for ax in figure.axes]
    assert sorted(map(sorted, drawn)) == sorted(sorted(map("-".join, both([pair]))) for pair in paired)
    for name, line in (item for panel in drawn for item in panel.items()):
        measured = rows_of(table, name.split("-")).drop_nulls("validation_recall")
        np.testing.assert_array_equal(line.get_xdata(), [10, 20, 24])
        np.testing.assert_array_equal(line.get_ydata(), measured["validation_recall"])


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_alpha_panels_are_convolutions_by_samplers(count):
    figure = alpha_curves(history(both([pair for sampler in (0, 1) for pair in PAIRS[sampler::2]][:count])))
    assert_texts_apart(figure)
    names = ["LightGCN", "GAT", "GraphSAGE"]
    expected = [f"{name}, {sampler} negatives" for sampler in ("random", "hard") for name in names]
    assert titles(figure) == expected[:count]
    assert len({(ax.get_xlim(), ax.get_ylim()) for ax in figure.axes}) == 1
    for ax in figure.axes:
        ends = [f"{line.get_ydata()[-1]:.3f} {name.split('-')[2]}" for name, line in curves(ax).items()]
        assert sorted(text.get_text() for text in ax.texts) == sorted(ends)


def test_more_than_three_convolutions_go_on_in_a_next_row():
    more = [
        rows_of(history(), ("lgc", sampler, alpha)).with_columns(conv=pl.lit(conv))
        for conv in ("GraphConv", "TransformerConv")
        for sampler in ("random", "hard")
        for alpha in ("fixed", "learnable")
    ]
    figure = alpha_curves(pl.concat([history(), *more]))
    assert_texts_apart(figure)
    rows = {}
    for ax in figure.axes:
        rows.setdefault(round(ax.get_position().y0, 6), []).append(ax.get_title(loc="left"))
    names = [["LightGCN", "GAT", "GraphSAGE"], ["GraphConv", "TransformerConv"]]
    assert list(rows.values()) == [
        [f"{name}, {sampler} negatives" for name in row] for sampler in ("random", "hard") for row in names
    ]


def test_alphas_differ_without_colour_and_fixed_lies_on_top():
    (ax,) = alpha_curves(history(both([("gat", "hard")]))).axes
    fixed, learnable = (curves(ax)[f"gat-hard-{alpha}"] for alpha in ("fixed", "learnable"))
    assert learnable.get_linewidth() > 2 * fixed.get_linewidth()
    assert fixed.get_alpha() is None
    assert learnable.get_alpha() < 0.5
    assert fixed.get_zorder() > learnable.get_zorder()
    assert fixed.get_color() == learnable.get_color()


@pytest.mark.parametrize("models", ["one", "learnable", "no common part"])
def test_no_pair_of_alphas_is_an_error(models):
    with pytest.raises(SegueError, match="both fixed and learnable alpha") as error:
        alpha_curves(history(SUBSETS[models]))
    assert error.value.found == ", ".join(map("-".join, SUBSETS[models]))
    assert "sweep.alpha" in error.value.fix


def test_a_history_without_recall_is_refused():
    table = history(both([("lgc", "hard")])).with_columns(validation_recall=pl.lit(None, pl.Float64))
    with pytest.raises(SegueError, match="no recall to draw"):
        alpha_curves(table)


# Layer weights.


@every_subset
def test_layer_lines_are_the_weights_of_each_layer(models):
    learnable = [model for model in models if model[2] == "learnable"]
    table = history(models)
    if not learnable:
        with pytest.raises(SegueError, match=r"no model with learnable layer weights.*(\n.*)*sweep.alpha"):
            layer_weight_curves(table)
        return
    figure = layer_weight_curves(table)
    assert_texts_apart(figure)
    assert FREE in [text.get_text() for text in figure.texts]
    by_panel = sorted(learnable, key=lambda model: model[1], reverse=True)  # random above hard
    for ax, (conv, sampler, alpha) in zip(figure.axes, by_panel, strict=True):
        layers = 4 if conv == "lgc" else 3
        weights = np.array(rows_of(table, (conv, sampler, alpha))["layer_weights"].to_list())
        lines = {line.get_label(): line for line in ax.get_lines()}
        later = [f"layer {layer}" for layer in range(1, layers + 1)]
        assert list(lines) == ["fixed", "layer 0 (input)", *later]
        np.testing.assert_array_equal(lines["fixed"].get_ydata(), [1 / (layers + 1)] * 2)
        drawn = np.array([line.get_ydata() for name, line in lines.items() if name != "fixed"])
        np.testing.assert_array_equal(drawn.T, weights)
        assert {text.get_text() for text in ax.texts} == {f"fixed 1/{layers + 1}", *lines} - {"fixed"}


def test_layers_get_darker():
    (ax,) = layer_weight_curves(history([("sage", "random", "learnable")])).axes
    colours = [line.get_color() for line in ax.get_lines() if line.get_label() != "fixed"]
    greys = np.array(colours) @ (0.3, 0.6, 0.1)
    assert np.all(np.diff(greys) < -0.05)


def test_the_axis_holds_negative_weights_and_the_fixed_one():
    table = history([("gat", "hard", "learnable")], epochs=2)
    weights = pl.Series([[0.5, 0.5, 0.6, 0.7], [-0.3, 0.5, 0.6, 0.9]])
    (ax,) = layer_weight_curves(table.with_columns(layer_weights=weights)).axes
    low, high = ax.get_ylim()
    assert low < -0.3 < 0.9 < high
    (ax,) = layer_weight_curves(table.with_columns(layer_weights=pl.Series([[0.5] * 4, [0.6] * 4]))).axes
    assert ax.get_ylim()[0] < 0.25


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (pl.Series([[0.2, float("nan")]]), "lgc-random-learnable, epoch 1\n.*layer_weights nan"),
        (pl.Series([None], dtype=pl.List(pl.Float64)), "layer_weights None"),
    ],
)
def test_weights_that_are_no_numbers_are_named(weights, message):
    table = history([("lgc", "random", "learnable")], epochs=1).with_columns(layer_weights=weights)
    with pytest.raises(SegueError, match=message):
        layer_weight_curves(table)
    with pytest.raises(SegueError, match="no column layer_weights"):
        layer_weight_curves(history(LGC_ALONE).drop("layer_weights"))


def test_one_epoch_is_drawn():
    table = history(both(PAIRS), epochs=1)
    for figure in (alpha_curves(table), layer_weight_curves(history(LEARNABLE, epochs=1))):
        assert_texts_apart(figure)
        assert len(figure.axes) == 6
        # A line of one point is seen by its mark alone.
        lines = [line for ax in figure.axes for line in ax.get_lines() if line.get_label() != "fixed"]
        assert all(line.get_marker() != "None" and line.get_markersize() > 0 for line in lines)


@pytest.mark.parametrize(("scale", "offset"), [(0, 0.4137), (1e-3, 0.02), (100, 0)])
def test_texts_are_apart_at_any_scale(scale, offset):
    weight = pl.col("layer_weights").list.eval(pl.element() * scale + offset)
    table = history().with_columns(weight, validation_recall=pl.col("validation_recall") * scale + offset)
    assert_texts_apart(alpha_curves(table))
    assert_texts_apart(layer_weight_curves(table))
