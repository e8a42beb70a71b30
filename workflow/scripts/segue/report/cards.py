"""Playlists as a page to read: a card each, and a box to filter them by."""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
from jinja2 import Environment

from segue.errors import counted
from segue.report.style import CARDS, STYLE
from segue.serve.forms import KNOWN_BY, TRAINED, Playlist

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
<style>{{ style | safe }}</style>
</head>
<body>
<header>
<h1>{{ heading }}</h1>
<form role="search" onsubmit="return false">
<input type="search" id="filter" placeholder="Title, track or artist"
 aria-label="Filter by title, track or artist">
<output id="count" for="filter">{{ shown }}</output>
</form>
</header>
<main>
{% for line in intro %}
<p>{{ line }}</p>
{% endfor %}
{% if legend %}
<p class="soft"><b>✓</b> {{ legend }}</p>
{% endif %}
<div class="cards">
{% macro names(track) %}{{ track.name }}{% if track.artist %} <span>{{ track.artist }}</span>{% endif %}\
{% if track.added_by %} <span>new, by its {{ track.added_by }}</span>{% endif %}
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
</div>
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
  const all = `${cards.length} playlist${cards.length === 1 ? "" : "s"}`;
  document.getElementById("count").textContent = `${shown} of ${all}`;
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
    values = {"heading": heading, "intro": intro, "cards": cards, "legend": legend, "style": STYLE + CARDS}
    values["shown"] = f"{len(cards)} of {counted(len(cards), 'playlist')}"
    return Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE).render(values)


BY = {
    "tracks": "continued by its tracks",
    "related": "continued by tracks of the same albums or artists",
    "title": "continued by its title",
    "both": "continued by its tracks and its title",
    "popularity": "popular tracks, since nothing of it is known",
}


def continuation_page(
    model: str,
    playlists: Sequence[Playlist],
    uses: pl.DataFrame,
    table: pl.DataFrame,
    names: Callable[[Sequence[str]], list[tuple[str | None, str | None]]],
) -> str:
    """One self-contained HTML page of the first MAX_CARDS playlists. ``model``: its label.

    ``uses``: of ``GivenTracks``; ``table``: what ``continue_playlists`` returned; ``names``: name, artist of
    tracks by their uris, None where they are not known. All text is escaped.
    """
    shown = table.filter(pl.col("playlist") < MAX_CARDS)
    # Of tracks that were added to the model since: all others were trained.
    added_by = [
        pl.when(pl.col(name) != TRAINED).then(name).str.replace("+", " and ", literal=True).alias("added_by")
        for name in table.columns
        if name == KNOWN_BY
    ]
    cards = []
    for (place,), rows in shown.group_by("playlist", maintain_order=True):
        playlist, use = playlists[place], uses.row(place, named=True)
        tracks = [*dict.fromkeys(playlist.tracks)]
        first = tracks[:FIRST_TRACKS]
        pid = "" if playlist.pid is None else f"pid {playlist.pid}: "
        cards.append(
            {
                "title": playlist.title
                or ("Playlist" if playlist.pid is None else f"Playlist {playlist.pid}"),
                "facts": f"{pid}{_given(len(tracks), use['in_graph'])}; {BY[rows['path'][0]]}",
                "known": [
                    {"name": name or uri, "artist": artist}
                    for uri, (name, artist) in zip(first, names(first), strict=True)
                ],
                "more": max(0, len(tracks) - FIRST_TRACKS),
                "proposals": rows.select(NAMES.struct.unnest(), *added_by).to_dicts(),
            }
        )
    n = table["rank"].max() or 0
    intro = [
        f"{counted(len(playlists), 'playlist')} that the model was not trained on; of "
        f"{_the_best(len(playlists), n)} that are not on it."
    ]
    if left_out := len(playlists) - len(cards):
        intro.append(f"{left_out} more are not on this page; a .parquet file has all.")
    return cards_page(f"How {model} would go on", intro, cards)


def _the_best(playlists: int, n: int) -> str:
    tracks = "track that scores" if n == 1 else f"{n} tracks that score"
    return f"{'it' if playlists == 1 else 'each'} the {tracks} highest among those"


def _given(tracks: int, in_graph: int) -> str:
    return f"{counted(tracks, 'track')}, {in_graph} of them in the graph" if tracks else "no tracks"


LEGEND = "a hit: a track that is on the playlist, but was held out, kept from the model for the test."


def recommendations_page(
    model: str,
    proposals: pl.DataFrame,
    edges: pl.DataFrame,
    held_out: pl.DataFrame,
    playlists: pl.DataFrame,
    tracks: pl.DataFrame,
) -> str:
    """One self-contained HTML page of at most MAX_CARDS playlists of ``proposals``. ``model``: its label.

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
    named = playlists.filter(pl.col("playlist").is_in(shown.implode()))
    titles = dict(named.select("playlist", "name").iter_rows())  # of edge lists the ids, which are no titles
    cards = []
    for (playlist,), rows in proposals.filter(pl.col("playlist").is_in(shown.implode())).group_by(
        "playlist", maintain_order=True
    ):
        names, row, title = known_names.get(playlist, []), rows.row(0, named=True), titles[playlist]
        pid = "" if row["pid"] is None else f"pid {row['pid']}: "
        cards.append(
            {
                "title": title if title and title != row["id"] else f"Playlist {row['id']}",
                "known": names[:FIRST_TRACKS],
                "more": max(0, len(names) - FIRST_TRACKS),
                "facts": f"{pid}{counted(len(names), 'track')} known, "
                f"{sizes[playlist] - len(names)} held out",
                "proposals": rows.select(NAMES.struct.unnest(), "hit").to_dicts(),
                "hit": rows.filter(pl.col("rank") <= 10)["hit"].any(),
            }
        )
    n, with_hit = proposals["rank"].max() or 0, sum(card["hit"] for card in cards)
    intro = [
        f"{counted(len(cards), 'playlist')}, for {_the_best(len(cards), n)} that the model does not know to "
        f"be on it. {with_hit} of {len(cards)} {'has' if 1 in (with_hit, len(cards)) else 'have'} a hit in "
        "the top 10."
    ]
    if left_out := len(chosen) - len(cards):
        intro.append(f"The table beside this page has {left_out} more.")
    return cards_page(f"What {model} would add", intro, cards, LEGEND)
