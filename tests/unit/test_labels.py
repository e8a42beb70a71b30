"""One label a name, whatever kind of model has it."""

import pytest

from segue.figures.looks import conv_look, drawn_as, model_label, ranker_dot, scorer_label
from segue.run.labels import kind, label
from segue.run.registry import BASELINES

FAMILIES = {
    "lgc_both": {"like": "lgc", "kinds": ["artist", "album"]},
    "lgc_wide": {"like": "lgc", "kinds": []},
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lgc-softmax-fixed", "LightGCN softmax, fixed α"),
        ("gat-hard-learnable", "GAT hard, learnable α"),
        ("sage-random-fixed-seed12", "GraphSAGE random, fixed α, seed 12"),
        ("lgc_both-softmax-fixed", "LightGCN + artist + album softmax, fixed α"),
        ("lgc_wide-random-fixed", "LightGCN (lgc_wide) random, fixed α"),
        ("own-random-fixed", "own random, fixed α"),
        ("lgc-softmax-fixed-catalogue", "LightGCN softmax, fixed α, extended"),
        ("knn", "Item-kNN"),
        ("joint", "Joint neighbours"),
        ("rerank", "Second stage"),
        ("als-and-knn", "als-and-knn"),
        ("lgc-unknown-fixed", "lgc-unknown-fixed"),
        ("als-knn-hard-fixed", "als-knn-hard-fixed"),  # a blend may be called so
    ],
)
def test_every_kind_of_name_has_a_label(name, expected):
    assert label(name, FAMILIES) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lgc-softmax-fixed", "network"),
        ("own-hard-learnable-seed3", "network"),
        ("lgc-softmax-fixed-catalogue", "catalogue"),
        ("joint", "catalogue"),
        ("rerank", "catalogue"),
        ("knn", "baseline"),
        ("als-knn-hard-fixed", "blend"),
    ],
)
def test_kinds_are_told_by_name(name, expected):
    assert kind(name) == expected


def test_a_convolution_of_no_known_family_is_called_by_its_own_name():
    assert label("lgc_both-softmax-fixed") == "lgc_both softmax, fixed α"


def test_figures_say_the_same():
    with drawn_as(FAMILIES):
        for conv in (*FAMILIES, "lgc", "own"):
            name = f"{conv}-softmax-learnable"
            assert model_label((conv, "softmax", "learnable")) == label(name, FAMILIES)
            assert label(name, FAMILIES).startswith(f"{conv_look(conv).label} ")
    assert {name: scorer_label(name) for name in BASELINES} == {name: label(name) for name in BASELINES}
    for name in ("joint", "rerank", "gat-hard-fixed-catalogue"):
        assert ranker_dot(name)["label"] == label(name)
