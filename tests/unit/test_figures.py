import subprocess
import sys
from itertools import combinations, product

import matplotlib
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text

from segue import figures, style
from segue.errors import SegueError

MODELS = list(product(style.CONVS, style.SAMPLERS, style.ALPHAS))
LGC_ALONE = [("lgc", "random", "fixed")]
SUBSETS = {
    "all": MODELS,
    "one": LGC_ALONE,
    "one hard": [("sage", "hard", "learnable")],
    "one convolution": [model for model in MODELS if model[0] == "gat"],
    "random": [model for model in MODELS if model[1] == "random"],
    "hard": [model for model in MODELS if model[1] == "hard"],
    "learnable": [model for model in MODELS if model[2] == "learnable"],
    "no common part": [("lgc", "random", "fixed"), ("gat", "hard", "learnable")],
}
every_subset = pytest.mark.parametrize("models", SUBSETS.values(), ids=SUBSETS)


def history(models=MODELS, epochs=60):
    """Curves that fall, for hard negatives rise again, and differ by less than a label is high."""
    rows = []
    for conv, sampler, alpha in models:
        number = MODELS.index((conv, sampler, alpha))
        for epoch in range(1, epochs + 1):
            share = epoch / epochs
            late = 0.2 * max(0.0, share - 0.5) if sampler == "hard" else 0.0
            measured = epoch % 10 == 0 or epoch == epochs
            rows.append(
                {
                    "conv": conv,
                    "sampler": sampler,
                    "alpha": alpha,
                    "epoch": epoch,
                    "validation_loss": 0.2 + 0.005 * number + 0.48 * np.exp(-6 * share) + late,
                    "validation_recall": 0.7 - 0.01 * number - 0.4 * np.exp(-5 * share) if measured else None,
                    "recall_k": 300,
                }
            )
    return pl.DataFrame(rows).cast({"epoch": pl.Int32, "recall_k": pl.Int32})


def spiked(table, loss, *, epoch, model=("gat", "random", "fixed")):
    return table.with_columns(
        pl.when(pl.col("epoch") == epoch, *(pl.col(name) == value for name, value in keys(model)))
        .then(loss)
        .otherwise("validation_loss")
        .alias("validation_loss")
    )


def keys(model):
    return zip(("conv", "sampler", "alpha"), model, strict=True)


def rows_of(table, model):
    return table.filter(*(pl.col(name) == value for name, value in keys(model))).sort("epoch")


def summary(models=MODELS, k=300):
    names = [name.format(k=k) for name in figures.METRICS]
    rows = [
        {"model": "-".join(model), **dict(keys(model)), "playlists": 1786}
        | {name: 0.5 + 0.05 * i + 0.01 * MODELS.index(model) for i, name in enumerate(names)}
        for model in models
    ]
    popularity = {"model": "popularity", "conv": None, "sampler": None, "alpha": None, "playlists": 1786}
    popularity |= {name: 0.2 + 0.05 * i for i, name in enumerate(names)}
    return pl.DataFrame([*rows, popularity], infer_schema_length=None)


def degrees():
    """Before: playlists of degree 2 (6), 4 (3), 20 (1); tracks of 1 (70), 5 (25), 60 (5); after: from 3."""
    columns = ("stage", "side", "degree", "nodes")
    rows = [
        ("before", "playlist", 4, 3),
        ("before", "playlist", 2, 6),
        ("before", "playlist", 20, 1),
        ("before", "track", 1, 70),
        ("before", "track", 5, 25),
        ("before", "track", 60, 5),
        ("after", "playlist", 3, 2),
        ("after", "playlist", 10, 2),
        ("after", "track", 3, 3),
        ("after", "track", 9, 1),
    ]
    schema = dict(zip(columns, (pl.String, pl.String, pl.UInt32, pl.UInt32), strict=True))
    return pl.DataFrame(rows, schema=schema, orient="row")


def curves(ax):
    """Lines of models by their name."""
    names = {"-".join(model) for model in MODELS}
    return {line.get_label(): line for line in ax.get_lines() if line.get_label() in names}


