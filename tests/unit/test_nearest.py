from hypothesis import given
from hypothesis import strategies as st

from segue.nearest import LEAST_ALIKE, called_like, nearest


def test_the_likest_first_and_of_equals_the_first():
    assert nearest("tide", ["x", "tides", "tied", "tide", "ride", "side"]) == [3, 1, 2, 4, 5]
    assert nearest("tide", ["ride", "side", "tides"], most=2) == [2, 0]
    assert nearest("tide", ["foam", ""]) == []
    assert LEAST_ALIKE == 60
    assert nearest("abcde", ["abcxy", "abxyz"]) == [0]  # 3 of 5 letters are 60 of 100


def test_a_name_by_itself_or_by_its_label_whatever_the_case():
    labels = {"b-fixed": "Bee, fixed", "b": "Bee", "abc": "Item-kNN", "b-learned": "Bee, learned"}
    for wanted, name in {
        "ITEM-KNN": "abc",
        "item": "abc",
        "B": "b",
        "bee": "b",
        "b-": "b-fixed",  # of what begins so the first
        "B-LERNED": "b-learned",
        "Bee, lerned": "b-learned",
        "xyz": None,
        " ": None,
    }.items():
        assert called_like(wanted, labels) == name, wanted


@given(st.text(max_size=6), st.lists(st.text(max_size=6), max_size=8))
def test_what_is_there_is_the_nearest(wanted, keys):
    found = nearest(wanted, keys)
    assert len({*found}) == len(found) <= 5
    if wanted in keys:
        assert found[0] == keys.index(wanted)
