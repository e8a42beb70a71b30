"""Tables as HTML: one self-contained page, whose tables sort by a click on a header."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl
from jinja2 import Environment
from markupsafe import Markup

# Templates in a module: the digest of the code follows imports.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
:root { color-scheme: light dark; --line: #d5d5d5; --soft: #666; }
@media (prefers-color-scheme: dark) { :root { --line: #444; --soft: #aaa; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1rem auto; padding: 0 1rem; max-width: 72rem; }
h1 { font-size: 1.25rem; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line);
         text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; min-width: 4.8rem; }
.number { text-align: right; min-width: 0; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media (max-width: 30rem) { th, td { padding: .25rem .3rem; } }
th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 0;
            cursor: pointer; text-align: inherit; }
th button::after { content: " ↕"; color: var(--soft); }
th[aria-sort=ascending] button::after { content: " ↑"; }
th[aria-sort=descending] button::after { content: " ↓"; }
.best { font-weight: 700; }
</style>
</head>
<body>
<h1>{{ title }}</h1>
{% for section in sections %}
{{ section }}
{% endfor %}
<script>
// A cell sorts by its data-value where it has one (numbers), else by its text; empty cells stay last.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const header = button.closest("th"), table = header.closest("table"), column = header.cellIndex;
    const first = header.classList.contains("number") ? "descending" : "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const order = header.getAttribute("aria-sort") === first ? second : first;
    for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const key = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      return sign * (header.classList.contains("number") ? x - y : x.localeCompare(y));
    };
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
  });
}
</script>
</body>
</html>
"""


TABLE = """<h2>{{ title }}</h2>
<div class="wide"><table>
<thead><tr>
{%- for head in heads -%}
<th scope="col"{{ head.attributes }}><button type="button">{{ head.text }}</button></th>
{%- endfor -%}
</tr></thead>
<tbody>
{% for row in rows %}
<tr>
{%- for cell in row -%}
<td{{ cell.attributes }}>{{ cell.text }}</td>
{%- endfor -%}
</tr>
{% endfor %}
</tbody>
</table></div>"""
HTML = Environment(autoescape=True, trim_blocks=True, keep_trailing_newline=True)


def tables_page(title: str, sections: Iterable[Markup]) -> str:
    """A whole page of ``sections``, which are HTML (``sortable_table``); other text is escaped."""
    return HTML.from_string(PAGE).render(title=title, sections=sections)


def paragraph(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


class Cell(NamedTuple):
    text: str
    attributes: Markup


def sortable_table(
    frame: pl.DataFrame,
    title: str,
    formats: Mapping[str, str] | None = None,
    best: Collection[str] = (),
    least: Collection[str] = (),
) -> Markup:
    """``frame`` as an HTML table below the heading ``title``.

    ``formats``: format specification of a column, as ``.3f`` or ``,``; without one numbers are written in
    full. Columns of numbers stand on the right, and sort the highest first. ``best``: columns whose highest
    value is bold; ``least``: those whose lowest is. A null is an empty cell. All text is escaped.
    """
    formats = formats or {}
    numeric = [dtype.is_numeric() for dtype in frame.dtypes]
    tops = {name: frame[name].max() for name in best} | {name: frame[name].min() for name in least}
    heads = [Cell(name, _classes(is_number)) for name, is_number in zip(frame.columns, numeric, strict=True)]
    rows = [
        [
            _cell(value, is_number, formats.get(name, ""), name in tops and value == tops[name])
            for (name, value), is_number in zip(row.items(), numeric, strict=True)
        ]
        for row in frame.iter_rows(named=True)
    ]
    return Markup(HTML.from_string(TABLE).render(title=title, heads=heads, rows=rows))  # noqa: S704, escaped


def _cell(value: Any, is_number: bool, spec: str, is_best: bool) -> Cell:
    if value is None:
        return Cell("", _classes(is_number))
    attributes = _classes(is_number, is_best)
    if is_number:
        attributes += Markup(' data-value="{}"').format(value)
    return Cell(format(value, spec), attributes)


def _classes(is_number: bool, is_best: bool = False) -> Markup:
    names = [name for name, holds in (("number", is_number), ("best", is_best)) if holds]
    return Markup(' class="{}"').format(" ".join(names)) if names else Markup()