def layout(figure):
    """Lays the figure out, as texts get their places by drawing only."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    return renderer


def texts(figure):
    """What a reader sees of text, and its box in pixels (an annotation's without its arrow)."""
    renderer = layout(figure)
    ticks = {
        tick.label1: low <= tick.get_loc() <= high
        for ax in figure.axes
        for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim())))
        for tick in axis.get_major_ticks()
    }
    return [
        (text.get_text(), Text.get_window_extent(text, renderer))
        for text in figure.findobj(Text)
        if text.get_text() and text.get_visible() and ticks.get(text, True)
    ]


def overlaps(a, b):
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def assert_texts_apart(figure):
    seen = texts(figure)
    for (text, box), (other, other_box) in combinations(seen, 2):
        assert not overlaps(box, other_box), f"{text!r} lies over {other!r}"
    for text, box in seen:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
        assert inside, f"{text!r} is cut off"


def png(figure, folder):
    path = folder / "figure.png"
    style.save_png(figure, path)
    return path.read_bytes()


# The loss.


@every_subset
def test_loss_lines_are_the_table(models):
    table = history(models)
    figure = figures.loss_curves(table, "bpr")
    drawn = [item for ax in figure.axes for item in curves(ax).items()]
    for name, line in drawn:
        rows = rows_of(table, name.split("-"))
        np.testing.assert_array_equal(line.get_xdata(), rows["epoch"])
        np.testing.assert_array_equal(line.get_ydata(), rows["validation_loss"])
    assert {name for name, _ in drawn} == {"-".join(model) for model in models}


def test_loss_panels_are_random_alone_and_random_with_hard():
    axes = figures.loss_curves(history(), "bpr").axes
    assert [ax.get_title(loc="left") for ax in axes] == [
        "Random negatives, fixed α",
        "Random and hard negatives, fixed α",
        "Random negatives, learnable α",
        "Random and hard negatives, learnable α",
    ]
    assert [len(curves(ax)) for ax in axes] == [3, 6, 3, 6]
    assert list(curves(axes[2])) == ["lgc-random-learnable", "gat-random-learnable", "sage-random-learnable"]
    assert len({(ax.get_xlim(), ax.get_ylim()) for ax in axes}) == 1
    assert [ax.get_ylabel() for ax in axes] == ["Validation BPR loss\n(nats per pair)", ""] * 2
    assert [ax.get_xlabel() for ax in axes] == ["", "", "Epoch", "Epoch"]


@pytest.mark.parametrize(
    ("models", "titles"),
    [
        ("one", ["Random negatives, fixed α"]),
        ("one hard", ["Hard negatives, learnable α"]),
        ("random", ["Random negatives, fixed α", "Random negatives, learnable α"]),
        ("hard", ["Hard negatives, fixed α", "Hard negatives, learnable α"]),
        ("learnable", ["Random negatives, learnable α", "Random and hard negatives, learnable α"]),
        ("no common part", ["Random negatives, fixed α", "Hard negatives, learnable α"]),
    ],
)
def test_no_panel_is_empty_or_repeated(models, titles):
    axes = figures.loss_curves(history(SUBSETS[models]), "bce").axes
    assert [ax.get_title(loc="left") for ax in axes] == titles
    assert all(curves(ax) for ax in axes)
    assert axes[0].get_ylabel() == "Validation BCE loss\n(nats per edge)"


def test_a_spike_is_cut_marked_and_named():
    figure = figures.loss_curves(spiked(history(), 47.25, epoch=3), "bpr")
    left, right = figure.axes[:2]
    assert left.get_ylim()[1] < 0.75
    # The curve itself still goes there.
    assert curves(left)["gat-random-fixed"].get_ydata()[2] == 47.25
    for ax in (left, right):
        (mark,) = (line for line in ax.get_lines() if line.get_label() == "peaks")
        np.testing.assert_array_equal(mark.get_xdata(), [3])
        assert mark.get_color() == style.CONVS["gat"].colour
    notes = [text for text, _ in texts(figure) if text.startswith("▲")]
    assert notes == ["▲ peak above the end of the axis; the highest is 47.2 (GAT random, fixed α, epoch 3)"]


