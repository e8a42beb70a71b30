import polars as pl
import pytest
from figure_cases import LGC_ALONE, MODELS, assert_texts_apart, every_subset, summary

from segue.errors import SegueError
from segue.figures.comparison import STROKES, compared_table, run_comparison
from segue.figures.measures import METRICS

NAMES = [name.format(k=300) for name in METRICS]
BASELINE = pl.col("conv").is_null()


def better(table, by):
    """Each metric of the models, but not of baselines, higher by ``by``."""
    metric = pl.col(NAMES)
    return table.with_columns(pl.when(BASELINE).then(metric).otherwise(metric + by).name.keep())


def compared(models=MODELS, runs=("BPR", "BCE")):
    table = {run: better(summary(models), 0.02 * place) for place, run in enumerate(runs)}
    return compared_table(table), list(runs)


def marks(ax, run):
    """By row: the value that a run's mark is at, and the kind of mark."""
    return {
        line.get_ydata()[0]: (line.get_xdata()[0], line.get_marker())
        for line in ax.get_lines()
        if line.get_label() == run
    }


@every_subset
def test_marks_are_the_values_of_each_run(models):
    table, runs = compared(models)
    figure = run_comparison(table, runs, 300)
    assert_texts_apart(figure)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(set(labels)) == len(models)
    for ax, name in zip(figure.axes, NAMES, strict=True):
        low, high = ax.get_xlim()
        for run in runs:
            drawn = marks(ax, run)
            values = table.filter(pl.col("run") == run)[name].to_list()
            assert [drawn[row][0] for row in sorted(drawn)] == values
            assert sorted(drawn) == list(figure.axes[0].get_yticks())
            assert low < min(values) <= max(values) < high


def test_rows_are_named_by_their_models():
    figure = run_comparison(*compared([("lgc", "random", "fixed"), ("gat", "hard", "learnable")]), 300)
    labels = [[label.get_text() for label in ax.get_yticklabels()] for ax in figure.axes]
    blank = ["", ""]
    assert labels == [["LightGCN random, fixed α", "GAT hard, learnable α"], blank, blank] * 2


def test_this_run_is_a_dot_and_each_other_one_a_stroke_of_its_own():
    table, runs = compared(MODELS[:5], ("A", "B", "C", "D", "this"))
    figure = run_comparison(table, runs, 300)
    assert_texts_apart(figure)
    for run, stroke in zip(runs, STROKES, strict=False):
        assert {marker for _, marker in marks(figure.axes[0], run).values()} == {stroke["marker"]}
    assert [marker for _, marker in marks(figure.axes[0], "this").values()] == ["o"] * 4 + ["s"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == runs
    assert len({stroke["marker"] for stroke in STROKES}) == len(STROKES)


def test_a_model_is_marked_only_for_the_runs_that_have_it():
    tables = {"A": summary(MODELS[:2]), "B": summary(MODELS[:2]), "C": summary(LGC_ALONE)}
    ax = run_comparison(compared_table(tables), list(tables), 300).axes[0]
    assert [len(marks(ax, run)) for run in "ABC"] == [2, 2, 1]


@pytest.mark.parametrize("by", [0.0, 1e-6])
def test_texts_are_apart_where_values_are_equal(by):
    tables = {"A": summary(LGC_ALONE), "B": better(summary(LGC_ALONE), by)}
    assert_texts_apart(run_comparison(compared_table(tables), list(tables), 300))


def test_what_cannot_be_drawn_is_named():
    table, runs = compared()
    with pytest.raises(SegueError, match="no column recall@7"):
        run_comparison(table, runs, 7)
    with pytest.raises(SegueError, match=r"comparison, lgc-random-fixed\n.*mrr null"):
        run_comparison(table.with_columns(mrr=pl.when(pl.int_range(pl.len()) > 0).then("mrr")), runs, 300)
    with pytest.raises(SegueError, match=r"5 runs\n.*at most 4"):
        run_comparison(table, [*"abcdef"], 300)
