"""Recommendations as a page to read: a card a playlist, and a box to filter them by."""

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
<title>Recommendations of {{ model }}</title>
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
<h1>What {{ model }} would add</h1>
<p>{{ cards | length }} playlists, for each the {{ n }} tracks that score highest among those that the model
does not know to be on it. {{ with_hit }} of {{ cards | length }} have a hit in the top 10.</p>
{% if left_out %}
<p>The table beside this page has {{ left_out }} more.</p>
{% endif %}
<p class="soft"><b>✓</b> a hit: a track that is on the playlist, but was held out, kept from the model for the
test.</p>
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
<p class="soft">pid {{ card.pid }}: {{ card.known | length + card.more }} tracks known,
{{ card.held_out }} held out</p>
<h3>On the playlist</h3>
<ul>
{% for track in card.known %}
<li>{{ names(track) }}</li>
{% endfor %}
</ul>
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


def recommendations_page(
    model: str,
    proposals: pl.DataFrame,
    edges: pl.DataFrame,
    held_out: pl.DataFrame,
    playlists: pl.DataFrame,
    tracks: pl.DataFrame,
) -> str:
    """One self-contained HTML page of at most MAX_CARDS playlists of ``proposals``.

    ``proposals``: what ``recommendation_table`` returned. ``edges`` (playlist, track, position),
    ``playlists`` and ``tracks``: the k-core's tables; ``held_out``: playlist and track of the test edges. A
    card shows the first tracks that the model knew, by position. All text is escaped.
    """
    chosen = proposals["playlist"].unique().sort()
    shown = chosen.head(MAX_CARDS)
    songs = tracks.select("track", names=NAMES)
    mine = edges.filter(pl.col("playlist").is_in(shown.implode())).join(songs, on="track")
    known = mine.join(held_out, on=["playlist", "track"], how="anti").sort("playlist", "position", "track")
    known_names = dict(known.group_by("playlist").agg("names").iter_rows())
    sizes = dict(mine.group_by("playlist").agg(pl.len()).iter_rows())
    titles = {
        row["playlist"]: row for row in playlists.filter(pl.col("playlist").is_in(shown.implode())).to_dicts()
    }
    cards = []
    for (playlist,), rows in proposals.filter(pl.col("playlist").is_in(shown.implode())).group_by(
        "playlist", maintain_order=True
    ):
        names, row = known_names.get(playlist, []), titles[playlist]
        cards.append(
            {
                "title": row["name"] or f"Playlist {row['pid']}",
                "pid": row["pid"],
                "known": names[:FIRST_TRACKS],
                "more": max(0, len(names) - FIRST_TRACKS),
                "held_out": sizes[playlist] - len(names),
                "proposals": rows.select(NAMES.struct.unnest(), "hit").to_dicts(),
                "hit": rows.filter(pl.col("rank") <= 10)["hit"].any(),
            }
        )
    values: dict[str, Any] = {
        "model": model,
        "cards": cards,
        "left_out": len(chosen) - len(cards),
        "n": proposals["rank"].max() or 0,
        "with_hit": sum(card["hit"] for card in cards),
    }
    return Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE).render(values)