def test_marks_are_at_the_highest_epoch_of_each_run_above_the_axis():
    table = history(LGC_ALONE)
    for epoch, loss in ((4, 5.0), (5, 9.0), (6, 7.0), (9, 4.0)):
        table = spiked(table, loss, epoch=epoch, model=LGC_ALONE[0])
    (ax,) = figures.loss_curves(table, "bpr").axes
    (mark,) = (line for line in ax.get_lines() if line.get_label() == "peaks")
    np.testing.assert_array_equal(mark.get_xdata(), [5, 9])


def test_losses_that_fit_are_not_cut():
    figure = figures.loss_curves(history(), "bpr")
    low, high = figure.axes[0].get_ylim()
    losses = history()["validation_loss"]
    assert low < losses.min() < losses.max() < high
    assert not any(text.startswith("▲") for text, _ in texts(figure))


def test_the_end_of_the_loss_axis():
    # Least 1, second half 2 (u = 2): the axis ends at 1 + 2 (2 - 1) = 3, and 4% of 1 to 3 are added.
    values = [50.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    table = history(LGC_ALONE, epochs=6).with_columns(validation_loss=pl.Series(values))
    assert figures.loss_curves(table, "bpr").axes[0].get_ylim() == pytest.approx((0.92, 3.08))
    # Least 0.1, second half 0.1: ln 2 is higher.
    table = table.with_columns(validation_loss=pl.Series([50.0, 0.1, 0.1, 0.1, 0.1, 0.1]))
    assert figures.loss_curves(table, "bpr").axes[0].get_ylim()[1] == pytest.approx(0.716873, abs=1e-6)


# Recall.


@every_subset
def test_recall_lines_are_the_measured_rows(models):
    table = history(models, epochs=64)
    drawn = {name: line for ax in figures.recall_curves(table).axes for name, line in curves(ax).items()}
    assert set(drawn) == {"-".join(model) for model in models}
    for name, line in drawn.items():
        np.testing.assert_array_equal(line.get_xdata(), [10, 20, 30, 40, 50, 60, 64])
        values = rows_of(table, name.split("-"))["validation_recall"].drop_nulls()
        np.testing.assert_array_equal(line.get_ydata(), values)


def test_recall_panels_are_the_alphas():
    axes = figures.recall_curves(history()).axes
    assert [ax.get_title(loc="left") for ax in axes] == [
        "Random and hard negatives, fixed α",
        "Random and hard negatives, learnable α",
    ]
    assert [len(curves(ax)) for ax in axes] == [6, 6]
    assert len({(ax.get_xlim(), ax.get_ylim()) for ax in axes}) == 1
    assert axes[0].get_ylabel() == "Validation Recall@300\n(share of held-out tracks found)"
    assert [ax.get_xlabel() for ax in axes] == ["Epoch", "Epoch"]


def test_a_history_without_recall_is_refused():
    table = history().with_columns(
        pl.when(pl.col("conv") == "gat").then(None).otherwise("validation_recall").alias("validation_recall")
    )
    with pytest.raises(
        SegueError, match=r"no recall to draw.\n.*gat-random-fixed\n.*null at each of 60 epochs"
    ):
        figures.recall_curves(table)
    with pytest.raises(SegueError, match="no column validation_recall"):
        figures.recall_curves(history().drop("validation_recall"))


def test_different_recalls_are_refused():
    table = pl.concat([history(LGC_ALONE), history(MODELS[5:6]).with_columns(recall_k=pl.lit(100, pl.Int32))])
    with pytest.raises(SegueError, match="found: 100, 300"):
        figures.recall_curves(table)


# What both have in common.


@every_subset
def test_names_stand_outside_at_the_ends_in_their_order(models):
    table = spiked(history(models), 12.5, epoch=2)
    for figure in (figures.loss_curves(table, "bpr"), figures.recall_curves(table)):
        assert_texts_apart(figure)
        for ax in figure.axes:
            ends = {tuple(name.split("-")[:2]): line.get_ydata()[-1] for name, line in curves(ax).items()}
            several = len({sampler for _, sampler in ends}) > 1
            names = [
                style.CONVS[conv].name + (f" {sampler}" if several else "")
                for conv, sampler in sorted(ends, key=ends.get)
            ]
            assert [text.get_text() for text in sorted(ax.texts, key=lambda text: text.xyann[1])] == names
            assert all(Text.get_window_extent(text).x0 > ax.bbox.x1 for text in ax.texts)


def test_one_epoch_is_drawn():
    for figure in (figures.loss_curves(history(epochs=1), "bpr"), figures.recall_curves(history(epochs=1))):
        assert_texts_apart(figure)
        assert all(list(line.get_xdata()) == [1] for ax in figure.axes for line in curves(ax).values())


@given(st.sets(st.sampled_from(MODELS), min_size=1))
@settings(max_examples=12, deadline=None)
def test_any_subset_is_drawn_once_and_leaves_no_panel_empty(models):
    table = history(sorted(models), epochs=20)
    recall = figures.recall_curves(table)
    drawn = [name for ax in recall.axes for name in curves(ax)]
    assert sorted(drawn) == sorted("-".join(model) for model in models)
    loss = figures.loss_curves(table, "bpr")
    assert {name for ax in loss.axes for name in curves(ax)} == set(drawn)
    assert all(curves(ax) for ax in loss.axes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (pl.col("conv").replace("gat", "gin"), "found: gin\n.*lgc or gat or sage"),
        (pl.col("sampler").replace("hard", "soft"), "found: soft"),
        (pl.lit(None, pl.String).alias("alpha"), "found: None"),
        (pl.lit(float("nan")).alias("validation_loss"), "lgc-random-fixed, epoch 1\n.*validation_loss nan"),
        (pl.lit(None, pl.Float64).alias("validation_loss"), "validation_loss None"),
    ],
)
def test_what_cannot_be_drawn_is_named(change, message):
    with pytest.raises(SegueError, match=message):
        figures.loss_curves(history().with_columns(change), "bpr")


