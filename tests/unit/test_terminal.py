"""Columns of text whose characters are not all one column wide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.cli.terminal import LEAST, aligned, cut, printable, width

TEXT = st.text(st.sampled_from("ab é日🔥☀\ufe0f\u0301\u200d👩"), max_size=20)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("Ørn", 3),
        ("e\u0301", 1),  # é in two characters
        ("日本", 4),
        ("🔥", 2),
        ("☀", 1),
        ("☀\ufe0f", 2),  # the same sun as an emoji
        ("👩\u200d🎤", 4),  # one or two pictures, as the terminal has it
    ],
)
def test_width(text, columns):
    assert width(text) == columns


def test_what_would_move_the_cursor_is_a_space():
    assert printable("a\tb\nc\x1b[2Jd\u2028e\x7f") == "a b c [2Jd e "
    assert printable("日 🔥 é ☀\ufe0f") == "日 🔥 é ☀\ufe0f"


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, "日本 rock"), (9, "日本 rock"), (8, "日本 ro…"), (6, "日本…"), (4, "日…"), (2, "…"), (1, "…")],
)
def test_cut(limit, expected):
    assert cut("日本 rock", limit) == expected


def test_marks_are_not_cut_from_their_letter():
    assert cut("e\u0301e\u0301e\u0301", 2) == "e\u0301…"


@given(TEXT, st.integers(1, 30))
def test_a_cut_text_fits_and_is_a_beginning(text, limit):
    short = cut(text, limit)
    assert width(short) <= limit
    assert short == text or text.startswith(short.removesuffix("…"))
    assert (short == text) == (width(text) <= limit)


def test_columns_by_hand():
    rows = [["n", "title", ""], ["7", "日本", "x"], ["12", "a", ""]]
    assert aligned(rows, right={0}) == [" n  title", " 7  日本   x", "12  a"]


def test_what_a_narrow_column_leaves_is_for_the_wide_one():
    rows = [["1", "ab", "abcdefghijkl"]]
    assert aligned(rows, elastic=[1, 2], limit=15) == ["1  ab  abcdefg…"]
    assert aligned([["1", "abcdefghijkl", "abcdefghijkl"]], elastic=[1, 2], limit=15) == ["1  abcd…  abcd…"]
    assert aligned(rows, elastic=[1, 2], limit=19) == ["1  ab  abcdefghijkl"]


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1), st.integers(2 * LEAST + 2, 40))
def test_every_line_fits(rows, limit):
    assert max(map(width, aligned(rows, elastic=[0, 1], limit=limit))) <= limit
