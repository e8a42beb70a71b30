"""The page of a run put together, and its captions."""

import re
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
import yaml
from docutils.utils import SystemMessage
from jinja2 import UndefinedError
from markupsafe import Markup

from segue.report import page as module
from segue.report.captions import caption
from segue.report.html import main_part, paragraph, sortable_table, tables_page
from segue.report.page import SECTIONS, Glance, Part, run_page

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text())
CAPTIONS = sorted((ROOT / "workflow/report").glob("*.rst"))
GLANCE = Glance("A <b> won", ["By much."], "On little.", "Of few.", Markup("<table></table>"))


def png(path, width, height):
    """A PNG of one colour."""
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    parts = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows))
    data = b"\x89PNG\r\n\x1a\n"
    for name, content in (*parts, (b"IEND", b"")):
        data += struct.pack(">I", len(content)) + name + content
        data += struct.pack(">I", zlib.crc32(name + content))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def written(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def cards(path, names):
    articles = "".join(f"<article>\n<h2>{name}</h2>\n</article>\n" for name in names)
    return written(path, f'<main>\n<p>intro</p>\n<div class="cards">\n{articles}</div>\n</main>')


@pytest.fixture
def parts(tmp_path):
    said_first = paragraph("three were read")
    table = tables_page("Counts", [said_first, sortable_table(pl.DataFrame({"a": [1]}), "Read")])
    said, models = Markup("<p>said</p>"), (("lgc-hard-fixed", "LightGCN"), ("knn-x", "Item <x>"))
    return [
        Part(png(tmp_path / "figures/degrees.png", 40, 20), "Graph", "Degrees", Markup("<p>degrees</p>")),
        Part(png(tmp_path / "figures/metrics.png", 4, 3), "Quality", "Test", Markup("<p>tested</p>")),
        Part(written(tmp_path / "report/counts.html", table), "Data", "Counts", Markup("<p>counts</p>")),
        *(
            Part(
                written(tmp_path / f"maps/{name}.html", "<p>map</p>"), "Embeddings", "Map", said, name, label
            )
            for name, label in models
        ),
        *(
            Part(
                cards(tmp_path / f"recommendations/{name}.html", map(str, range(15))),
                "Recommendations",
                "Playlists",
                said,
                name,
                label,
            )
            for name, label in models
        ),
    ]


def test_sections_are_in_order_and_the_main_figure_is_first(parts, tmp_path):
    page = run_page(GLANCE, parts, "knn-x", tmp_path)
    assert re.findall("<h2>(.*?)</h2>", page) == ["Data and graph", "Embeddings", "Recommendations"]
    assert re.findall('<figure id="(.*?)">', page) == ["figure-metrics", "figure-degrees"]
    headings = re.findall(r"<h([1-6])>", page)
    assert all(int(after) - int(before) <= 1 for before, after in pairwise(headings))
    assert headings[0] == "1"
    assert re.findall('href="#(.*?)"', page) == ["data-and-graph", "embeddings", "recommendations"]
    # What was counted stands before what is drawn of the graph.
    assert page.index("<p>counts</p>") < page.index("<p>degrees</p>")
    assert 'width="40" height="20" alt="Degrees"' in page


def test_what_shows_one_model_stands_together(parts, tmp_path):
    seen = [
        Part(png(tmp_path / f"figures/{kind}/{name}.png", 4, 3), "Embeddings", kind, said, name, name)
        for kind, said in (("map", Markup("maps")), ("artists", Markup("the same")))
        for name in ("a", "b")
    ]
    whole = Part(png(tmp_path / "figures/likeness.png", 4, 3), "Embeddings", "Likeness", Markup("all"))
    page = run_page(GLANCE, [whole, *seen], "a", tmp_path)
    assert re.findall("<h3>(.*?)</h3>", page) == ["map: a", "artists: a", "map: b", "artists: b", "Likeness"]


def test_the_best_model_s_playlists_are_open_and_the_first_ones_are_shown(parts, tmp_path):
    page = run_page(GLANCE, parts, "knn-x", tmp_path)
    first, second = re.findall(r"<details( open)?>\s*<summary><h3>(.*?)</h3>", page)
    assert first == (" open", "Item &lt;x&gt;")
    assert second == ("", "LightGCN")
    assert page.count("<article>") == 2 * module.CARDS_SHOWN
    assert '3 more playlists: <a href="recommendations/knn-x.html">' in page


def test_maps_are_in_the_page_while_there_is_room(parts, tmp_path, monkeypatch):
    page = run_page(GLANCE, parts, "knn-x", tmp_path)
    assert page.count('sandbox="allow-scripts"') == 2
    assert 'srcdoc="&lt;p&gt;map&lt;/p&gt;"' in page
    monkeypatch.setattr(module, "FRAMES_MB", 12e-6)
    page = run_page(GLANCE, parts, "knn-x", tmp_path)
    assert page.count("<iframe") == 1
    assert '<a href="maps/knn-x.html">' in page


def test_a_caption_that_several_have_is_said_once_a_section_and_text_is_escaped(parts, tmp_path):
    page = run_page(GLANCE, parts, "knn-x", tmp_path)
    assert "<h1>A &lt;b&gt; won</h1>" in page
    assert page.count("<p>degrees</p>") == page.count("<p>tested</p>") == 1
    assert page.count("<p>said</p>") == 1


def test_sentences_are_read_before_tables_are_opened(parts, tmp_path):
    page = run_page(GLANCE, parts, "knn-x", tmp_path)
    places = ["<p>counts</p>", "<p>three were read</p>", "<summary>Tables</summary>", "<h4>Read</h4>"]
    assert [page.count(place) for place in places] == [1, 1, 1, 1]
    assert sorted(places, key=page.index) == places


def test_the_page_asks_for_nothing(parts, tmp_path):
    page = run_page(GLANCE, parts, "knn-x", tmp_path)
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|//\w+\.|url\(|@import|<link|fetch\(", page)
    assert {text[:5] for text in re.findall(r'\bsrc="(.*?)"', page)} == {"data:"}


def test_a_part_is_what_stands_in_main_and_its_headings_go_deeper():
    page = tables_page("Title", [sortable_table(pl.DataFrame({"a": [1]}), "Table")])
    part = main_part(page, deeper=2)
    assert "<h4>Table</h4>" in part
    assert "Title" not in part
    with pytest.raises(ValueError, match="main"):
        main_part("<p></p>")


@pytest.mark.parametrize("path", CAPTIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("source", ["sample", "edges"])
def test_every_caption_is_rendered_from_settings_alone(path, source):
    config = CONFIG | {"data": CONFIG["data"] | {"source": source}, "cold": {"share": 0.1}}
    html = caption(path.read_text(), config)
    assert html.startswith("<p>")
    assert not re.search(r"[{}`\\]", html)


@pytest.mark.parametrize("name", ["counts", "degrees", "embeddings", "kcore_idea", "map", "subgraph"])
def test_captions_of_whole_edge_lists_say_nothing_of_what_these_have_not(name):
    text = (ROOT / f"workflow/report/{name}.rst").read_text()
    of_sample = caption(text, CONFIG)
    parts = {"data": {"source": "edges"}, "graph": {"k_core": 1}}
    of_edges = caption(text, CONFIG | {part: CONFIG[part] | values for part, values in parts.items()})
    absent = [
        "artist",
        "genre",
        "title of",
        "titles",
        "drops",
        "cuts off",
        "enough neighbours",
        "at least 1 ",
    ]
    assert [word for word in absent if word in of_edges] == []
    assert [word for word in absent if word in of_sample]


def test_a_caption_with_a_mistake_is_refused():
    with pytest.raises(UndefinedError):
        caption("{{ snakemake.wildcards.conv }}", CONFIG)
    with pytest.raises(SystemMessage):
        caption("one ``literal", CONFIG)
    assert caption("<script>", CONFIG) == "<p>&lt;script&gt;</p>\n"


def test_categories_of_rules_are_sections():
    rules = "".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
    assert set(re.findall(r'category="(.*?)"', rules)) <= set(SECTIONS)
