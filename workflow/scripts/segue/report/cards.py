"""Playlists as a page to read: a card each, and a box to filter them by."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from jinja2 import Environment

MAX_CARDS = 200
FIRST_TRACKS = 10
# What a track is called: its name, or its uri where it has none, and its artist, if known.
NAMES = pl.struct(name=pl.coalesce("track_name", "track_uri"), artist="artist_name")

# A template in a module: the digest of the code follows imports.
TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ heading }}</title>
<style>
:root { color-scheme: light dark; --line: #d8d8d8; --soft: #606060; --card: #fff; --page: #f4f4f2;
        --hit: #d7f0e4; --tick: #0b6e4a; --ink: #1c1c1c; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3c3c3c; --soft: #aaa; --card: #1e1e1e; --page: #121212; --hit: #12432f; --tick: #7fe0b5;
          --ink: #eee; } }
* { box-sizing: border-box; }
body { font: 15px/1.4 system-ui, sans-serif; margin: 0; padding: 1rem; background: var(--page);
       color: var(--ink); }
header { max-width: 60rem; }
h1 { font-size: 1.3rem; margin: 0 0 .3rem; }
p { margin: .3rem 0; }
.soft { color: var(--soft); }
form { margin: .8rem 0; display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap; }
input { font: inherit; padding: .35rem .6rem; width: min(24rem, 100%); border: 1px solid var(--line);
        border-radius: .3rem; background: var(--card); color: inherit; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(23rem, 100%), 1fr)); gap: 1rem;
       align-items: start; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
          padding: .8rem 1rem; overflow-wrap: anywhere; break-inside: avoid; }
article[hidden] { display: none; }
h2 { font-size: 1.05rem; margin: 0; }
h3 { font-size: .85rem; margin: .8rem 0 .2rem; color: var(--soft); font-weight: 600; }
ol, ul { margin: 0; padding-left: 1.9rem; }
ul { list-style: none; padding-left: 0; }
li { padding: .08rem 0; }
ol li { padding-left: .3rem; }
li span { color: var(--soft); margin-left: .35em; }
.hit { background: var(--hit); border-radius: .2rem; }
b { color: var(--tick); }
</style>
</head>
<body>
<header>
<h1>{{ heading }}</h1>
{% for line in intro %}
<p>{{ line }}</p>
{% endfor %}
{% if legend %}
<p class="soft"><b>✓</b> {{ legend }}</p>
{% endif %}
<form role="search" onsubmit="return false">
<input type="search" id="filter" placeholder="Title, track or artist"
 aria-label="Filter by title, track or artist">
<output id="count" for="filter">{{ cards | length }} of {{ cards | length }} playlists</output>
</form>
</header>
<main>
{% macro names(track) %}{{ track.name }}{% if track.artist %} <span>{{ track.artist }}</span>{% endif %}
{% endmacro %}
{% for card in cards %}
<article>
<h2>{{ card.title }}</h2>
<p class="soft">{{ card.facts }}</p>
{% if card.known %}
<h3>On the playlist</h3>
<ul>
{% for track in card.known %}
<li>{{ names(track) }}</li>
{% endfor %}
</ul>
{% endif %}
{% if card.more %}<p class="soft">and {{ card.more }} more</p>{% endif %}
<h3>Recommended</h3>
<ol>
{% for track in card.proposals %}
<li{% if track.hit %} class="hit"><b title="held out">✓</b> {% else %}>{% endif %}{{ names(track) }}</li>
{% endfor %}
</ol>
</article>
{% endfor %}
</main>
<script>
// Letters are compared without case and accents.
const plain = text => text.normalize("NFKD").replace(/\\p{M}/gu, "").toLowerCase();
const names = card => [...card.querySelectorAll("h2, li")].map(part => part.textContent).join("\\n");
const cards = [...document.querySelectorAll("article")].map(card => [card, plain(names(card))]);
document.getElementById("filter").addEventListener("input", event => {
  const words = plain(event.target.value).split(/\\s+/);
  let shown = 0;
  for (const [card, text] of cards) {
    card.hidden = !words.every(word => text.includes(word));
    shown += !card.hidden;
  }
  document.getElementById("count").textContent = `${shown} of ${cards.length} playlists`;
});
</script>
</body>
</html>
"""


def cards_page(heading: str, intro: Sequence[str], cards: Sequence[dict[str, Any]], legend: str = "") -> str:
    """One self-contained HTML page; all text is escaped.

    ``intro``: paragraphs above the cards; ``legend``: what the mark of a hit means, where there are any.
    A card has title and facts (text), known (the first tracks, each with name and artist), more (how many
    others there are) and proposals (name, artist and, where it is one, hit).
    """
    values = {"heading": heading, "intro": intro, "cards": cards, "legend": legend}
    return Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE).render(values)
