"""The challenge's results as figure, tables and caption."""

import polars as pl
import pytest
from figure_cases import LGC_ALONE, MODELS, assert_texts_apart, every_subset, png
from matplotlib.colors import to_hex

from segue.challenge.holdout import CATEGORIES
from segue.challenge.scores import ALL, METRICS, SUMMARY
from segue.errors import SegueError
from segue.figures import looks, style
from segue.figures.challenge import BEST, challenge_results
from segue.figures.looks import STROKES
from segue.report.challenge import by_category, by_contender, caption, held_out, overall, published
from segue.report.winners import ranked, who_won

EVERY_CATEGORY = [str(number) for number in CATEGORIES]
DRAWN = {
    "lone_tracks_of_held_out": 17,
    "categories": [
        {"category": number, "given": category.name, "candidates": 900 - number, "playlists": 200}
        for number, category in CATEGORIES.items()
    ],
}


def summary(models=MODELS, baselines=tuple(STROKES), categories=EVERY_CATEGORY, **changes):
    """Each model is a hundredth better than the one before; ``changes``: R-precision over all by model."""
    rows = []
    names = {"-".join(model): model for model in models} | dict.fromkeys(baselines, (None,) * 3)
    for place, (name, model) in enumerate(names.items()):
        for column, category in enumerate([*categories, ALL]):
            playlists = 200 * (len(categories) if category == ALL else 1)
            value = 0.1 + 0.01 * place + 0.003 * column
            if category == ALL:
                value = changes.get(name.replace("-", "_"), value)
            metrics = value, 2 * value, 9 - 10 * value, value / 2
            rows.append((name, *model, category, playlists, *metrics, 10 * playlists, 4 * playlists, 0.4))
    return pl.DataFrame(rows, schema=SUMMARY, orient="row")


def marks(ax, label):
    (line,) = [line for line in ax.get_lines() if line.get_label() == label]
    return line


@every_subset
def test_marks_are_the_means_by_category(models):
    table = summary(models)
    figure = challenge_results(table)
    assert_texts_apart(figure)
    rows = dict(zip([*EVERY_CATEGORY, ALL, BEST], figure.axes[0].get_yticks(), strict=True))
    # A row holds a lane of networks and one of baselines: 0.14 inches each of 0.41.
    below = 0.5 * 0.14 / 0.41
    labels = {text.get_text() for text in figure.legends[0].get_texts()}
    assert len(labels) == len(models) + len(STROKES)
    for ax, name in zip(figure.axes, METRICS, strict=True):
        low, high = ax.get_xlim()
        for label in labels:
            line = marks(ax, label)
            baseline = [key for key, text in looks.BASELINES.items() if text == label]
            model = baseline or ["-".join(m) for m in models if label == looks.model_label(m)]
            expected = table.filter(pl.col("model") == model[0])
            assert line.get_xdata().tolist() == expected[name].to_list()
            offset = below if baseline else -below
            assert list(line.get_ydata()) == pytest.approx([rows[c] + offset for c in expected["category"]])
            assert low < expected[name].min() <= expected[name].max() < high


def test_graph_networks_are_in_colour_and_baselines_are_dark_strokes():
    ax = challenge_results(summary()).axes[0]
    assert STROKES.keys() == looks.BASELINES.keys()
    for name, marker in STROKES.items():
        line = marks(ax, looks.BASELINES[name])
        assert (line.get_color(), line.get_marker()) == (style.INK, marker)
    lgc = marks(ax, "LightGCN hard, fixed α")
    look = looks.conv_look("lgc")
    assert (lgc.get_color(), lgc.get_marker()) == (look.colour, look.marker)
    assert to_hex(lgc.get_markerfacecolor()) == to_hex("white")
    drawn = {
        (line.get_color(), line.get_marker(), line.get_markersize(), to_hex(line.get_markerfacecolor()))
        for line in ax.get_lines()
        if line.get_linestyle() == "None"
    }
    assert len(drawn) == len(MODELS) + len(STROKES) + 1


def test_what_is_published_stands_in_the_last_row():
    figure = challenge_results(summary(LGC_ALONE))
    for ax, value in zip(figure.axes, (0.2241, 0.3946, 1.784), strict=True):
        line = marks(ax, "published")
        assert (line.get_xdata()[0], line.get_ydata()[0]) == (value, figure.axes[0].get_yticks()[-1])
        low, high = ax.get_xlim()
        assert low < value < high
        assert f"{value:g}" in {text.get_text() for text in ax.texts}
    assert any("hidden set and with the full MPD" in text.get_text() for text in figure.texts)


def test_some_categories_alone():
    figure = challenge_results(summary(LGC_ALONE, categories=["4", "10"]))
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["first 5", "title, 100 random", "all playlists", BEST]


