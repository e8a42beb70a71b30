"""What convolutions with relations, or like others, are called, and how figures draw and order them."""

import polars as pl
import pytest
from figure_cases import PAIRED, assert_texts_apart, history, keys, png, summary
from matplotlib.colors import rgb_to_hsv, to_rgb

from segue.figures.alpha import alpha_curves
from segue.figures.curves import recall_curves
from segue.figures.likeness import likeness_curves
from segue.figures.looks import conv_look, convs_in, drawn_as, family_of, model_label
from segue.figures.loss_recall import loss_recall_paths
from segue.figures.metrics import final_metrics
from segue.report.tables import labelled, metric_tables
from segue.run.families import conv_label, families_of

BLOCKS = {
    "dim": 8,
    "lgc": {"layers": 3},
    "sage": {"layers": 1},
    "lgc_artist": {"like": "lgc", "relations": {"kinds": ["artist"]}},
    "lgc_both": {"like": "lgc"},
    "sage_both": {"like": "sage"},
}
KINDS = {
    "lgc": [],
    "sage": [],
    "lgc_artist": ["artist"],
    "lgc_both": ["artist", "album"],
    "sage_both": ["artist", "album"],
}
FAMILIES = families_of(BLOCKS, KINDS)


def test_only_what_differs_from_its_family_is_told():
    assert FAMILIES == {
        "lgc_artist": {"like": "lgc", "kinds": ["artist"]},
        "lgc_both": {"like": "lgc", "kinds": ["artist", "album"]},
        "sage_both": {"like": "sage", "kinds": ["artist", "album"]},
    }
    assert families_of({"lgc": {}, "gat": {}}, {"lgc": [], "gat": []}) == {}


@pytest.mark.parametrize(
    ("conv", "expected"),
    [
        ("lgc", "LightGCN"),
        ("lgc_artist", "LightGCN + artist"),
        ("sage_both", "GraphSAGE + artist + album"),
        ("mine", "mine"),
    ],
)
def test_names_say_family_and_kinds(conv, expected):
    assert conv_label(conv, FAMILIES) == expected


def test_what_family_and_kinds_do_not_tell_apart_has_its_own_name():
    blocks = BLOCKS | {"deep": {"like": "lgc"}, "mean": {"like": "lgc_both"}, "own": {"class": "TAGConv"}}
    blocks["own_both"] = {"like": "own"}
    families = families_of(blocks, KINDS | {"deep": [], "mean": ["artist", "album"], "own_both": ["artist"]})
    assert conv_label("deep", families) == "LightGCN (deep)"
    assert conv_label("mean", families) == "LightGCN + artist + album (mean)"
    assert conv_label("lgc_both", families) == "LightGCN + artist + album (lgc_both)"
    assert conv_label("own_both", families) == "own + artist"
    # Where the whole run has relations, the plain block has them too.
    everywhere = families_of({"lgc": {}}, {"lgc": ["artist"]})
    assert conv_label("lgc", everywhere) == "LightGCN + artist"


def test_looks_keep_the_hue_of_the_family_and_differ_within_it():
    with drawn_as(FAMILIES):
        looks = {conv: conv_look(conv) for conv in KINDS}
        assert model_label(("lgc_both", "softmax", "fixed")) == "LightGCN + artist + album softmax, fixed α"
        assert [family_of(conv) for conv in KINDS] == ["lgc", "sage", "lgc", "lgc", "sage"]
    assert len({(look.colour, look.marker) for look in looks.values()}) == len(looks)
    for conv in ("lgc_artist", "lgc_both"):
        hues = [rgb_to_hsv(to_rgb(looks[name].colour)) for name in ("lgc", conv)]
        assert hues[0][0] == pytest.approx(hues[1][0], abs=0.02)
        assert hues[0][2] > hues[1][2]
    assert looks["lgc"] == conv_look("lgc")
    assert conv_look("lgc_artist").label == "lgc_artist"  # outside


def test_a_family_stands_together():
    table = pl.DataFrame({"conv": ["sage", "sage_both", "lgc_both", "mine", "lgc", "lgc_artist", None]})
    assert convs_in(table) == ["lgc", "sage", "lgc_artist", "lgc_both", "mine", "sage_both"]
    with drawn_as(FAMILIES):
        assert convs_in(table) == ["lgc", "lgc_artist", "lgc_both", "sage", "sage_both", "mine"]


MODELS = [(conv, sampler, "fixed") for conv in KINDS for sampler in PAIRED]


def of_families(table, alpha="fixed"):
    """``table`` of the registry's models, with those of ``KINDS`` as further ones."""
    rows = []
    for number, (conv, sampler, _) in enumerate(MODELS):
        model = conv, sampler, alpha
        own = table.filter(conv=conv.partition("_")[0], sampler=sampler, alpha=alpha)
        rows.append(own.with_columns(pl.lit(value).alias(key) for key, value in keys(model)))
        rows[-1] = rows[-1].with_columns(pl.selectors.float() + 0.003 * number)
        if "model" in table.columns:
            rows[-1] = rows[-1].with_columns(model=pl.lit("-".join(model)))
    return pl.concat(rows)


def likeness():
    table = history().filter(pl.col("epoch") % 20 == 0)
    recall = pl.col("validation_auc")
    return of_families(table).with_columns(
        mean_cosine=recall, random_cosine=recall / 4, low=recall / 5, high=recall / 3
    )


FIGURES = {
    "alpha": lambda: alpha_curves(pl.concat([of_families(history()), of_families(history(), "learnable")])),
    "recall": lambda: recall_curves(of_families(history())),
    "loss_recall": lambda: loss_recall_paths(of_families(history()), "bpr"),
    "metrics": lambda: final_metrics(of_families(summary()), 300),
    "likeness": lambda: likeness_curves(likeness()),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_figures_name_them_and_their_texts_stand_apart(draw, tmp_path):
    with drawn_as(FAMILIES):
        figure = draw()
    assert_texts_apart(figure)
    seen = " ".join(text.get_text() for text in figure.findobj(lambda each: hasattr(each, "get_text")))
    assert "GraphSAGE + artist + album" in seen
    assert "lgc_artist" not in seen
    assert png(figure, tmp_path)


def test_a_family_has_a_panel_of_recall_for_each_way_to_train():
    with drawn_as(FAMILIES):
        figure = recall_curves(of_families(history()))
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        f"{family}: {sampler} negatives, fixed α"
        for sampler in ("random", "hard")
        for family in ("LightGCN", "GraphSAGE")
    ]


def test_tables_name_them():
    table = of_families(summary())
    _, top = next(metric_tables(labelled(table, FAMILIES), 300))
    assert top["model"].str.replace(" (random|hard), fixed α", "").unique().sort().to_list() == [
        "GraphSAGE",
        "GraphSAGE + artist + album",
        "LightGCN",
        "LightGCN + artist",
        "LightGCN + artist + album",
    ]
