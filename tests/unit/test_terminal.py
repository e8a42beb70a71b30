"""Columns of text whose characters are not all one column wide, printed as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from segue.cli.terminal import LEAST, cut, line, plain, printable, table

TEXT = st.text(st.sampled_from("ab é日🔥☀\ufe0f\u0301\u200d👩[]/:\\"), max_size=20)


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
        ("👩\u200d🎤", 2),
    ],
)
def test_width(text, columns):
    assert cell_len(text) == columns
    lines = plain(table(["", ""], [[text, "|"], ["12345", "|"]], bare=True)).splitlines()
    assert lines[0] == text + " " * (5 - columns) + "  |"


def test_what_would_move_the_cursor_is_a_space():
    assert printable("a\tb\nc\x1b[2Jd\u2028e\x7f") == "a b c [2Jd e "
    assert printable("日 🔥 é ☀\ufe0f") == "日 🔥 é ☀\ufe0f"


@pytest.mark.parametrize(
    ("limit", "expected"), [(9, "日本 rock"), (8, "日本 ro…"), (6, "日本 …"), (2, " …"), (1, "…")]
)
def test_cut(limit, expected):
    assert cut("日本 rock", limit) == expected


def test_marks_are_not_cut_from_their_letter():
    assert cut("e\u0301e\u0301e\u0301", 2) == "e\u0301…"


@given(TEXT, st.integers(1, 30))
def test_a_cut_text_fits(text, limit):
    short = cut(text, limit)
    assert cell_len(short) <= limit
    assert (short == text) == (cell_len(text) <= limit)


def test_columns_by_hand():
    rows = [["7", "日本", "x"], ["12", "a", ""]]
    assert plain(table(["n", "title", ""], rows, right=(0,))) == " n  title\n 7  日本   x\n12  a\n"


def test_a_wide_column_is_cut_before_a_narrow_one():
    rows = [["1", "ab", "abcdefghijkl"]]
    header = ["", "", ""]
    assert plain(table(header, rows, right=(0,), bare=True), width=15) == "1  ab  abcdefg…\n"
    assert plain(table(header, rows, right=(0,), bare=True), width=19) == "1  ab  abcdefghijkl\n"
    assert plain(table(header, rows, right=(0,), bare=True)) == "1  ab  abcdefghijkl\n"
    both = [["1", "abcdefghijkl", "abcdefghijkl"]]
    assert plain(table(header, both, right=(0,), bare=True), width=15) == "1  abc…  abcde…\n"


@pytest.mark.parametrize("text", ["[bold]x[/bold]", "[/]", "[link=file:///]x", ":smile:", "\\[a]", "{x} %s"])
def test_what_looks_like_markup_is_text(text):
    assert plain(line(text)) == f"{text}\n"
    assert plain(text) == f"{text}\n"
    assert plain(table([""], [[text]], bare=True)) == f"{text}\n"


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1), st.integers(2 * LEAST + 2, 40))
def test_every_line_fits(rows, limit):
    lines = plain(table(["a", "b"], rows), line("x" * 50), width=limit).split("\n")
    assert max(map(cell_len, lines)) <= limit
    assert len(lines) == len(rows) + 3