def test_equal_tables_make_equal_bytes(tmp_path):
    table = summary()
    shuffled = table.sample(fraction=1, shuffle=True, seed=1)
    assert png(challenge_results(table), tmp_path) == png(challenge_results(shuffled), tmp_path)


def test_what_cannot_be_drawn():
    with pytest.raises(SegueError, match="no model to draw"):
        challenge_results(summary([], []))
    with pytest.raises(SegueError, match="clicks"):
        challenge_results(summary().drop("clicks"))


def test_a_blend_has_its_name_and_a_stroke_that_no_baseline_has():
    ax = challenge_results(summary(LGC_ALONE, ["lgc-filter", "knn"])).axes[0]
    assert marks(ax, "lgc-filter").get_color() == style.INK
    assert marks(ax, "lgc-filter").get_marker() not in STROKES.values()


def test_who_won():
    table = summary(LGC_ALONE, ["popularity", "knn"], popularity=0.05, knn=0.25)
    assert list(who_won(table)) == [
        "R-precision: the baseline Item-kNN is best with 0.2500; "
        "the best graph network, LightGCN random, fixed α, follows with 0.1300.",
        "NDCG: the baseline Item-kNN is best with 0.5000; "
        "the best graph network, LightGCN random, fixed α, follows with 0.2600.",
        "Clicks: the baseline Item-kNN is best with 6.500; "
        "the best graph network, LightGCN random, fixed α, follows with 7.700.",
    ]
    table = summary(LGC_ALONE, ["mixed", "knn"], mixed=0.4, knn=0.25)
    assert next(who_won(table)) == (
        "R-precision: the blend mixed is best with 0.4000; the best baseline, Item-kNN, follows with 0.2500; "
        "the best graph network, LightGCN random, fixed α, follows with 0.1300."
    )
    table = summary(LGC_ALONE, ["popularity", "knn"], popularity=0.05, knn=0.1)
    assert next(who_won(table)) == (
        "R-precision: the graph network LightGCN random, fixed α is best with 0.1300; "
        "the best baseline, Item-kNN, follows with 0.1000."
    )
    table = summary(LGC_ALONE, ["knn"], lgc_random_fixed=0.1, knn=0.1)
    assert next(who_won(table)).endswith("the best baseline, Item-kNN, equals it.")
    assert next(who_won(summary(LGC_ALONE, []))) == (
        "R-precision: the graph network LightGCN random, fixed α is best with 0.1300."
    )


def test_fewer_clicks_are_better():
    table = summary(LGC_ALONE, ["popularity", "knn"], popularity=0.05, knn=0.25)
    order = ["knn", "lgc-random-fixed", "popularity"]
    assert [ranked(table, metric)["model"].to_list() for metric in METRICS] == [order] * 3


def test_tables():
    table = summary(LGC_ALONE, ["knn"], categories=["4", "10"])
    assert overall(table).rows() == [
        ("lgc-random-fixed", *(pytest.approx(value) for value in (0.106, 0.212, 7.94, 0.053))),
        ("knn", *(pytest.approx(value) for value in (0.116, 0.232, 7.84, 0.058))),
    ]
    assert published().rows() == [("best of 113 teams, full MPD, hidden set", 0.2241, 0.3946, 1.784)]
    assert published().columns == overall(table).columns[:-1] == ["model", "R-precision", "NDCG", "Clicks"]
    assert by_contender(table, "ndcg").rows() == [
        (name, *by_category(table, "ndcg")[name]) for name in ("LightGCN random, fixed α", "Item-kNN")
    ]
    assert by_category(table, "ndcg").rows() == [
        ("first 5", pytest.approx(0.2), pytest.approx(0.22)),
        ("title, 100 random", pytest.approx(0.206), pytest.approx(0.226)),
    ]
    assert held_out(summary(LGC_ALONE), DRAWN).rows()[3] == ("first 5", 896, 200, 2000, 800, 0.4)


def test_the_caption_says_who_won_and_what_is_published():
    text = "\n\n".join(caption(summary(LGC_ALONE, ["knn"], knn=0.3), DRAWN))
    assert "2,000 whole playlists" in text
    assert "40.0% of the 20,000 tracks to be found are in the graph" in text
    assert "17 more are on no other playlist" in text
    assert "- R-precision: the baseline Item-kNN is best with 0.3000" in text
    assert "R-precision 0.2241, NDCG 0.3946, Clicks 1.784" in text
    without = "\n\n".join(caption(summary(LGC_ALONE), DRAWN | {"lone_tracks_of_held_out": 0}))
    assert "no other playlist" not in without
