"""The figures of where artists and albums help, and of cold tracks."""

import polars as pl
import pytest
from figure_cases import assert_texts_apart, png
from hetero_tables import FAMILIES, GAINS, HALF, cold, popularity

from segue.errors import SegueError
from segue.figures.cold import cold_recall
from segue.figures.looks import conv_look, drawn_as
from segue.figures.popularity import recall_by_popularity


def drawn(draw, *arguments):
    with drawn_as(FAMILIES):
        return draw(*arguments)


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_recall_and_gain_of_each_family_by_quarter():
    table = popularity()
    figure = drawn(recall_by_popularity, table, 300)
    assert_texts_apart(figure)
    assert [ax.get_title(loc="left") for ax in figure.axes[::2]] == [
        "LightGCN softmax, fixed α",
        "GraphSAGE softmax, fixed α",
    ]
    top, bottom = figure.axes[:2]
    both = lines(top)["lgc_both-softmax-fixed"]
    expected = table.filter(model="lgc_both-softmax-fixed", k=300).sort("quarter")["recall"]
    assert both.get_ydata().tolist() == expected.to_list()
    assert both.get_xdata().round().tolist() == [1, 2, 3, 4]
    assert lines(bottom)["lgc_both-softmax-fixed"].get_ydata() == pytest.approx(GAINS["artist+album"])
    assert not len(lines(bottom)["lgc-softmax-fixed"].get_ydata())
    ends = [path.vertices[:, 1] for path in bottom.collections[1].get_paths()]
    assert ends[0] == pytest.approx([GAINS["artist"][0] - HALF, GAINS["artist"][0] + HALF])
    assert {"popularity", "knn"} < set(lines(top))
    low, high = bottom.get_ylim()
    assert low < min(map(min, GAINS.values())) - HALF
    assert high > max(map(max, GAINS.values())) + HALF


def test_marks_of_a_quarter_stand_side_by_side_in_the_order_of_the_legend():
    figure = drawn(recall_by_popularity, popularity(("lgc",)), 300)
    names = ["lgc", "lgc_artist", "lgc_album", "lgc_both"]
    places = [lines(figure.axes[0])[f"{name}-softmax-fixed"].get_xdata()[0] for name in names]
    assert places == sorted(set(places))
    assert sum(places) / 4 == pytest.approx(1)
    with drawn_as(FAMILIES):
        assert [text.get_text() for text in figure.legends[0].get_texts()] == [
            conv_look(name).label for name in names
        ]


def test_a_line_of_the_legend_is_a_family():
    table = popularity().filter(pl.col("model") != "sage_artist-softmax-fixed")
    figure = drawn(recall_by_popularity, table, 300)
    assert_texts_apart(figure)
    places = {}
    for text in figure.legends[0].get_texts():
        if text.get_text():
            line = round(text.get_window_extent().y0)
            places.setdefault(line, []).append(text.get_text().partition(" ")[0])
    assert [{*names} for _, names in sorted(places.items(), reverse=True)] == [{"LightGCN"}, {"GraphSAGE"}]
    assert [len(names) for _, names in sorted(places.items(), reverse=True)] == [4, 3]


def test_models_without_relations_alone_gain_nothing():
    figure = drawn(recall_by_popularity, popularity(gains={}), 300)
    assert_texts_apart(figure)
    assert figure.axes[1].get_ylim()[0] < 0 < figure.axes[1].get_ylim()[1]


def test_cold_tracks_beside_what_needs_no_model():
    table = cold()
    figure = drawn(cold_recall, table)
    assert_texts_apart(figure)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        f"{family} softmax, fixed α: among {among} tracks"
        for among in ("cold", "all")
        for family in ("LightGCN", "GraphSAGE")
    ]
    among_all = lines(figure.axes[2])
    rows = table.filter(model="lgc_artist-softmax-fixed", among="all").sort("k")
    assert among_all["lgc_artist-softmax-fixed"].get_ydata().tolist() == rows["recall"].to_list()
    for name in ("random", "artist popularity", "artist overlap"):
        own = table.filter(model=name, among="all").sort("k")
        assert among_all[name].get_ydata().tolist() == own["recall"].to_list()
    assert [text.get_text() for text in figure.axes[2].get_xticklabels()] == ["10", "20", "300"]


def test_cut_offs_that_hold_every_candidate_say_nothing():
    table = cold(ks=(10, 20, 300)).with_columns(
        pl.when(pl.col("k") == 300, pl.col("among") == "cold").then(1.0).otherwise("recall").alias("recall")
    )
    figure = drawn(cold_recall, table)
    numbers = [len(lines(ax)["lgc_artist-softmax-fixed"].get_xdata()) for ax in figure.axes[::2]]
    assert numbers == [2, 3]


def test_equal_tables_make_equal_bytes(tmp_path):
    cases = (recall_by_popularity, popularity(("lgc",)), [300]), (cold_recall, cold(("lgc",)), [])
    for draw, table, further in cases:
        mixed = table.sample(fraction=1, shuffle=True, seed=1)
        first, again = (png(drawn(draw, each, *further), tmp_path) for each in (table, mixed))
        assert first == again


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(SegueError, match="no column gain"):
        recall_by_popularity(popularity().drop("gain"), 300)
    with pytest.raises(SegueError, match="no model to draw"):
        recall_by_popularity(popularity(), 7)
    nameless = popularity().filter(model="lgc-softmax-fixed").with_columns(like=None).cast({"like": str})
    with pytest.raises(SegueError, match="no family"):
        recall_by_popularity(nameless, 300)
    with pytest.raises(SegueError, match="no column among"):
        cold_recall(cold().drop("among"))
    with pytest.raises(SegueError, match="reference of an unknown kind"):
        cold_recall(cold().with_columns(model=cold()["model"].replace({"random": "chance"})))
