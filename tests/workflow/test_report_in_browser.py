"""The page of a run, that of `snakemake --report` and recommendations, opened in headless Chromium."""

import json
import re
from contextlib import contextmanager
from urllib.parse import quote

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe

from segue.run.labels import label

CATEGORIES = ["Data", "Embeddings", "Graph", "Quality", "Recommendations", "Run", "Training"]
RESULT = "#app img[src^='data:image/png'], #app iframe"
# True once for each result that has not been on the page before.
IS_NEW = """selector => {
    const result = document.querySelector(selector);
    window.seen ??= new Set();
    if (!result || window.seen.has(result.src)) return false;
    window.seen.add(result.src);
    return true;
}"""
WIDTHS = (1280, 400)  # pixels
# What stands to the right of the window and within nothing that scrolls.
CUT = """() => [...document.querySelectorAll("body *")].filter(one => {
    if (one.getBoundingClientRect().right <= innerWidth + 1) return false;
    for (let at = one.parentElement; at; at = at.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return false;
    return true;
}).map(one => one.outerHTML.slice(0, 100))"""
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
# The page of Snakemake itself says so; nothing is fetched.
KNOWN_WARNING = "cdn.tailwindcss.com should not be used in production"


@pytest.fixture(scope="module")
def run_page(finished):
    return finished.folder / "results/report.html"


@pytest.fixture(scope="module")
def report(finished, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    done = finished.snakemake("--report", str(path))
    assert done.returncode == 0, done.stderr
    return path


@contextmanager
def opened(chromium, path, width):
    """A page of ``path``; at the end it must have logged no error and asked no host for anything."""
    page = chromium.new_page(viewport={"width": width, "height": 900})
    faults = []
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("console", lambda entry: faults.append(f"{entry.type}: {entry.text}"))
    page.on("request", lambda request: faults.append(f"request: {request.url[:100]}"))
    page.goto(f"file://{quote(str(path))}")
    yield page
    page.close()
    # Snakemake's page logs each caption that it shows.
    ours = ("log: ", "request: file://", "request: data:", "request: blob:")
    assert [text for text in faults if not text.startswith(ours) and KNOWN_WARNING not in text] == []


def choose_category(page, name):
    page.locator("nav").first.get_by_text(name, exact=True).first.click()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_view_says_who_won_and_nothing_is_cut(chromium, finished, run_page, width):
    best = json.loads((finished.folder / "results/metrics/best.json").read_text())["model"]
    assert run_page.stat().st_size < 8e6
    with opened(chromium, run_page, width) as page:
        first = page.locator(".lead")
        assert f"Validation chose the network {label(best)} and the baseline" in first.inner_text()
        assert first.bounding_box()["y"] < 400
        assert "invented playlists" in page.locator(".glance").inner_text()
        assert page.locator("summary h3").first.inner_text() == label(best)
        # What is pale is pale in one of the two; the many tables in closed details are like the first.
        page.emulate_media(color_scheme="light" if width > 1000 else "dark")
        page.locator("details", has=page.locator("table")).first.evaluate("one => one.open = true")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.evaluate(OPEN_ALL)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_figures_open_by_click_and_by_keyboard(chromium, run_page, width):
    with opened(chromium, run_page, width) as page:
        buttons, full = page.locator("button.full"), page.locator("dialog img")
        assert buttons.count() > 10
        buttons.nth(1).click()
        natural = full.evaluate("one => one.naturalWidth")
        assert full.bounding_box()["width"] == natural > 1000
        page.get_by_role("button", name="Close").click()
        assert not full.is_visible()
        buttons.nth(2).focus()
        page.keyboard.press("Enter")
        assert full.is_visible()
        page.keyboard.press("Escape")
        assert not full.is_visible()
        assert buttons.nth(2).evaluate("one => one === document.activeElement")


def test_tables_sort_and_links_lead_to_sections(chromium, run_page):
    with opened(chromium, run_page, 400) as page:
        table = page.locator(".glance table")
        rows = table.locator("tbody tr")
        before = rows.all_inner_texts()
        head = table.get_by_role("button").nth(2)
        head.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        assert rows.all_inner_texts() == before[::-1]
        page.get_by_role("link", name="Recommendations", exact=True).click()
        assert page.locator("#recommendations").bounding_box()["y"] < 100


@pytest.mark.parametrize("width", WIDTHS)
def test_every_result_of_every_category_is_shown(chromium, report, width):
    with opened(chromium, report, width) as page:
        menu = page.locator("nav").first
        menu.get_by_text("Training", exact=True).wait_for()
        listed = menu.inner_text().partition("RESULTS")[2].split("\n")
        assert [line for line in listed if line] == CATEGORIES
        assert "invented" in page.inner_text("body")
        for category in CATEGORIES:
            choose_category(page, category)
            eyes = menu.locator("a[iconname=eye]")
            eyes.first.wait_for()
            assert eyes.count() == menu.locator("a[iconname=information-circle]").count() > 0
            for number in range(eyes.count()):
                eyes.nth(number).click()
                page.wait_for_function(IS_NEW, arg=RESULT)
                box = page.locator(RESULT).first.bounding_box()
                assert box["width"] > width / 3, (category, number)
                assert box["height"] > 60, (category, number)
                assert box["x"] >= 0, (category, number)
                assert box["x"] + box["width"] <= width + 1, (category, number)
            menu.get_by_role("link").filter(has=page.locator("svg")).nth(1).click()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_recommendations_can_be_filtered(chromium, finished, width):
    table = finished.folder / "results/recommendations/lgc-hard-fixed.parquet"
    proposals = pl.read_parquet(table)
    with opened(chromium, table.with_suffix(".html"), width) as page:
        names = set(proposals["track_name"])
        text = page.inner_text("body")
        assert sum(name in text for name in names) == len(names)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        wanted = proposals["track_name"][0]
        holders = proposals.filter(pl.col("track_name") == wanted)["playlist"].n_unique()
        page.get_by_role("searchbox").fill(wanted.upper())
        count = page.get_by_text(re.compile(r"\d+ of \d+ playlists"))
        page.wait_for_function("document.querySelectorAll('article:not([hidden])').length < 20")
        assert page.locator("article:visible").count() >= holders
        assert page.locator("article:visible").first.inner_text().find(wanted) >= 0
        assert count.inner_text().startswith(str(page.locator("article:visible").count()))
        page.get_by_role("searchbox").fill("no such name anywhere")
        page.wait_for_function("document.querySelectorAll('article:not([hidden])').length == 0")
