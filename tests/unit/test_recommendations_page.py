"""The page of recommendations, as text; tests/workflow opens it in a browser."""

import re
from html import unescape

import polars as pl
import pytest

from segue.report import cards as module
from segue.report.cards import FIRST_TRACKS, recommendations_page

TRACKS = pl.DataFrame(
    {
        "track": range(14),
        "track_uri": [f"uri:{track}" for track in range(14)],
        "track_name": [f"Song {track}." for track in range(13)] + [None],
        "artist_name": [f"Artist {track}" for track in range(13)] + [None],
    }
)
PLAYLISTS = pl.DataFrame({"playlist": [0, 1], "pid": [70, 71], "name": ["first", "second"]})
# Playlist 0 has tracks 0 to 11, the last of them first; 0 is held out. Playlist 1 has 12 alone.
EDGES = pl.DataFrame(
    {
        "playlist": [0] * 12 + [1],
        "track": [*range(12), 12],
        "position": [*reversed(range(12)), 0],
    }
)
HELD_OUT = pl.DataFrame({"playlist": [0], "track": [0]})


def proposals(*rows):
    """(playlist, track, hit) each, ranked as they come."""
    table = pl.DataFrame(rows, schema=["playlist", "track", "hit"], orient="row")
    table = table.with_columns(pid=70 + pl.col("playlist")).with_columns(id=pl.col("pid").cast(pl.String))
    return table.with_columns(rank=pl.int_range(1, pl.len() + 1).over("playlist")).join(
        TRACKS, on="track", maintain_order="left"
    )


def page(table=None, **changes):
    table = proposals((0, 13, False), (0, 0, True), (1, 3, False)) if table is None else table
    tables = {"edges": EDGES, "held_out": HELD_OUT, "playlists": PLAYLISTS, "tracks": TRACKS} | changes
    return recommendations_page("lgc-hard-fixed", table, **tables)


def cards(html):
    return re.findall(r"<article>(.*?)</article>", html, re.S)


def items(card, tag):
    (part,) = re.findall(rf"<{tag}>(.*?)</{tag}>", card, re.S)
    return [unescape(re.sub("<.*?>", "", item)) for item in re.findall(r"<li.*?</li>", part)]


def test_a_card_has_what_the_model_knew_and_what_it_proposes():
    first, second = cards(page())
    assert "<h2>first</h2>" in first
    assert "pid 70: 11 tracks known, 1 held out" in first
    # By position; the held-out track is none of them.
    assert items(first, "ul") == [f"Song {track}. Artist {track}" for track in range(11, 1, -1)]
    assert len(items(first, "ul")) == FIRST_TRACKS
    assert "and 1 more" in first
    assert items(first, "ol") == ["uri:13", "✓ Song 0. Artist 0"]
    assert items(second, "ul") == ["Song 12. Artist 12"]
    assert "more" not in second
    assert items(second, "ol") == ["Song 3. Artist 3"]


def test_only_hits_are_marked_and_counted_within_the_top_10():
    html = page()
    assert re.findall(r'<li class="hit">.*?</b> (.*?) <', html) == ["Song 0."]
    assert "1 of 2 has a hit in the top 10" in html
    late = proposals(*((0, track, False) for track in range(1, 11)), (0, 0, True))
    assert "0 of 1 has a hit in the top 10" in page(late)


@pytest.mark.parametrize(
    "text",
    ["<script>alert('x')</script>", "\" onmouseover='f()' x=\"", "{{ 7 * 7 }} {% raw %}", "🔥 R&B &amp; co"],
)
def test_names_are_text_and_nothing_else(text):
    changed = TRACKS.with_columns(track_name=pl.lit(text), artist_name=pl.lit(text))
    table = proposals((0, 0, True)).with_columns(track_name=pl.lit(text), artist_name=pl.lit(text))
    html = page(table, tracks=changed, playlists=PLAYLISTS.with_columns(name=pl.lit(text)))
    plain = page(proposals((0, 0, True)))
    (card,) = cards(html)
    assert unescape(re.search("<h2>(.*?)</h2>", card)[1]) == text
    assert items(card, "ul")[0] == f"{text} {text}"
    assert items(card, "ol") == [f"✓ {text} {text}"]
    assert re.findall("<[^>]*>", html) == re.findall("<[^>]*>", plain)


def test_a_playlist_without_a_title_goes_by_its_pid():
    assert "<h2>Playlist 70</h2>" in page(playlists=PLAYLISTS.with_columns(name=pl.lit("")))


def test_a_playlist_of_edge_lists_has_no_pid():
    table = proposals((0, 0, True)).with_columns(id=pl.lit("u7"), pid=pl.lit(None))
    (card,) = cards(page(table, playlists=PLAYLISTS.with_columns(name=pl.lit("u7"))))
    assert "<h2>Playlist u7</h2>" in card
    assert '<p class="soft">11 tracks known, 1 held out</p>' in card


def test_beyond_the_most_cards_the_page_says_how_many_it_leaves_out(monkeypatch):
    assert "The table beside" not in page()
    monkeypatch.setattr(module, "MAX_CARDS", 1)
    html = page()
    assert len(cards(html)) == 1
    assert "The table beside this page has 1 more." in html
    assert ">1 of 1 playlist<" in html


def test_the_page_asks_for_nothing():
    assert not re.search(r"https?:|//\w+\.|\bsrc=|\bhref=|url\(|@import|<link|<iframe|fetch\(", page())
