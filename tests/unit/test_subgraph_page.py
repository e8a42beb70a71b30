"""The page of a part of the core, in headless Chromium: the whole on demand."""

import polars as pl
import pytest
from figure_cases import PIXEL, data_of
from playwright.sync_api import expect
from test_figures_subgraph import EDGES, NODES, PLAYLISTS

from segue.errors import SegueError
from segue.figures.subgraph_page import LEVELS, subgraph_page

TRACKS = pl.DataFrame(
    {"track": [0, 1, 2], "track_name": ["A </script>", "B", "C"], "artist_name": ["Wim", None, "Øfal"]}
)


def html():
    return subgraph_page(NODES, EDGES, PLAYLISTS, TRACKS, 3, 70)


def test_the_page_holds_what_is_drawn_and_its_names():
    data = data_of(html())
    names = [node[-1] for node in data["nodes"]]
    assert sorted(names) == ["A </script> – Wim", "B", "C – Øfal", "Folk", "Soul 🎶"]
    edges = {frozenset((names[a], names[b])) for a, b in data["edges"]}
    assert edges == {
        frozenset(pair)
        for pair in (
            ("Folk", "A </script> – Wim"),
            ("Folk", "B"),
            ("Soul 🎶", "A </script> – Wim"),
            ("Soul 🎶", "C – Øfal"),
        )
    }
    assert data["bands"] == [[0, 1, 1]]
    assert [disc[3] for disc in data["discs"]] == ["Folk", "Soul 🎶"]
    assert data["note"] == "2 communities; bands stand for 1 edges between them."
    assert [node[0] for node in data["nodes"]] == [1, 1, 1, 0, 0]  # playlists above tracks


def test_a_table_without_communities_is_refused():
    with pytest.raises(SegueError, match="no column community"):
        subgraph_page(NODES.drop("community"), EDGES, PLAYLISTS, TRACKS, 3, 70)


def middle(name, other):
    """Of the line between two nodes."""
    at = {node[-1]: node[1:3] for node in data_of(html())["nodes"]}
    return [(a + b) / 2 / LEVELS for a, b in zip(at[name], at[other], strict=True)]


def test_a_playlist_is_chosen_by_keys_and_shows_its_edges(framed):
    page = framed(html())
    assert page.text_content("h1") == "3-core: 5 of the 70 nodes, 4 of the 5 edges between them"
    pick = page.get_by_role("combobox", name="Playlist")
    pick.focus()
    pick.press("ArrowDown")
    pick.press("ArrowDown")
    expect(page.locator("#note")).to_have_text("Soul 🎶. Its tracks here: 2; of other communities: 1")
    dark = page.evaluate(PIXEL, middle("Soul 🎶", "C – Øfal"))
    assert max(dark[:3]) < 120
    pick.select_option(index=0)
    expect(page.locator("#note")).to_contain_text("2 communities")


def test_all_edges_take_the_place_of_bands(framed):
    page = framed(html(), 360)
    (x, y, *_), (right, down, *_) = data_of(html())["discs"]
    between = [(x + 0.575 * (right - x)) / LEVELS, (y + 0.575 * (down - y)) / LEVELS]
    assert page.evaluate(PIXEL, between)[3] > 0
    page.get_by_label("All edges").check()
    assert page.evaluate(PIXEL, between)[3] == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 344


def test_a_node_says_its_name_by_pointing(framed):
    page = framed(html())
    (at,) = [node[1:3] for node in data_of(html())["nodes"] if node[-1] == "A </script> – Wim"]
    side = page.evaluate("document.getElementById('picture').clientWidth")
    page.locator("#picture").hover(
        position={name: part / LEVELS * side for name, part in zip("xy", at, strict=True)}
    )
    expect(page.locator("#note")).to_have_text(
        "A </script> – Wim. Its playlists here: 2; of other communities: 1"
    )
