import polars as pl
import pytest
from figure_cases import BASELINES, MODELS, SOFTMAX, assert_texts_apart, curves, every_subset, summary, texts

from segue.errors import SegueError
from segue.figures import looks
from segue.figures.measures import METRICS
from segue.figures.metrics import final_metrics
from segue.figures.style import INK
from segue.run.registry import SAMPLERS


def drawn_baselines(ax):
    return {line.get_label(): line.get_xdata()[0] for line in ax.get_lines() if line.get_label() in BASELINES}


def written(ax):
    """By height of the row, what stands right of it."""
    return {text.xy[1]: text.get_text() for text in ax.texts}


def bold(ax):
    return {text.get_text() for text in ax.texts if text.get_weight() == "bold"}


def line_of_the_best(ax):
    return [line.get_xdata()[0] for line in ax.get_lines() if line.get_label() == "best baseline"]


@every_subset
def test_metric_markers_are_the_table(models):
    table = summary(models)
    figure = final_metrics(table, 300)
    assert_texts_apart(figure)
    names = [name.format(k=300) for name in METRICS]
    for ax, name in zip(figure.axes, names, strict=True):
        marks = curves(ax)
        values = dict(table.select("model", name).iter_rows())
        of_baselines = {baseline: values.pop(baseline) for baseline in BASELINES}
        assert drawn_baselines(ax) == of_baselines
        assert line_of_the_best(ax) == [max(of_baselines.values())]
        assert {model: mark.get_xdata()[0] for model, mark in marks.items()} == values
        # Right of each row the highest value of its marks.
        rows = {}
        for line in ax.get_lines():
            if line.get_label() in values | of_baselines:
                rows.setdefault(line.get_ydata()[0], []).append(line.get_xdata()[0])
        assert written(ax) == {row: f"{max(held):.3f}" for row, held in rows.items()}
        assert bold(ax) == {f"{max([*values.values(), *of_baselines.values()]):.3f}"}
        low, high = ax.get_xlim()
        assert all(low < value < high for value in values.values())


def test_metric_rows_and_titles():
    figure = final_metrics(summary(k=50), 50)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "Recall@50",
        "NDCG@50",
        "Hit rate@50",
        "R-precision",
        "MRR",
        "ROC-AUC",
    ]
    rows = ["LightGCN, fixed α", "LightGCN, learnable α", "GAT, fixed α"]
    rows += ["GAT, learnable α", "GraphSAGE, fixed α", "GraphSAGE, learnable α"]
    rows += ["ALS", "Item-kNN", "Popularity", "Baselines"]
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == rows
    heights = dict(zip(rows, ax.get_yticks(), strict=True))
    drawn = {
        line.get_label(): line.get_ydata()[0] for line in ax.get_lines() if line.get_label() in BASELINES
    }
    names = {"als": "ALS", "knn": "Item-kNN", "popularity": "Popularity"}
    assert drawn == {baseline: heights[name] for baseline, name in names.items()}
    assert max(heights[row] for row in rows[:6]) < heights["Baselines"] < heights["ALS"]
    # Both samplers of a convolution and an alpha are on the row of that name.
    for (conv, _, alpha), mark in zip(MODELS, (curves(ax)["-".join(model)] for model in MODELS), strict=True):
        row = rows.index(f"{looks.conv_look(conv).label}, {looks.ALPHAS[alpha]}")
        assert mark.get_ydata() == [ax.get_yticks()[row]]
    assert "Test metrics (1,786 playlists)" in [text for text, _ in texts(figure)]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "random negatives",
        "hard negatives",
        "best baseline",
    ]


def test_a_model_of_another_loss_is_on_its_row_and_told_apart(monkeypatch):
    monkeypatch.setitem(SAMPLERS, "softmax", SOFTMAX)
    models = summary()
    softmax = models.filter(pl.col("model") == "gat-random-fixed").with_columns(
        pl.lit("gat-softmax-fixed").alias("model"), pl.lit("softmax").alias("sampler")
    )
    figure = final_metrics(pl.concat([models, softmax]), 300)
    assert_texts_apart(figure)
    ax = figure.axes[0]
    (mark,) = (line for line in ax.get_lines() if line.get_label() == "gat-softmax-fixed")
    random = curves(ax)["gat-random-fixed"]
    assert mark.get_ydata() == random.get_ydata()
    assert (mark.get_marker(), mark.get_color()) == (random.get_marker(), random.get_color())
    assert (mark.get_markeredgecolor(), random.get_markeredgecolor()) == (INK, random.get_color())
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said == ["random negatives", "hard negatives", "softmax loss", "best baseline"]


