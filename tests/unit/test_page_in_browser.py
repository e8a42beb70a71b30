"""The page of `segue serve`, used in headless Chromium at two widths: by mouse, by keyboard alone, by axe."""

import re
from contextlib import contextmanager
from itertools import product

import polars as pl
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from command_cases import NUM_TRACKS, URI
from sizes import quick_or_long
from web_cases import listening_at, served_run

from segue.files import save_table
from segue.graph.tables import core_digest
from segue.scorers.baselines import ALS

WIDTHS = (1280, 400)  # pixels
OPTION = "[role=option]"
MARKUP = "<img src=x onerror=document.title='broken'>" + "W" * 150
METAL, METAL_HELD_OUT = "New Classic Metal 🔥", {"Song 1", "Song 4"}  # of ``write_served_run``


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    served = served_run(tmp_path_factory.mktemp("a run"), edit)
    host, port = listening_at(served)
    yield f"http://{host}:{port}/"
    served.close()


def edit(results):
    """Track 7 and playlist 9 are called MARKUP. ALS finds the held-out tracks of each playlist, whose tracks
    have one direction, their own. The network has a map."""
    _rename(results / "graph/tracks.parquet", "track_name", pl.col("track") == 7)
    _rename(results / "serving/tracks.parquet", "track_name", pl.col("track") == 7)
    _rename(results / "graph/playlists.parquet", "name", pl.col("pid") == 9)
    factors = torch.full((NUM_TRACKS, 4), 0.01)
    factors[torch.arange(60), torch.arange(60) % 3] = 1
    uris = pl.read_parquet(results / "graph/tracks.parquet")["track_uri"]
    facts = {"catalogue": core_digest(uris), "model": "als"}
    ALS(factors, 0.1, 10.0, facts).save(results / "models/als/scorer.safetensors")
    places = {
        "epoch": [1, 1, 1, 2, 2, 2],
        "playlist": [0, 1, 2] * 2,
        **{axis: [0.0, 1, 2, 3, 5, 4] for axis in "xyz"},
    }
    schema = {"epoch": pl.Int32, "playlist": pl.Int32, **dict.fromkeys("xyz", pl.Float32)}
    save_table(pl.DataFrame(places, schema), results / "maps/lgc-random-fixed.parquet")


def _rename(path, column, rows):
    renamed = pl.when(rows).then(pl.lit(MARKUP)).otherwise(column).alias(column)
    save_table(pl.read_parquet(path).with_columns(renamed), path)


@contextmanager
def opened(chromium, address, width, scheme="light", refusals=0):
    """A page of ``address``, which must stay within the window, ask this server alone, and log nothing but
    the number of ``refusals``."""
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("console", lambda entry: faults.append(f"{entry.type}: {entry.text}"))
    page.on(
        "request", lambda request: request.url.startswith((address, "data:")) or faults.append(request.url)
    )
    page.goto(address)
    page.locator("#examples button").first.wait_for()
    yield page
    assert beyond(page) == []
    assert page.title() == "Segue · Built-in sample"
    context.close()
    assert (
        faults
        == ["error: Failed to load resource: the server responded with a status of 400 (Bad Request)"]
        * refusals
    )


