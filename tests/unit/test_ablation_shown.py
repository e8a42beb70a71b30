"""What each channel brings: figure, tables and the answer in words, from a table by hand."""

import re

import polars as pl
import pytest
from figure_cases import assert_texts_apart, png

from segue.challenge.scores import ALL, METRICS
from segue.challenge.second_stage import ABLATION
from segue.errors import SegueError
from segue.figures.ablation import CHANNEL, COLUMNS, GROUP, NOTE, ablation_figure, gains_of
from segue.report.ablation import ablation_by_category, ablation_table, answer
from tabulate_ablation import tabulate_ablation

CATEGORIES = ("1", "10")
# What is left out: NDCG's difference and error. A channel may have the name of its group.
LEFT_OUT = {
    ("", False): (0.0, 0.0),
    ("title", True): (-0.04, 0.002),
    ("networks", True): (-0.001, 0.002),
    ("noise", True): (0.01, 0.002),
    ("title", False): (-0.03, 0.002),
    ("knn", False): (-0.004, 0.002),
}


def ablation(left_out=LEFT_OUT):
    rows = []
    for (without, group), (difference, error) in left_out.items():
        for place, category in enumerate((ALL, *CATEGORIES)):
            own = difference * (1 + 0.5 * place)
            metrics = {
                "r_precision": (0.25, own / 2, error),
                "ndcg": (0.4, own, error),
                "clicks": (1.5, -10 * own, error),
            }
            row = {"without": without, "group": group, "kind": "trees", "category": category, "playlists": 50}
            for name, (value, change, about) in metrics.items():
                row |= {name: value + change, f"difference_{name}": change, f"error_{name}": about}
            rows.append(row)
    return pl.DataFrame(rows, schema=ABLATION)


def lines(ax, label):
    return [line for line in ax.get_lines() if line.get_label() == label]


def test_more_is_better_of_every_metric():
    gains = gains_of(ablation()).filter(without="title", group=True, category="10").row(0, named=True)
    assert [gains[name] for name in METRICS] == pytest.approx([0.04, 0.08, 0.8])
    assert set(COLUMNS) <= set(ABLATION)


def test_rows_are_groups_then_channels_what_is_missed_most_first():
    figure = ablation_figure(ablation())
    assert_texts_apart(figure)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["title", "networks", "noise", "title", "Item-kNN"]
    for top, gains in zip(figure.axes[::2], ((0.02, 0.002), (0.04, 0.004), (0.4, 0.04)), strict=True):
        marks = lines(top, "gain")
        assert [mark.get_color() for mark in marks] == [GROUP] * 3 + [CHANNEL] * 2
        assert [marks[0].get_xdata()[0], marks[4].get_xdata()[0]] == pytest.approx(gains)
        assert [mark.get_ydata()[0] for mark in marks] == [0, 1, 2, 3, 4]
        low, high = lines(top, "error")[0].get_xdata()
        assert (high - low) == pytest.approx(2 * 0.002)
    assert NOTE not in figure.texts[-1].get_text()
    assert NOTE in ablation_figure(ablation(), invented=True).texts[-1].get_text()


def test_cells_are_the_gains_by_category():
    ndcg = ablation_figure(ablation()).axes[3]
    cells = {tuple(map(round, text.get_position())): text.get_text() for text in ndcg.texts}
    # Of networks, in row 1, the gain is within its error.
    assert {cell: text for cell, text in cells.items() if cell[1] in (0, 1, 2)} == {
        (0, 0): "60",
        (1, 0): "80",
        (0, 2): "-15",
        (1, 2): "-20",
    }
    assert [label.get_text() for label in ndcg.get_xticklabels()] == ["title only", "title, 100 random"]


def test_equal_tables_make_equal_bytes(tmp_path):
    table = ablation()
    shuffled = table.sample(fraction=1, shuffle=True, seed=1)
    assert png(ablation_figure(table), tmp_path) == png(ablation_figure(shuffled), tmp_path)


def test_what_cannot_be_drawn():
    with pytest.raises(SegueError, match="no channel to draw"):
        ablation_figure(ablation({("", False): (0.0, 0.0)}))
    with pytest.raises(SegueError, match="error_ndcg"):
        ablation_figure(ablation().drop("error_ndcg"))


def test_tables():
    groups = ablation_table(ablation(), group=True)
    assert groups["without"].to_list() == ["title", "networks", "noise"]
    assert groups.columns[:3] == ["without", "R-precision", "± R-precision"]
    assert groups.row(0)[1:] == pytest.approx((-0.02, 0.002, -0.04, 0.002, 0.4, 0.002))
    assert ablation_table(ablation(), group=False)["without"].to_list() == ["title", "Item-kNN"]
    by_category = ablation_by_category(ablation(), "ndcg")
    assert by_category.columns == ["given", "title", "networks", "noise"]
    assert by_category.row(1)[0] == "title, 100 random"
    assert by_category.row(1)[1:] == pytest.approx((-0.08, -0.002, 0.02))


def test_the_answer_says_what_adds_nothing():
    how, less, more, unsure, bound = answer(ablation(), invented=True)
    assert "on 50 validation playlists" in how
    assert "R-precision 0.2500, NDCG 0.4000, Clicks 1.5000" in how
    assert less.endswith("or more: title (-0.0400, standard error 0.0020).")
    assert "more NDCG, by 2 standard errors or more: noise" in more
    assert "they add nothing that is sure: networks (-0.0010, standard error 0.0020)." in unsure
    assert "upper bound" in bound
    assert len([*answer(ablation(), invented=False)]) == 4


def test_the_page(tmp_path):
    ablation().write_parquet(tmp_path / "ablation")
    tabulate_ablation(str(tmp_path / "ablation"), str(tmp_path / "page"), invented=True)
    titles = re.findall("<h2>(.*?)</h2>", (tmp_path / "page").read_text())
    assert titles[:2] == ["Differences without a group of channels", "Differences without a channel"]
    assert len(titles) == 2 + len(METRICS)