def test_an_empty_history_is_refused():
    for draw in (lambda table: figures.loss_curves(table, "bpr"), figures.recall_curves):
        with pytest.raises(SegueError, match="no model to draw"):
            draw(history().clear())


# Test metrics.


@every_subset
def test_metric_markers_are_the_table(models):
    table = summary(models)
    figure = figures.final_metrics(table, 300)
    assert_texts_apart(figure)
    names = [name.format(k=300) for name in figures.METRICS]
    for ax, name in zip(figure.axes, names, strict=True):
        marks = curves(ax)
        values = dict(table.select("model", name).iter_rows())
        assert values.pop("popularity") == next(
            line.get_xdata()[0] for line in ax.get_lines() if line.get_label() == "popularity"
        )
        assert {model: mark.get_xdata()[0] for model, mark in marks.items()} == values
        best = max(values, key=values.get)
        assert f"{values[best]:.3f}" in [text.get_text() for text in ax.texts]
        low, high = ax.get_xlim()
        assert all(low < value < high for value in values.values())


def test_metric_rows_and_titles():
    figure = figures.final_metrics(summary(k=50), 50)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "Recall@50",
        "NDCG@50",
        "Hit rate@50",
        "R-precision",
        "MRR",
        "ROC-AUC",
    ]
    rows = ["LGC fixed α", "LGC learnable α", "GAT fixed α"]
    rows += ["GAT learnable α", "SAGE fixed α", "SAGE learnable α"]
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == rows
    # Both samplers of a convolution and an alpha are on the row of that name.
    for (conv, _, alpha), mark in zip(MODELS, (curves(ax)["-".join(model)] for model in MODELS), strict=True):
        row = rows.index(f"{style.CONVS[conv].name} {style.ALPHAS[alpha]}")
        assert mark.get_ydata() == [ax.get_yticks()[row]]
    assert "Test metrics (1,786 playlists)" in [text for text, _ in texts(figure)]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "random negatives",
        "hard negatives",
    ]


def test_popularity_is_drawn_where_it_has_the_metric():
    table = summary()
    absent = pl.col("model") == "popularity"
    table = table.with_columns(pl.when(absent).then(None).otherwise("roc_auc").alias("roc_auc"))
    lines = [
        [line.get_xdata()[0] for line in ax.get_lines() if line.get_label() == "popularity"]
        for ax in figures.final_metrics(table, 300).axes
    ]
    assert lines == [[0.2], [0.25], [pytest.approx(0.3)], [pytest.approx(0.35)], [0.4], []]
    without = figures.final_metrics(summary().filter(~absent), 300)
    assert not any(line.get_label() == "popularity" for ax in without.axes for line in ax.get_lines())