def beyond(page):
    """Elements that leave the window to the left or right."""
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter(element => {
            const {left, right, width} = element.getBoundingClientRect();
            return width && (left < -1 || right > innerWidth + 1);
        }).map(element => element.outerHTML.slice(0, 80))"""
    )


def add_track(page, text):
    field = page.get_by_role("combobox", name="Add a track")
    field.fill(text)
    page.locator(OPTION).first.click()
    settled(page)


def settled(page):
    """Until answers are there for what was asked last."""
    page.locator("#columns[aria-busy=false] .proposal").first.wait_for()


def names(page, where):
    return page.locator(f"{where} .name").all_inner_texts()


def pulling(proposal):
    return proposal.locator(".why").text_content().removeprefix("Pulled by ").split(" · ")


@pytest.mark.parametrize("width", quick_or_long([400], WIDTHS))
def test_a_playlist_is_built_and_continued(chromium, address, width):
    with opened(chromium, address, width) as page:
        add_track(page, "song 12")
        add_track(page, "artist 3 song 10")
        assert names(page, "#tracks") == ["Song 12", "Song 10"]
        columns = page.locator(".column")
        shown = 20 if width == 1280 else 10
        assert [column.locator(".proposal").count() for column in columns.all()] == [shown, shown]
        lefts = [column.bounding_box()["x"] for column in columns.all()]
        assert (lefts[0] < lefts[1]) == (width == 1280)  # side by side, or below each other
        proposed = columns.nth(0).locator(".proposal").nth(2)
        title = proposed.locator(".name").inner_text()
        assert sorted(pulling(proposed)) == ["Song 10", "Song 12"]
        proposed.hover()
        assert page.locator("#tracks .pulls").count() == 2
        proposed.click()
        page.wait_for_function("title => ![...document.querySelectorAll('.proposal .name')].some("
                               "name => name.textContent === title)", arg=title)  # fmt: skip
        assert names(page, "#tracks") == ["Song 12", "Song 10", title]
        page.get_by_role("button", name=re.compile("^Remove Song 12 ")).click()
        assert names(page, "#tracks") == ["Song 10", title]
        page.get_by_role("button", name="Undo").click()
        assert names(page, "#tracks") == ["Song 12", "Song 10", title]
        page.get_by_role("button", name="Show more").click()
        page.locator(f".column:first-child li:nth-child({2 * shown}) .proposal").wait_for()


def test_by_keyboard_alone(chromium, address):
    with opened(chromium, address, 1280) as page:
        press = page.keyboard.press

        def tab_to(selector, key="Tab"):
            for _ in range(40):
                press(key)
                if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                    return outline == "solid" or pytest.fail(f"{selector}: its focus is not to be seen")
            raise AssertionError(f"{selector} is not reached")

        tab_to("#title")
        page.keyboard.type("Road Trip")
        tab_to("#track")
        for text in ("song 20", "song 21", "song 22"):
            page.keyboard.type(text)
            page.locator(OPTION).first.wait_for()
            press("Enter")
        settled(page)
        assert names(page, "#tracks") == ["Song 20", "Song 21", "Song 22"]
        tab_to(".handle")
        press("ArrowDown")
        press("ArrowDown")
        assert names(page, "#tracks") == ["Song 21", "Song 22", "Song 20"]
        assert "Song 20 by Artist 6 is number 3 now" in page.locator("#status").inner_text()
        press("Delete")
        assert names(page, "#tracks") == ["Song 21", "Song 22"]
        assert page.evaluate("document.activeElement.matches('#tracks li:last-child .handle')")
        settled(page)
        tab_to(".proposal")
        press("ArrowDown")
        press("ArrowRight")
        title = page.evaluate("document.activeElement.querySelector('.name').textContent")
        assert title == names(page, ".column:nth-child(2) .proposals li:nth-child(2)")[0]
        press("Enter")
        page.get_by_text(f"Added {title}").wait_for(state="attached")
        settled(page)
        assert names(page, "#tracks") == ["Song 21", "Song 22", title]
        assert page.evaluate(
            "document.activeElement.matches('.column:nth-child(2) li:nth-child(2) .proposal')"
        )
        tab_to("#compare", "Shift+Tab")
        press("Enter")
        assert page.evaluate("document.activeElement.matches('.column:nth-child(3) select')")
        settled(page)
        assert page.locator(".column").count() == 3
        tab_to("#open-known", "Shift+Tab")
        press("Enter")
        page.keyboard.type("classic")
        page.locator(OPTION, has_text=METAL).wait_for()
        press("Escape")  # closes the list alone
        assert page.get_by_role("dialog").is_visible()
        press("Escape")
        assert not page.get_by_role("dialog").is_visible()


def test_a_playlist_of_the_run_with_hits_and_its_place_on_the_map(chromium, address):
    with opened(chromium, address, 1280) as page:
        before = page.get_by_role("img", name="Map of 3 playlists after epoch 2").screenshot()
        page.get_by_role("button", name=METAL).click()
        settled(page)
        assert "2 tracks of it held out" in page.locator("#known").inner_text()
        for column in page.locator(".column").all():
            marked = set(names(column, ".proposal:has(.hit)"))
            assert marked == set(names(column, ".proposal")) & METAL_HELD_OUT
            assert column.locator(".found").inner_text() == f"✓ {len(marked)} of 2 held-out tracks"
        nearest = page.locator("#nearest button")
        nearest.first.wait_for()
        titles = nearest.all_inner_texts()
        assert sorted(titles) == sorted(["Road Trip", METAL, MARKUP])
        said = page.get_by_role("img").get_attribute("aria-label")
        assert said.endswith(f"Yours lies nearest to {', '.join(titles)}")
        assert page.get_by_role("img").screenshot() != before

        page.get_by_label("Model of column 1").select_option(
            label="ALS"
        )  # which changes places with the other
        settled(page)
        assert page.get_by_label("Model of column 2").input_value() == "lgc-random-fixed"
        assert set(names(page, ".column:first-child")[:2]) == METAL_HELD_OUT
        copy_column(page)
        page.locator(".hit").first.click()
        page.get_by_text("✓ 1 of 1 held-out tracks").first.wait_for()
        nearest.last.click()
        page.wait_for_function("title => document.getElementById('title').value === title", arg=titles[-1])


def copy_column(page):
    column = page.locator(".column").first
    column.get_by_role("button", name="Copy uris").click()
    uris = [one.get_attribute("data-uri") for one in column.locator(".proposal").all()]
    assert page.evaluate("navigator.clipboard.readText()").split("\n") == uris
    column.get_by_role("button", name="Copy CSV").click()
    page.wait_for_function("() => navigator.clipboard.readText().then(text => text.startsWith('rank,'))")
    table = pl.read_csv(page.evaluate("navigator.clipboard.readText()").encode())
    assert table["track_uri"].to_list() == uris
    assert table["track_name"].to_list() == names(column, ".proposals")
    assert table["rank"].to_list() == list(range(1, 21))
    assert table["score"].is_sorted(descending=True)


@pytest.mark.parametrize("width", quick_or_long([1280], WIDTHS))
def test_a_list_is_pasted_or_dropped_and_no_name_is_markup(chromium, address, width):
    with opened(chromium, address, width) as page:
        page.get_by_role("button", name="Paste a list").click()
        page.get_by_label("A track a line").fill(f"{URI(3)}\n{MARKUP}\nArtist 0 - {MARKUP}\n")
        page.get_by_role("button", name="Add these").click()
        page.get_by_role("table").wait_for()
        assert page.locator("#read-result").inner_text().startswith("Added 2 tracks. 1 row left out:")
        row = page.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()
        assert row[0] == "line 2"
        assert MARKUP[:40] in row[1]  # of long rows the server tells the beginning
        assert "names no track" in row[2]
        page.get_by_role("button", name="Close").click()
        assert names(page, "#tracks") == ["Song 3", MARKUP]
        page.evaluate(
            """lines => {
                const dropped = new DataTransfer();
                dropped.items.add(new File([lines], "mine.csv"));
                document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true}));
            }""",
            f"title,artist\n{MARKUP},Artist 0\nSong 8,Artist 1\n",
        )
        page.get_by_text("Added 1 track. 1 were on it already.").wait_for(state="attached")
        assert names(page, "#tracks") == ["Song 3", MARKUP, "Song 8"]
        add_track(page, "<img")
        page.get_by_role("button", name="Playlists of the run").click()
        page.get_by_role("combobox", name="Words of its title").fill("img")
        assert page.locator(OPTION).first.locator(".name").inner_text() == MARKUP
        assert page.locator("img").count() == 0


def test_rows_are_dragged_and_the_address_keeps_all(chromium, address):
    with opened(chromium, address, 1280) as page:
        page.get_by_label("Title", exact=True).fill("Ærlig & <b>")
        for text in ("song 30", "song 31", "song 32"):
            add_track(page, text)
        page.get_by_label("Model of column 1").select_option("knn")
        last, first = (page.locator(".handle").nth(place).bounding_box() for place in (2, 0))
        page.mouse.move(last["x"] + 5, last["y"] + 5)
        page.mouse.down()
        page.mouse.move(first["x"] + 5, first["y"] + 2, steps=5)
        page.mouse.up()
        assert names(page, "#tracks") == ["Song 32", "Song 30", "Song 31"]
        page.wait_for_function("() => /model=knn.*32&track.*30&track.*31$/.test(location.hash)")
        page.reload()
        settled(page)
        assert names(page, "#tracks") == ["Song 32", "Song 30", "Song 31"]
        assert page.get_by_label("Title", exact=True).input_value() == "Ærlig & <b>"
        assert page.get_by_label("Model of column 1").input_value() == "knn"


def test_faults_are_told_and_late_answers_dropped(chromium, address):
    with opened(chromium, address, 400, refusals=1) as page:
        waiting = []
        page.route("**/api/continue", lambda route: waiting.append(route))
        for text in ("song 40", "song 41"):
            page.get_by_role("combobox", name="Add a track").fill(text)
            page.locator(OPTION).first.click()
            page.wait_for_function("() => document.querySelectorAll('#tracks li').length > 0")
            page.wait_for_timeout(200)
        assert page.locator("#columns").get_attribute("aria-busy") == "true"
        waiting[1].continue_()
        settled(page)
        assert {name for one in page.locator(".proposal").all() for name in pulling(one)} == {
            "Song 40",
            "Song 41",
        }
        waiting[0].abort()  # which nobody waits for
        assert page.get_by_role("alert").count() == 0
        refusal = {
            "what": "Too many.",
            "where": "",
            "found": "501",
            "expected": "500",
            "fix": "remove <b>one</b>",
        }
        page.route("**/api/continue", lambda route: route.fulfill(status=400, json={"error": refusal}))
        page.get_by_label("Title", exact=True).fill("x")
        told = page.get_by_role("alert")
        told.wait_for()
        assert told.inner_text().replace("\n\n", "\n").split("\n") == [
            "Too many.", "Found", "501", "Expected", "500", "Next step", "remove <b>one</b>"
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("width", "scheme"),
    quick_or_long([(1280, "light"), (400, "dark")], [*product(WIDTHS, ("light", "dark"))]),
)
def test_nothing_keeps_anyone_out(chromium, address, width, scheme):
    """Contrast, names and roles, by axe-core."""
    with opened(chromium, address, width, scheme, refusals=1) as page:

        def check(state):
            found = Axe().run(page).response["violations"]
            faults = [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]
            assert faults == [], state

        check("nothing on it yet")
        page.get_by_role("combobox", name="Add a track").fill("song")
        page.locator(OPTION).first.wait_for()
        check("options")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="New Classic Metal 🔥").click()
        settled(page)
        page.locator(".proposal").nth(1).focus()
        check("proposals")
        page.get_by_role("button", name="Paste a list").click()
        page.get_by_role("button", name="Add these").click()
        page.get_by_role("alert").wait_for()
        check("a fault in a dialog")
