import polars as pl
import pytest
from figure_cases import LGC_ALONE, MODELS, summary

from segue.errors import SegueError
from segue.figures.comparison import compared_table

BASELINE = pl.col("conv").is_null()


def scaled(table, factor):
    """The metrics of the models, but not of baselines, times ``factor``."""
    metrics = pl.selectors.float()
    return table.with_columns(pl.when(BASELINE).then(metrics).otherwise(metrics * factor).name.keep())


def test_models_of_two_runs_stand_in_the_order_of_figures_then_of_runs():
    table = compared_table({"B": summary(MODELS[::-1][:3]), "A": summary([MODELS[0], *MODELS[-2:]])})
    names = ["sage-hard-fixed", "sage-hard-learnable"]
    assert table.select("model", "run").rows() == [(name, run) for name in names for run in "BA"]
    assert table.columns == ["run", *summary().columns]


def test_values_are_each_run_s_own():
    table = compared_table({"A": summary(), "B": scaled(summary(), 0.5)})
    for run, factor in (("A", 1.0), ("B", 0.5)):
        got = table.filter(pl.col("run") == run).drop("run").sort("model")
        assert got.equals(scaled(summary(), factor).filter(~BASELINE).sort("model"))


def test_a_model_needs_two_of_three_runs():
    runs = {"A": summary(MODELS[:2]), "B": summary(MODELS[1:3]), "C": summary(MODELS[2:4])}
    pairs = compared_table(runs).select("model", "run").rows()
    second, third = ("-".join(model) for model in MODELS[1:3])
    assert sorted(pairs) == sorted([(second, "A"), (second, "B"), (third, "B"), (third, "C")])


def test_a_metric_that_one_run_lacks_is_null():
    table = compared_table({"A": summary().drop("mrr"), "B": summary()})
    assert table.filter(pl.col("run") == "A")["mrr"].null_count() == 12
    assert table.filter(pl.col("run") == "B")["mrr"].null_count() == 0


def test_one_run_is_nothing_to_compare():
    with pytest.raises(SegueError, match="no other run to compare with"):
        compared_table({"A": summary()})


def test_no_model_in_common_is_an_error():
    with pytest.raises(SegueError, match="A: lgc-random-fixed; B: lgc-random-learnable"):
        compared_table({"A": summary(LGC_ALONE), "B": summary(MODELS[1:2])})


def test_runs_that_were_tested_differently_are_refused():
    def third(factor):
        popular = pl.when(BASELINE).then(pl.col("mrr") * factor).otherwise("mrr").alias("mrr")
        return {"A": summary(), "B": summary(), "C": summary().with_columns(popular)}

    assert compared_table(third(1 + 1e-9)).height == 36
    with pytest.raises(SegueError, match="not tested on the same edges") as error:
        compared_table(third(1.001))
    assert error.value.where == "mrr of the ranking by popularity"
    assert error.value.found == "A: 0.4, C: 0.4004"


def test_other_numbers_of_playlists_are_another_test():
    with pytest.raises(SegueError, match="playlists of the ranking by popularity"):
        compared_table({"A": summary(), "B": summary().with_columns(playlists=pl.lit(17))})


def test_a_table_without_popularity_or_models_is_refused():
    with pytest.raises(SegueError, match=r"summary of B\n.*0 rows of model popularity"):
        compared_table({"A": summary(), "B": summary().filter(~BASELINE)})
    with pytest.raises(SegueError, match=r"no model to draw.\n.*summary of B"):
        compared_table({"A": summary(), "B": summary([])})