@pytest.mark.parametrize("value", [0.2, 0.55, 0.9])
def test_popularity_keeps_clear_wherever_it_lies(value):
    name = "recall@300"
    change = pl.when(pl.col("model") == "popularity").then(value).otherwise(name).alias(name)
    assert_texts_apart(figures.final_metrics(summary().with_columns(change), 300))


def test_a_summary_that_lacks_something_is_refused():
    with pytest.raises(SegueError, match="no column recall@7, ndcg@7, hit_rate@7"):
        figures.final_metrics(summary(k=300), 7)
    with pytest.raises(SegueError, match="no model to draw"):
        figures.final_metrics(summary([]), 300)
    missing = pl.when(pl.col("model") == "gat-hard-fixed").then(None).otherwise("mrr").alias("mrr")
    with pytest.raises(SegueError, match=r"summary, gat-hard-fixed\n.*mrr null"):
        figures.final_metrics(summary().with_columns(missing), 300)


# Degrees.


def test_degrees_are_a_complementary_cumulative_distribution():
    figure = figures.degree_distribution(degrees(), 3)
    playlists, tracks = figure.axes
    before, after, core = playlists.get_lines()
    np.testing.assert_array_equal(before.get_xdata(), [2, 4, 20])
    np.testing.assert_allclose(before.get_ydata(), [1, 0.4, 0.1], rtol=1e-15)
    np.testing.assert_array_equal(after.get_xdata(), [3, 10])
    np.testing.assert_array_equal(after.get_ydata(), [1, 0.5])
    np.testing.assert_array_equal(core.get_xdata(), [3, 3])
    np.testing.assert_allclose(tracks.get_lines()[0].get_ydata(), [1, 0.3, 0.05], rtol=1e-15)
    # The share of nodes of degree >= d falls after d, not at d.
    assert before.get_drawstyle() == "steps-pre"
    assert (playlists.get_xscale(), playlists.get_yscale()) == ("log", "log")
    assert playlists.get_ylim() == tracks.get_ylim()


def test_degree_labels():
    playlists, tracks = figures.degree_distribution(degrees(), 3).axes
    # (6 * 2 + 3 * 4 + 20) / 10 = 4.4 and (70 + 25 * 5 + 5 * 60) / 100 = 4.95
    assert [text.get_text() for text in playlists.get_legend().get_texts()] == [
        "before: 10 playlists, mean degree 4.4",
        "after: 4 playlists, mean degree 6.5",
    ]
    assert [text.get_text() for text in tracks.get_legend().get_texts()] == [
        "before: 100 tracks, mean degree 5.0",
        "after: 4 tracks, mean degree 4.5",
    ]
    assert [text.get_text() for text in playlists.texts] == ["K = 3"]
    assert playlists.get_xlabel() == "Degree d (tracks on the playlist)"
    assert playlists.get_ylabel() == "Share of nodes with degree ≥ d"


def test_legends_of_degrees_lie_outside_the_axes():
    figure = figures.degree_distribution(degrees(), 3)
    renderer = layout(figure)
    for ax in figure.axes:
        assert ax.get_legend().get_window_extent(renderer).y0 >= ax.bbox.y1


@pytest.mark.parametrize("k", [1, 3, 20])
def test_degree_texts_are_apart(k):
    assert_texts_apart(figures.degree_distribution(degrees(), k))
    # The whole MPD's size.
    wide = degrees().with_columns(
        pl.col("degree").replace(60, 46_600), pl.col("nodes").replace(70, 2_262_292)
    )
    assert_texts_apart(figures.degree_distribution(wide, k))


def test_degrees_without_a_stage_are_refused():
    with pytest.raises(SegueError, match="stage after, side playlist"):
        figures.degree_distribution(degrees().filter(pl.col("stage") == "before"), 3)


# All figures.


def test_a_convolution_looks_the_same_in_all_figures():
    table = history()
    for figure in (
        figures.loss_curves(table, "bpr"),
        figures.recall_curves(table),
        figures.final_metrics(summary(), 300),
    ):
        for ax in figure.axes:
            for name, line in curves(ax).items():
                conv, sampler, _ = name.split("-")
                look = style.CONVS[conv]
                assert (line.get_color(), line.get_marker()) == (look.colour, look.marker)
                face = look.colour if sampler == "random" else "white"
                assert to_hex(line.get_markerfacecolor()) == to_hex(face)


