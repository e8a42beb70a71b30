import polars as pl
import pytest
from figure_cases import MODELS, assert_texts_apart, curves, every_subset, summary, texts

from segue import style
from segue.errors import SegueError
from segue.metrics_figure import METRICS, final_metrics


@every_subset
def test_metric_markers_are_the_table(models):
    table = summary(models)
    figure = final_metrics(table, 300)
    assert_texts_apart(figure)
    names = [name.format(k=300) for name in METRICS]
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
    figure = final_metrics(summary(k=50), 50)
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
        for ax in final_metrics(table, 300).axes
    ]
    assert lines == [[0.2], [0.25], [pytest.approx(0.3)], [pytest.approx(0.35)], [0.4], []]
    without = final_metrics(summary().filter(~absent), 300)
    assert not any(line.get_label() == "popularity" for ax in without.axes for line in ax.get_lines())


@pytest.mark.parametrize("value", [0.2, 0.55, 0.9])
def test_popularity_keeps_clear_wherever_it_lies(value):
    name = "recall@300"
    change = pl.when(pl.col("model") == "popularity").then(value).otherwise(name).alias(name)
    assert_texts_apart(final_metrics(summary().with_columns(change), 300))


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
