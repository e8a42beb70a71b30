"""Tables as HTML: one self-contained page, whose tables sort by a click on a header."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl
from jinja2 import Environment
from markupsafe import Markup

from segue.report.style import SORTING, STYLE

# Templates in a module: the digest of the code follows imports.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>{{ style | safe }}</style>
</head>
<body>
<h1>{{ title }}</h1>
<main>
{% for section in sections %}
{{ section }}
{% endfor %}
</main>
<script>{{ script | safe }}</script>
</body>
</html>
"""
TABLE = """{% if title %}<h2>{{ title }}</h2>
{% endif %}
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
{% if total %}
<tfoot><tr>
{%- for cell in total -%}
<td{{ cell.attributes }}>{{ cell.text }}</td>
{%- endfor -%}
</tr></tfoot>
{% endif %}
</table></div>"""
HEADING = re.compile(r"(</?h)([1-6])\b")
HTML = Environment(autoescape=True, trim_blocks=True, keep_trailing_newline=True)


def tables_page(title: str, sections: Iterable[Markup]) -> str:
    """A whole page of ``sections``, which are HTML (``sortable_table``); other text is escaped."""
    return HTML.from_string(PAGE).render(title=title, sections=sections, style=STYLE, script=SORTING)


def main_part(page: str, deeper: int = 0) -> Markup:
    """What stands in the <main> of a ``page`` of ours, its headings ``deeper`` by so many levels."""
    _, _, rest = page.partition("<main>")
    part, end, _ = rest.partition("</main>")
    if not end:
        raise ValueError("the page has no <main>")
    return Markup(HEADING.sub(lambda tag: f"{tag[1]}{int(tag[2]) + deeper}", part))  # noqa: S704, ours


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
    *,
    code: Collection[str] = (),
    total: Mapping[str, Any] | None = None,
) -> Markup:
    """``frame`` as an HTML table below the heading ``title``; none where that is empty.

    ``formats``: format specification of a column, as ``.3f`` or ``,``; without one numbers are written in
    full. Columns of numbers stand on the right, and sort the highest first. ``best``: columns whose highest
    value is bold; ``least``: those whose lowest is. ``code``: columns of what people type. ``total``: a last
    row that stays last, by column. A null is an empty cell. All text is escaped.
    """
    formats = formats or {}
    numeric = [dtype.is_numeric() for dtype in frame.dtypes]
    tops = {name: frame[name].max() for name in best} | {name: frame[name].min() for name in least}
    heads = [Cell(name, _classes(is_number)) for name, is_number in zip(frame.columns, numeric, strict=True)]
    kinds = [*zip(frame.columns, numeric, strict=True)]
    rows = [
        [
            _cell(value, is_number, formats.get(name, ""), name in tops and value == tops[name], name in code)
            for (name, is_number), value in zip(kinds, row, strict=True)
        ]
        for row in frame.iter_rows()
    ]
    last = [
        _cell((total or {}).get(name), is_number, formats.get(name, "")) for name, is_number in kinds if total
    ]
    return Markup(HTML.from_string(TABLE).render(title=title, heads=heads, rows=rows, total=last))  # noqa: S704, escaped


def _cell(value: Any, is_number: bool, spec: str, is_best: bool = False, is_code: bool = False) -> Cell:
    if value is None:
        return Cell("", _classes(is_number))
    attributes = _classes(is_number, is_best)
    if is_number:
        attributes += Markup(' data-value="{}"').format(value)
    text = format(value, spec)
    return Cell(Markup("<code>{}</code>").format(text) if is_code else text, attributes)


def _classes(is_number: bool, is_best: bool = False) -> Markup:
    names = [name for name, holds in (("number", is_number), ("best", is_best)) if holds]
    return Markup(' class="{}"').format(" ".join(names)) if names else Markup()