def test_hard_negatives_are_dashed():
    for figure in (figures.loss_curves(history(), "bpr"), figures.recall_curves(history())):
        for ax in figure.axes:
            styles = {(name.split("-")[1], line.get_linestyle()) for name, line in curves(ax).items()}
            assert styles <= {("random", "-"), ("hard", "--")}


def test_convolutions_differ_without_colour():
    assert len({conv.marker for conv in style.CONVS.values()}) == len(style.CONVS)
    assert len({conv.colour for conv in style.CONVS.values()}) == len(style.CONVS)
    # Triangles are for peaks off the axis.
    assert "^" not in {conv.marker for conv in style.CONVS.values()}


@pytest.mark.parametrize(("scale", "offset"), [(0, 0.4137), (1e-3, 0.02), (100, 0)])
def test_texts_of_curves_are_apart_at_any_scale(scale, offset):
    table = history().with_columns(pl.col("validation_loss", "validation_recall") * scale + offset)
    assert_texts_apart(figures.loss_curves(table, "bce"))
    assert_texts_apart(figures.recall_curves(table))


@pytest.mark.parametrize(("scale", "offset"), [(0, 0.4137), (1e-3, 0.02), (1e-3, 0.95)])
def test_texts_of_metrics_are_apart_at_any_scale(scale, offset):
    names = [name.format(k=300) for name in figures.METRICS]
    assert_texts_apart(figures.final_metrics(summary().with_columns(pl.col(names) * scale + offset), 300))


def draw_all():
    shuffled = spiked(history(), 12.5, epoch=2).sample(fraction=1, shuffle=True, seed=1)
    return [
        figures.loss_curves(shuffled, "bpr"),
        figures.recall_curves(shuffled),
        figures.final_metrics(summary().sample(fraction=1, shuffle=True, seed=1), 300),
        figures.degree_distribution(degrees().sample(fraction=1, shuffle=True, seed=1), 3),
    ]


def test_equal_tables_make_equal_bytes(tmp_path):
    table = spiked(history(), 12.5, epoch=2)
    ordered = [
        figures.loss_curves(table, "bpr"),
        figures.recall_curves(table),
        figures.final_metrics(summary(), 300),
        figures.degree_distribution(degrees(), 3),
    ]
    first = [png(figure, tmp_path) for figure in ordered]
    # Neither the order of rows nor a user's settings change a figure.
    with matplotlib.rc_context({"font.size": 21, "lines.linewidth": 9, "savefig.facecolor": "red"}):
        again = [png(figure, tmp_path) for figure in draw_all()]
        assert matplotlib.rcParams["font.size"] == 21
    assert again == first
    assert not any(b"tEXt" in data for data in first)


def test_pyplot_stays_out():
    code = "import sys, segue.figures; sys.exit('matplotlib.pyplot' in sys.modules)"
    scripts = next(path for path in sys.path if path.endswith("workflow/scripts"))
    subprocess.run([sys.executable, "-c", code], cwd=scripts, check=True)


# Placing of names.


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [
        ([1, 5, 9], [1, 5, 9]),
        ([5, 5], [4, 6]),
        ([6, 4.5], [6.25, 4.25]),
        ([1, 1, 1], [0, 2, 4]),
        ([10, 3, 10], [8, 3, 10]),
        ([0, 0, 10, 10], [0, 2, 8, 10]),
    ],
)
def test_spread_by_hand(wanted, placed):
    np.testing.assert_allclose(style.spread(np.array(wanted, dtype=float), 2, 0, 10), placed)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_spread_keeps_order_distance_and_bounds(wanted):
    wanted = np.array(wanted)
    placed = style.spread(wanted, 11, 0, 100)
    order = np.argsort(wanted, kind="stable")
    assert np.all(np.diff(placed[order]) >= 11 - 1e-9)
    assert placed.min() >= -1e-9
    assert placed.max() <= 100 + 1e-9


def test_spread_starts_at_the_bottom_where_there_is_no_room():
    np.testing.assert_allclose(style.spread(np.array([1.0, 2.0, 3.0]), 2, 0, 3), [0, 2, 4])
