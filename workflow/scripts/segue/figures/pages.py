"""Pages with a drawing that one can ask: a canvas, controls above and more of them below.

Each is one file that asks no host for anything and needs no rights but scripts, so that it works in a
sandboxed frame.
"""

from typing import Any

from jinja2 import Environment

# A template in a module: the digest of the code follows imports.
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
:root { color-scheme: light; }
body { font: 14px/1.4 system-ui, sans-serif; margin: 0; padding: .5rem; color: #222; background: #fff; }
main { width: min(100%, max(15rem, 100vh - 11.5rem)); max-width: 46rem; margin: auto; }
h1 { font-size: 1rem; margin: 0 0 .4rem; }
.controls { display: flex; align-items: center; gap: .6rem; }
.controls input { flex: 1; min-width: 0; }
.controls output { min-width: 5.2rem; font-variant-numeric: tabular-nums; }
button, select { font: inherit; color: inherit; background: #f4f4f4; border: 1px solid #8a8a8a;
                 border-radius: 4px; padding: .15rem .6rem; cursor: pointer; }
#play { min-width: 4.4rem; }
button[aria-pressed=true] { background: #dcebf7; border-color: #0072B2; }
canvas { display: block; width: 100%; aspect-ratio: 1; margin: .4rem 0; border: 1px solid #ddd;
         box-sizing: border-box; }
#groups { display: flex; flex-wrap: wrap; gap: .3rem; padding: 0; margin: 0; list-style: none; }
#groups button { display: flex; align-items: center; gap: .35rem; font-size: .85rem; padding: .1rem .4rem; }
select { min-width: 0; flex: 1; text-overflow: ellipsis; }
p { font-size: .85rem; color: #555; margin: .4rem 0 0; min-height: 1.2em; }
</style>
<main>
<h1>{{ title }}</h1>
{{ above | safe }}
<canvas id="picture" role="img"></canvas>
{{ below | safe }}
<p id="note" aria-live="polite"></p>
</main>
<script id="data" type="application/json">{{ data | tojson }}</script>
<script>
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const [canvas, note] = ["picture", "note"].map(id => document.getElementById(id));
const pen = canvas.getContext("2d");
{{ script | safe }}</script>
</html>
"""


def canvas_page(title: str, above: str, below: str, script: str, data: dict[str, Any]) -> str:
    """HTML of a page. ``above`` and ``below``, of the canvas, and ``script`` are a module's own text, which
    is not escaped; the script finds ``data``, ``canvas``, its ``pen`` and a ``note`` for a line of text."""
    page = Environment(autoescape=True, keep_trailing_newline=True).from_string(PAGE)
    return page.render(title=title, above=above, below=below, script=script, data=data)
