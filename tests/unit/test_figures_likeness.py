import polars as pl
import pytest
from figure_cases import MODELS, assert_texts_apart, curves, every_subset, keys, png, rows_of

from segue.errors import SegueError
from segue.figures.likeness import likeness_curves
from segue.report.tables import labelled, likeness_table, quality_table


def likeness(models=MODELS):
    rows = []
    for model in models:
        number = MODELS.index(model)
        for epoch in (1, 20, 40):
            values = {"mean_cosine": 0.3 + 0.004 * number + 0.001 * epoch, "random_cosine": 0.1}
            rows.append(
                dict(keys(model))
                | {"epoch": epoch, "group": "artists", "artists": 500}
                | values
                | {"low": 0.09, "high": 0.12}
            )
    return pl.DataFrame(rows).cast({"epoch": pl.Int32})


@every_subset
def test_lines_show_what_is_more_than_any_two(models):
    figure = likeness_curves(likeness(models))
    drawn = {name: line for ax in figure.axes for name, line in curves(ax).items()}
    assert set(drawn) == {"-".join(model) for model in models}
    for model in models:
        table = rows_of(likeness(models), model)
        line = drawn["-".join(model)]
        assert line.get_xdata().tolist() == [1, 20, 40]
        assert line.get_ydata() == pytest.approx((table["mean_cosine"] - 0.1).to_list())
    for ax in figure.axes:
        for shade in ax.collections:
            heights = shade.get_paths()[0].vertices[:, 1]
            assert (heights.min(), heights.max()) == pytest.approx((-0.01, 0.02))
        assert len(ax.collections) == len(curves(ax))
        (chance,) = (text for text in ax.texts if text.get_text() == "by chance")
        assert chance.xy[1] == 0
    assert_texts_apart(figure)


def test_equal_tables_make_equal_bytes(tmp_path):
    mixed = likeness().sample(fraction=1, shuffle=True, seed=1)
    assert png(likeness_curves(likeness()), tmp_path) == png(likeness_curves(mixed), tmp_path)


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(SegueError, match="no column low"):
        likeness_curves(likeness().drop("low"))
    with pytest.raises(SegueError, match="no model to draw"):
        likeness_curves(likeness().clear())


def test_the_table_holds_the_last_epoch_of_each_group():
    table = likeness(MODELS[:2]).with_columns(
        group=pl.when(pl.col("epoch") < 40).then(pl.lit("artists")).otherwise("group")
    )
    both = pl.concat([table, table.with_columns(group=pl.lit("Ulné"), artists=pl.lit(1, pl.Int64))])
    listed = likeness_table(labelled(both))
    assert listed["playlists that share"].to_list() == ["one of 500 artists"] * 2 + ["Ulné"] * 2
    assert listed["difference"].to_list() == pytest.approx([0.24, 0.244] * 2)
    assert listed["by chance, from"].to_list() == [0.09] * 4


def test_purity_is_listed_where_it_is_known():
    quality = pl.DataFrame(
        {"conv": ["lgc"], "sampler": ["hard"], "alpha": ["fixed"], "epoch": [20], "playlists": [9]}
    ).with_columns(trustworthiness=pl.lit(0.9), purity=pl.lit(0.8), shuffled_purity=pl.lit(0.1))
    table = quality_table(labelled(quality))
    assert table.row(0)[:3] == ("LightGCN hard, fixed α", 20, 9)
    assert table["times"].to_list() == [pytest.approx(8)]
    bare = quality_table(labelled(quality.drop("purity", "shuffled_purity")))
    assert bare.columns[-1] == "trustworthiness"
