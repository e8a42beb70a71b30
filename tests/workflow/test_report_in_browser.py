"""The report and the recommendations page, opened and used in headless Chromium."""

import re
from contextlib import contextmanager
from urllib.parse import quote

import polars as pl
import pytest

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
# The page of Snakemake itself says so; nothing is fetched.
KNOWN_WARNING = "cdn.tailwindcss.com should not be used in production"


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