def spans(ax, label):
    return sorted(
        (*line.get_xdata(), line.get_ydata()[0]) for line in ax.get_lines() if line.get_label() == label
    )


def test_intervals_and_seeds_are_bars_on_the_row_of_their_model():
    of = {"metric": "mrr", "mean": 0.5}
    errors = [of | {"model": "gat-hard-fixed", "error": 0.01}, of | {"model": "knn", "error": None}]
    seeds = [
        {"model": "gat-hard-fixed", "metric": "mrr", "sd": 0.01, "least": 0.75, "largest": 0.85},
        {"model": "lgc-hard-fixed", "metric": "mrr", "sd": None, "least": 0.5, "largest": 0.5},
    ]
    figure = final_metrics(summary(), 300, pl.DataFrame(errors), pl.DataFrame(seeds))
    assert_texts_apart(figure)
    axes = {ax.get_title(loc="left"): ax for ax in figure.axes}
    ax = axes.pop("MRR")
    (row,) = curves(ax)["gat-hard-fixed"].get_ydata()
    assert spans(ax, "interval") == [(pytest.approx(0.4804), pytest.approx(0.5196), row)]
    assert spans(ax, "seeds") == [(0.75, 0.85, row)]
    assert not any(spans(other, "interval") + spans(other, "seeds") for other in axes.values())
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said[-2:] == ["95% interval", "least to largest seed"]


def test_a_baseline_is_drawn_where_it_has_the_metric():
    absent = pl.col("model") == "knn"
    table = summary().with_columns(pl.when(absent).then(None).otherwise("roc_auc").alias("roc_auc"))
    *others, last = final_metrics(table, 300).axes
    assert all(drawn_baselines(ax).keys() == BASELINES.keys() for ax in others)
    assert drawn_baselines(last).keys() == {"popularity", "als"}
    assert line_of_the_best(others[0]) == [0.48]
    assert line_of_the_best(last) == [pytest.approx(0.46 + 0.25)]
    without = final_metrics(summary().filter(pl.col("conv").is_not_null()), 300)
    assert not any(drawn_baselines(ax) or line_of_the_best(ax) for ax in without.axes)


@pytest.mark.parametrize(("value", "best"), [(0.2, "0.610"), (0.61, "0.610"), (0.9, "0.900")])
def test_the_best_is_bold_whoever_it_is(value, best):
    name = "recall@300"
    change = pl.when(pl.col("model") == "knn").then(value).otherwise(name).alias(name)
    figure = final_metrics(summary().with_columns(change), 300)
    assert_texts_apart(figure)
    ax = figure.axes[0]
    assert bold(ax) == {best}
    rows = dict(zip((label.get_text() for label in ax.get_yticklabels()), ax.get_yticks(), strict=True))
    assert written(ax)[rows["Item-kNN"]] == f"{value:.3f}"


def test_a_blend_is_drawn_above_the_baselines_by_its_name():
    table = summary().with_columns(pl.col("model").replace("knn", "lgc-filter"))
    labels = [label.get_text() for label in final_metrics(table, 300).axes[0].get_yticklabels()]
    assert labels[-5:] == ["lgc-filter", "ALS", "Popularity", "Blends", "Baselines"]
    heights = final_metrics(table, 300).axes[0].get_yticks()
    blend, als, _, blends, baselines = heights[-5:]
    assert blends < blend < baselines < als
    (line,) = [
        line for line in final_metrics(table, 300).axes[0].get_lines() if line.get_label() == "best baseline"
    ]
    assert line.get_xdata()[0] == table.filter(pl.col("model") == "als")["recall@300"].item()


def test_a_summary_that_lacks_something_is_refused():
    with pytest.raises(SegueError, match="no column recall@7, ndcg@7, hit_rate@7"):
        final_metrics(summary(k=300), 7)
    with pytest.raises(SegueError, match="no model to draw"):
        final_metrics(summary([]), 300)
    missing = pl.when(pl.col("model") == "gat-hard-fixed").then(None).otherwise("mrr").alias("mrr")
    with pytest.raises(SegueError, match=r"summary, gat-hard-fixed\n.*mrr null"):
        final_metrics(summary().with_columns(missing), 300)


@pytest.mark.parametrize(("scale", "offset"), [(0, 0.4137), (1e-3, 0.02), (1e-3, 0.95)])
def test_texts_of_metrics_are_apart_at_any_scale(scale, offset):
    names = [name.format(k=300) for name in METRICS]
    assert_texts_apart(final_metrics(summary().with_columns(pl.col(names) * scale + offset), 300))
