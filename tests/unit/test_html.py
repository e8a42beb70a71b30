"""Tables as HTML."""

import re

import polars as pl

from segue.report.html import sortable_table, tables_page


def cells(html):
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)[1:]]


def test_numbers_are_formatted_and_keep_their_value_for_sorting():
    table = sortable_table(pl.DataFrame({"name": ["a", "b"], "n": [1234, 5]}), "Sizes", {"n": ","})
    assert cells(table) == [["a", "1,234"], ["b", "5"]]
    assert '<td class="number" data-value="1234">1,234</td>' in table
    assert "<h2>Sizes</h2>" in table


def test_text_is_escaped_everywhere():
    frame = pl.DataFrame({"<i>": ["<script>alert('x')</script> & \"y\""]})
    page = tables_page("<b>", [sortable_table(frame, "<u>")])
    assert "<i>" not in page
    assert "<b>" not in page
    assert "<u>" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_nulls_are_empty_and_the_best_is_bold():
    frame = pl.DataFrame({"name": ["a", "b", "c"], "recall": [0.25, None, 0.5]})
    table = sortable_table(frame, "Test", {"recall": ".3f"}, best=["recall"])
    assert cells(table) == [["a", "0.250"], ["b", ""], ["c", "0.500"]]
    assert re.findall(r'<td class="number best"[^>]*>(.*?)</td>', table) == ["0.500"]


def test_the_least_is_bold_where_less_is_better():
    frame = pl.DataFrame({"recall": [0.25, 0.5], "loss": [0.7, 0.6]})
    table = sortable_table(frame, "Test", best=["recall"], least=["loss"])
    assert re.findall(r'<td class="number best"[^>]*>(.*?)</td>', table) == ["0.5", "0.6"]
    table = sortable_table(frame.with_columns(loss=pl.Series([0.6, 0.7])), "Test", least=["loss"])
    assert re.findall(r'<td class="number best"[^>]*>(.*?)</td>', table) == ["0.6"]
